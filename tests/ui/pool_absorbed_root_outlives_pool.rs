// The pool has the arena that the root borrows from.
use arenula::Owned;
use arenula::sync::ArenaPool;

fn main() {
    let mut pool = ArenaPool::new();
    let owned = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let text: &str = pool.absorb(owned);
    pool.reset();
    println!("{text}");
}
