// Inside, one would allocate with the outer scope's lifetime, and the inner one's end would give it
// back.
use std::mem;

use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        outer.scope(|mut inner| {
            let _ = mem::replace(&mut inner, outer);
            inner.alloc(1);
        });
    });
}
