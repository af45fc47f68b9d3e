// Two threads would change the number at the same time.
use std::cell::Cell;

use arenula::{Owned, Root};

struct Count<'a>(&'a str, Cell<i32>);

impl Root for Count<'_> {
    type Of<'a> = Count<'a>;
}

fn main() {
    let count = Owned::<Count>::new(|_| Count("count", Cell::new(0)));
    std::thread::scope(|threads| {
        threads.spawn(|| count.with(|count| count.1.set(1)));
        count.with(|count| count.1.set(2));
    });
}
