// Shrinking forgets what was promised to boxes, and gives back what they do not hold.
use arenula::pool::Pool;

fn main() {
    let mut pool = Pool::new();
    let boxed = pool.alloc(1);
    pool.shrink_to_fit();
    println!("{boxed}");
}
