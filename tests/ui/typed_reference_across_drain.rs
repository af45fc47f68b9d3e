// A drain moves the value out from under the reference.
use arenula::TypedArena;

fn main() {
    let mut arena = TypedArena::new();
    let kept = arena.alloc(String::from("taken"));
    drop(arena.drain());
    println!("{kept}");
}
