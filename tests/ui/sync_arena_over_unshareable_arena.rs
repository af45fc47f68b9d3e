// Two threads would ask the same `Arena` for chunks at the same time.
use arenula::Arena;
use arenula::sync::SyncArena;

fn main() {
    let outer = Arena::new();
    let arena = SyncArena::new_in(&outer);
    std::thread::scope(|threads| {
        threads.spawn(|| *arena.alloc(1) += 1);
    });
}
