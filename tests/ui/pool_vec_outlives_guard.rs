// The vector would grow in an arena that somebody else has leased.
use arenula::sync::ArenaPool;
use arenula::vec::Vec;

fn main() {
    let pool = ArenaPool::new();
    let mut numbers = {
        let guard = pool.get();
        Vec::<u8, _>::new_in(&guard)
    };
    numbers.push(1);
}
