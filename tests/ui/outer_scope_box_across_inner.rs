// A box gives its block back when it is dropped, and its allocator could be taken out of it to
// allocate with while the inner scope is open.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let boxed = outer.alloc_box(1);
        outer.scope(|inner| *inner.alloc(2) += *boxed);
        println!("{boxed}");
    });
}
