// The box would give its slot back to a pool that is gone.
use arenula::pool::Pool;

fn main() {
    let pool = Pool::new();
    let boxed = pool.alloc(String::from("text"));
    drop(pool);
    println!("{boxed}");
}
