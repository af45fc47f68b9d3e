// Two threads would write to the same slot.
use std::thread;

use arenula::TypedArena;

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let arena = TypedArena::<i32>::new();
    let shared = &arena;
    run(move || *shared.alloc(1) += 1);
}
