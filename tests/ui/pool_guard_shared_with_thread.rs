// Two threads would move the same cursor at the same time.
use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let guard = pool.get();
    std::thread::scope(|threads| {
        threads.spawn(|| *guard.alloc(1) += 1);
        guard.alloc(2);
    });
}
