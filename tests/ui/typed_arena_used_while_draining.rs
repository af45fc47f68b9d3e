// The new value would lie in a slot that the drain has not read yet.
use arenula::TypedArena;

fn main() {
    let mut arena = TypedArena::new();
    arena.alloc(String::from("first"));
    for value in arena.drain() {
        arena.alloc(value);
    }
}
