// A reset hands the same bytes out again: two values would share them.
use arenula::sync::SyncArena;

fn main() {
    let mut arena = SyncArena::new();
    let kept = arena.alloc(1);
    arena.reset();
    println!("{kept}");
}
