// A reset drops the value that the reference is to.
use arenula::DropArena;

fn main() {
    let mut arena = DropArena::new();
    let kept = arena.alloc(String::from("gone"));
    arena.reset();
    println!("{kept}");
}
