// The scope's own `scope` is the one to be called: a `&mut Arena` would also allow a reset.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| Arena::scope(s, |inner| *inner.alloc(1)));
}
