// Two threads would move the same cursor at the same time, and get the same bytes.
use std::sync::Arc;
use std::thread;

use arenula::Arena;

fn run_on_a_thread(f: impl FnOnce() + Send + 'static) {
    thread::spawn(f).join().unwrap();
}

fn main() {
    let arena = Arc::new(Arena::new());
    let shared = Arc::clone(&arena);
    run_on_a_thread(move || *shared.alloc(0) += 1);
    arena.alloc(2);
}
