// `Deref` is no unsizing: the block would be freed with the size of another value.
use std::ops::Deref;

use arenula::rc::{Rc, unsize};

struct Outer([u8; 4]);

impl Deref for Outer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0[1..]
    }
}

fn main() {
    let _ = unsize!(Rc::new(Outer([0; 4])) => [u8]);
}
