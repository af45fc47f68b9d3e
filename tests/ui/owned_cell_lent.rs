// Lent with a shorter lifetime, the cell would take what dies before it.
use std::cell::Cell;

use arenula::{CovariantRoot, Owned, Root};

struct Slot<'a>(Cell<Option<&'a str>>);

impl Root for Slot<'_> {
    type Of<'a> = Slot<'a>;
}

impl CovariantRoot for Slot<'_> {
    fn shrink<'short, 'long: 'short>(root: &'short Slot<'long>) -> &'short Slot<'short> {
        root
    }
}

fn main() {
    let slot = Owned::<Slot>::new(|_| Slot(Cell::new(None)));
    slot.get().0.set(Some("text"));
}
