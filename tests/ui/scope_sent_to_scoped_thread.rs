// The new thread would allocate from an arena that this one may hold a box of.
use std::thread;

use arenula::Arena;

fn run_beside<'scope>(
    threads: &'scope thread::Scope<'scope, '_>,
    f: impl FnOnce() + Send + 'scope,
) {
    threads.spawn(f);
}

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        thread::scope(|threads| run_beside(threads, move || *s.alloc(0) += 1));
    });
}
