// The reference would point to memory that was freed.
use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let kept = pool.get().alloc(1);
    drop(pool);
    println!("{kept}");
}
