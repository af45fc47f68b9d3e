// A scope that was made from `&Arena` could stand beside another one, and outlive it.
use arenula::{Arena, Scope};

fn main() {
    let arena = Arena::new();
    let made = Scope { arena: &arena };
    made.alloc(1);
}
