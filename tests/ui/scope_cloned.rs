// A scope of its own could be kept beside an inner one, or swapped for another.
use arenula::{Arena, Scope};

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let copy: Scope<'_> = s.clone();
        copy.alloc(1);
    });
}
