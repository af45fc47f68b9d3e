// The outer scope must not be reachable while the inner one is open, not even to be swapped.
use std::mem;

use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        outer.scope(|inner| mem::swap(outer, inner));
    });
}
