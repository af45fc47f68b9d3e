// What the iterator lends and counts must not change under it.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.alloc(1);
    for chunk in arena.iter_chunks() {
        arena.alloc(chunk.len());
    }
}
