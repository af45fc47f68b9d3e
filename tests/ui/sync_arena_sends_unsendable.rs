// The counts of an `Rc` would be changed by two threads at the same time.
use std::rc::Rc;

use arenula::sync::SyncArena;

fn main() {
    let arena = SyncArena::new();
    let shared = Rc::new(1);
    let there = arena.alloc(shared.clone());
    std::thread::scope(|threads| {
        threads.spawn(move || drop(Rc::clone(there)));
    });
}
