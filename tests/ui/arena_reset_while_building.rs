// The closure would free the very slot that its result is about to be written to.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.alloc_with(|| {
        arena.reset();
        1
    });
}
