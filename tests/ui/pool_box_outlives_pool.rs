// The box is dropped after the pool: it would give its slot back to freed memory.
use arenula::pool::Pool;

fn main() {
    let kept;
    let pool = Pool::new();
    kept = pool.alloc(1);
    println!("{kept}");
}
