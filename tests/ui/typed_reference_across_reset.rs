// A reset drops the value that the reference is to.
use arenula::TypedArena;

fn main() {
    let mut arena = TypedArena::new();
    let kept = arena.alloc(String::from("gone"));
    arena.reset();
    println!("{kept}");
}
