// The pool could be dropped where it is moved to.
use arenula::pool::Pool;

fn main() {
    let pool = Pool::new();
    let boxed = pool.alloc(1);
    let moved = Box::new(pool);
    drop(boxed);
    drop(moved);
}
