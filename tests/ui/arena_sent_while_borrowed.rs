// Two threads would use the arena's memory: one through the reference, one through the arena.
use std::thread;

use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let kept = arena.alloc(1);
    let thread = thread::spawn(move || println!("{}", arena.alloc(2)));
    println!("{kept}");
    thread.join().unwrap();
}
