// The thread is joined after the scope's end: it would write to memory that was handed out again.
use std::thread;

use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    thread::scope(|threads| {
        arena.scope(|s| {
            let value = s.alloc(0);
            threads.spawn(move || *value += 1);
        });
    });
}
