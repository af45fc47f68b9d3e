// The scope may be an inner one: the reset would free what the outer ones and the arena have lent.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| s.reset());
}
