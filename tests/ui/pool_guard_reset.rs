// What was allocated through former guards is still referred to.
use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let mut guard = pool.get();
    guard.reset();
}
