// Through the scope's `Deref` it is the borrow that counts: an inner scope would give the slice back.
use arenula::vec::VecExt;
use arenula::{Arena, Scope};

fn lent<'s>(scope: &Scope<'s>) -> &'s mut [u8] {
    let arena: &Arena = scope;
    let mut values = arena.vec();
    values.push(1);
    values.into_slice()
}

fn main() {
    let _ = lent;
}
