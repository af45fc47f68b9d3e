// Its values may be such that can't be sent.
use std::thread;

use arenula::DropArena;

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let arena = DropArena::new();
    arena.alloc(String::from("text"));
    run(move || drop(arena));
}
