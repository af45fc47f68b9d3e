// The box gives its slot back there, while another is taken here.
use arenula::pool::Pool;

fn main() {
    let pool = Pool::new();
    let boxed = pool.alloc(1);
    std::thread::scope(|s| {
        s.spawn(move || drop(boxed));
        drop(pool.alloc(2));
    });
}
