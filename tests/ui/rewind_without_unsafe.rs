// Nothing checks that no reference from after the checkpoint is left: that is the caller's promise.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let start = arena.checkpoint();
    let kept = arena.alloc(1);
    arena.rewind(start);
    println!("{kept}");
}
