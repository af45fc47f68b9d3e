// Where other threads are in their parts of the arena only they know.
use arenula::sync::SyncArena;

fn main() {
    let arena = SyncArena::new();
    let kept = arena.alloc(1);
    let shared = &arena;
    println!("{}", shared.stats());
    *kept += 1;
}
