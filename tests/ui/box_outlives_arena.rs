// The box is dropped after the arena: its destructor would run on freed memory.
use arenula::Arena;

fn main() {
    let kept;
    let arena = Arena::new();
    kept = arena.alloc_box(String::from("text"));
    println!("{kept}");
}
