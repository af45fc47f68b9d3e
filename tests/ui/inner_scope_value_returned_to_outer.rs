// The outer scope's life is longer than that of what was allocated in the inner one.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let dangling = outer.scope(|inner| inner.alloc(1));
        println!("{dangling}");
    });
}
