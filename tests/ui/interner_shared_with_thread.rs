// Two threads would add to an index that only one may use at a time.
use std::thread;

use arenula::Interner;

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let interner = Interner::new();
    let shared = &interner;
    run(move || _ = shared.intern("a"));
}
