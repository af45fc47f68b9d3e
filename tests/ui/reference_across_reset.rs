// A reset hands the same bytes out again: two values would share them.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let kept = arena.alloc(1);
    arena.reset();
    println!("{kept}");
}
