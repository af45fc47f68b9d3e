// One thread would read a value while another writes it.
use std::thread;

use arenula::FrozenArena;

fn run<F: FnOnce() + Send>(f: F) {
    thread::scope(|threads| {
        threads.spawn(f);
    });
}

fn main() {
    let arena = FrozenArena::<i32>::new();
    let shared = &arena;
    run(move || drop(shared.push(1)));
}
