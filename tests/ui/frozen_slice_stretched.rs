// A slice of an inner scope would be handed out as one of the outer.
use arenula::Scope;
use arenula::vec::{Vec, VecExt};

fn stretched<'outer, 'inner>(values: Vec<u8, &Scope<'inner>>) -> &'outer mut [u8]
where
    'outer: 'inner,
{
    values.into_slice()
}

fn main() {
    let _ = stretched;
}
