// Two threads would take the same slot.
use arenula::pool::Pool;

fn main() {
    let pool = Pool::new();
    std::thread::scope(|s| {
        s.spawn(|| drop(pool.alloc(1)));
        drop(pool.alloc(2));
    });
}
