// A destructor may use what its type is bound by: that has to hold for every lifetime of a root.
use std::cell::RefCell;

use arenula::Root;

thread_local! {
    static KEPT: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

trait Keep {
    fn keep(&self);
}

impl Keep for &'static str {
    fn keep(&self) {
        KEPT.with_borrow_mut(|kept| kept.push(self));
    }
}

struct Keeping<T: Keep>(T);

impl<T: Keep> Drop for Keeping<T> {
    fn drop(&mut self) {
        self.0.keep();
    }
}

enum Kept {}

impl Root for Kept {
    type Of<'a> = Keeping<&'a str>;
}

fn main() {}
