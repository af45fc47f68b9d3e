// Who gets the arena can drop it: the reference would dangle.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let kept = arena.alloc(1);
    let moved = arena;
    println!("{kept} {moved:?}");
}
