// What lies in the arena of an inner owner goes with that one, though its chunks are the outer one's.
use std::cell::Cell;

use arenula::{Arena, Owned, Root};

enum Slot {}

impl Root for Slot {
    type Of<'a> = Cell<Option<&'a str>>;
}

fn main() {
    let mut outer = Owned::<Slot>::new(|_| Cell::new(None));
    outer.with_mut(|slot, arena| {
        let inner = Owned::<&str, 8, _>::new_in(Arena::new_in(arena), |arena| arena.alloc_str("text"));
        inner.with(|text| slot.set(Some(*text)));
        drop(inner);
        println!("{:?}", slot.get());
    });
}
