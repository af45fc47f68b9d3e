// What may not be sent is not sent by way of a pool.
use std::cell::Cell;

use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let cell = &*pool.get().alloc(Cell::new(1));
    std::thread::scope(|threads| {
        threads.spawn(|| cell.set(2));
        cell.set(3);
    });
}
