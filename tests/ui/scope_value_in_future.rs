// The future is polled after the scope's end: it would read memory that was given back.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let future = arena.scope(|s| {
        let value = s.alloc(1);
        async move { *value }
    });
    drop(future);
}
