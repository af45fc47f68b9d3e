// A reset drops the value that the reference is to.
use arenula::FrozenArena;

fn main() {
    let mut arena = FrozenArena::new();
    let kept = arena.alloc(String::from("gone"));
    arena.reset();
    println!("{kept}");
}
