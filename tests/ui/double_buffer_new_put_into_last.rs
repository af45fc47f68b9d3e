// Where the next root does not come to be, its memory is used again, and the last one would point there.
use std::cell::Cell;

use arenula::{DoubleBuffer, Root};

struct Slot<'a>(Cell<Option<&'a str>>);

impl Root for Slot<'_> {
    type Of<'a> = Slot<'a>;
}

fn main() {
    let mut slot = DoubleBuffer::<Slot>::new(|_| Slot(Cell::new(None)));
    slot.advance(|last, arena| {
        last.0.set(Some(arena.alloc_str("next")));
        Slot(Cell::new(None))
    });
}
