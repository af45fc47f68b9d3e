// The reference would point to memory that was freed.
use arenula::sync::SyncArena;

fn main() {
    let kept = {
        let arena = SyncArena::new();
        arena.alloc(1)
    };
    println!("{kept}");
}
