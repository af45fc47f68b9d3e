// The arena is reset when it goes back to the pool.
use std::sync::Arc;

use arenula::sync::ArenaPool;

fn main() {
    let pool = Arc::new(ArenaPool::new());
    let kept = {
        let arena = pool.get_owned();
        arena.alloc(1)
    };
    println!("{kept}");
}
