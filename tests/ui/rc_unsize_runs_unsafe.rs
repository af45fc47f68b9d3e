// The macro's promise is for its own code: an expression in it is as any other.
use arenula::rc::{Rc, unsize};

unsafe fn made() -> Rc<[u8; 2]> {
    Rc::new([0; 2])
}

fn main() {
    let _ = unsize!(made() => [u8]);
}
