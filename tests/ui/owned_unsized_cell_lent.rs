// By value the compiler makes such a cell's lifetime shorter, as it unsizes. Behind a reference it must not.
use std::cell::RefCell;
use std::fmt::Display;

use arenula::{CovariantRoot, Root};

enum Shown {}

impl Root for Shown {
    type Of<'a> = RefCell<Box<dyn Display + 'a>>;
}

impl CovariantRoot for Shown {
    fn shrink<'short, 'long: 'short>(
        root: &'short RefCell<Box<dyn Display + 'long>>,
    ) -> &'short RefCell<Box<dyn Display + 'short>> {
        root
    }
}

fn main() {}
