// The old arena would be dropped, and the reference dangle.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let kept = arena.alloc(1);
    arena = Arena::new();
    println!("{kept} {arena:?}");
}
