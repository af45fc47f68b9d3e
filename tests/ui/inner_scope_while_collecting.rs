// The slice that grows in the outer scope would grow into what the inner scope's end gives back.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let numbers = (0..100).map(|n| outer.scope(|inner| *inner.alloc(n)));
        outer.alloc_iter(numbers);
    });
}
