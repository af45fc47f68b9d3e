// Two threads would ask one arena for memory.
use std::thread;

use arenula::Arena;
use arenula::sync::SyncInterner;

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let arena = Arena::new();
    let interner = SyncInterner::new_in(&arena);
    let shared = &interner;
    run(move || _ = shared.intern("a"));
}
