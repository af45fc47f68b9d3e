// The scope's end would give the value back, though it is lent for the arena's life.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        s.alloc(1);
        arena.alloc(2);
    });
}
