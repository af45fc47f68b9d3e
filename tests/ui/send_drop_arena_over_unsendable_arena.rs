// The arena below is still used by this thread.
use std::thread;

use arenula::{Arena, DropArena};

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let below = Arena::new();
    let arena = DropArena::sendable_over(Arena::new_in(&below));
    run(move || drop(arena));
    below.alloc(1);
}
