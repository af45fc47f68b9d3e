// A reset hands the same bytes out again: two values would share them.
use arenula::sync::ArenaPool;

fn main() {
    let mut pool = ArenaPool::new();
    let kept = pool.get().alloc(1);
    pool.reset();
    println!("{kept}");
}
