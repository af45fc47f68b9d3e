// The inner arena gets its chunks from the outer one, which would then be used by two threads at the
// same time.
use std::thread;

use arenula::Arena;

fn run_beside<'scope>(
    threads: &'scope thread::Scope<'scope, '_>,
    f: impl FnOnce() + Send + 'scope,
) {
    threads.spawn(f);
}

fn main() {
    let outer = Arena::new();
    let inner = Arena::new_in(&outer);
    thread::scope(|threads| {
        run_beside(threads, move || *inner.alloc(0) += 1);
        outer.alloc(2);
    });
}
