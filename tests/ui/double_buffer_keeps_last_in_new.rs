// The last root's memory is given back when the next one is there.
use arenula::{DoubleBuffer, Root};

struct List<'a>(Option<&'a List<'a>>);

impl Root for List<'_> {
    type Of<'a> = List<'a>;
}

fn main() {
    let mut list = DoubleBuffer::<List>::new(|_| List(None));
    list.advance(|last, arena| List(Some(arena.alloc(List(last.0)))));
}
