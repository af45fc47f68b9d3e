// Two threads would link their records to the same place.
use std::thread;

use arenula::{DropArena, SendDropArena};

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let arena: SendDropArena<'static> = DropArena::sendable();
    let shared = &arena;
    run(move || shared.alloc(String::from("text")).push('!'));
}
