// Of a generic handle's kind a method could be anybody's, and an unsafe one would need no `unsafe` here.
use arenula::rc::{Rc, unsize, unsize::sealed::Handle};

trait Runs: Sized {
    /// # Safety
    ///
    /// Never to be called.
    unsafe fn put_together<U: ?Sized>(self, _: *const U) {
        // SAFETY: as promised.
        unsafe { std::hint::unreachable_unchecked() }
    }
}

impl<K> Runs for K {}

fn run<H: Handle<Value = [u8; 2]>>(handle: H) {
    let () = unsize!(handle => [u8]);
}

fn main() {
    run(Rc::new([0; 2]));
}
