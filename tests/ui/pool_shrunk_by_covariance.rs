// Through the shorter type a text is recycled that the longer one takes for a static.
use arenula::pool::{Pool, Recycle};

struct Name<'a>(&'a str);

impl Recycle for Name<'_> {
    fn recycle(&mut self) {}
}

fn shrink<'x, 'short>(pool: &'x Pool<Name<'static>>) -> &'x Pool<Name<'short>> {
    pool
}

fn main() {
    let pool = Pool::new();
    {
        let text = String::from("gone");
        drop(shrink(&pool).alloc_recycled(|| Name(&text)));
    }
    println!("{}", pool.alloc_recycled(|| Name("new")).0);
}
