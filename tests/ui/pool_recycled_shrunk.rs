// The value goes back to the pool with a text that lives shorter than those which the pool has.
use arenula::pool::{Pool, Recycle, Recycled};

struct Name<'a>(&'a str);

impl Recycle for Name<'_> {
    fn recycle(&mut self) {}
}

fn shrink<'p, 'short>(name: Recycled<'p, Name<'static>>) -> Recycled<'p, Name<'short>> {
    name
}

fn main() {
    let pool = Pool::new();
    {
        let text = String::from("gone");
        shrink(pool.alloc_recycled(|| Name("static"))).0 = &text;
    }
    println!("{}", pool.alloc_recycled(|| Name("new")).0);
}
