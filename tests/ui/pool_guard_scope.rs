// In a scope the families of the guard would lend memory for the pool's lifetime that the scope's end takes back.
use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let mut guard = pool.get();
    guard.scope(|s| s.alloc(1_u32).count_ones());
}
