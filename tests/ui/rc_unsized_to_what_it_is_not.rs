// It has no such trait: there would be no table of methods.
use arenula::rc::{Rc, unsize};

fn main() {
    let shared = Rc::new([1_u8; 2]);
    let _ = unsize!(shared => dyn std::fmt::Display);
}
