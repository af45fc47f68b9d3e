// Lent as it is, with a shorter lifetime, the cell would take what dies before it.
use std::cell::Cell;

use arenula::{Owned, Root};

struct Slot<'a>(Cell<Option<&'a str>>);

impl Root for Slot<'_> {
    type Of<'a> = Slot<'a>;
}

fn main() {
    let slot = Owned::<Slot>::new(|_| Slot(Cell::new(None)));
    let text = String::from("text");
    slot.get().0.set(Some(&text));
    drop(text);
    slot.with(|slot| println!("{:?}", slot.0.get()));
}
