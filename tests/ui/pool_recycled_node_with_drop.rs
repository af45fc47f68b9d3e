// The pool drops what is recycled: its destructor would look at a text that is gone already.
use arenula::pool::{Pool, Recycle};

struct Name<'a>(&'a str);

impl Recycle for Name<'_> {
    fn recycle(&mut self) {}
}

impl Drop for Name<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let pool = Pool::new();
    let text = String::from("gone");
    drop(pool.alloc_recycled(|| Name(&text)));
}
