// The other thread would drop the values, beside what this one does with their counts.
use std::rc::Rc;
use std::thread;

use arenula::TypedArena;

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let mut arena = TypedArena::new();
    let shared = arena.alloc(Rc::new(1)).clone();
    let drain = arena.drain();
    run(move || drop(drain));
    drop(shared);
}
