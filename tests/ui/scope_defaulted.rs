// A scope that can be made of nothing could be swapped for the one that is lent.
use std::mem;

use arenula::{Arena, Scope};

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let mut spare = Scope::default();
        mem::swap(s, &mut spare);
    });
}
