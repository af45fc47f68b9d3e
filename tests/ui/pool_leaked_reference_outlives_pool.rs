// What is leaked lives as long as the pool is borrowed, and no longer.
use arenula::pool::{Pool, PoolBox};

fn main() {
    let kept: &mut u32;
    {
        let pool = Pool::new();
        kept = PoolBox::leak(pool.alloc(1));
    }
    println!("{kept}");
}
