// The other thread would drop the value, beside what this one does with its count.
use std::rc::Rc;
use std::thread;

use arenula::DropArena;

fn main() {
    let (arena, shared) = (DropArena::sendable(), Rc::new(1));
    arena.alloc(shared.clone());
    thread::spawn(move || drop(arena));
    drop(shared);
}
