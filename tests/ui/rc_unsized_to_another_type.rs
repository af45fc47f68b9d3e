// That is no unsizing: bytes would be taken for text, and a number for another.
use arenula::rc::{Rc, unsize};

fn main() {
    let _ = unsize!(Rc::new([1_u8; 2]) => str);
    let _ = unsize!(Rc::new(1_u8) => u64);
    let _ = unsize!(Rc::new([1_u8; 2]) => [u16]);
}
