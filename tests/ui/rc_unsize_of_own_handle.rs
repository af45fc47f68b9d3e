// A type that gives out any pointer as a handle's.
use arenula::rc::{Rc, unsize, unsize::sealed::Handle};

struct Forged;

impl Handle for Forged {
    type Value = [u8; 2];
    type Kind = <Rc<[u8; 2]> as Handle>::Kind;

    fn take_apart(self) -> (*const [u8; 2], Self::Kind) {
        (std::ptr::null(), Rc::new([0; 2]).take_apart().1)
    }
}

fn main() {
    let _: Rc<[u8]> = unsize!(Forged => [u8]);
}
