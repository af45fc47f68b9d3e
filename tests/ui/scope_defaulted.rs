// A scope that can be made of nothing could be swapped for the one that is lent.
use std::mem;

use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let taken = mem::take(s);
        taken.alloc(1);
    });
}
