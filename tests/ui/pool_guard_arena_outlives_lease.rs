// Who takes the arena next would use it at the same time.
use arenula::Arena;
use arenula::sync::ArenaPool;

fn main() {
    let pool = ArenaPool::new();
    let arena: &Arena = {
        let guard = pool.get();
        &*guard
    };
    pool.get().alloc(1);
    arena.alloc(2);
}
