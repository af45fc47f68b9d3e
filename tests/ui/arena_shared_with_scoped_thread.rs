// Two threads would move the same cursor at the same time, and get the same bytes.
use std::thread;

use arenula::Arena;

fn run_beside<'scope>(
    threads: &'scope thread::Scope<'scope, '_>,
    f: impl FnOnce() + Send + 'scope,
) {
    threads.spawn(f);
}

fn main() {
    let arena = Arena::new();
    thread::scope(|threads| {
        run_beside(threads, || *arena.alloc(0) += 1);
        arena.alloc(2);
    });
}
