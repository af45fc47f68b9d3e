// With another arena in its place, the pool's memory would go with who took it, and be freed while it is referred to.
use arenula::Arena;
use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let mut guard = pool.get();
    let mut arena = Arena::new();
    std::mem::swap(&mut *guard, &mut arena);
}
