// An arena that is lent cannot open a scope: what is allocated through the other loan meanwhile would
// be given back at the scope's end.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let lent = &arena;
    arena.scope(|_| lent.alloc(1));
}
