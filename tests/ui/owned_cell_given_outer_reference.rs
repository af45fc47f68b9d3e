// What can be written to through a shared reference takes nothing that lives shorter than the arena.
use std::cell::Cell;

use arenula::{Owned, Root};

struct Slot<'a>(Cell<Option<&'a str>>);

impl Root for Slot<'_> {
    type Of<'a> = Slot<'a>;
}

fn main() {
    let slot = Owned::<Slot>::new(|_| Slot(Cell::new(None)));
    {
        let local = String::from("local");
        slot.with(|slot| slot.0.set(Some(&local)));
    }
    slot.with(|slot| println!("{:?}", slot.0.get()));
}
