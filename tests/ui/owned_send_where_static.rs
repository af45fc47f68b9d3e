// That a root may be sent whose lifetime is 'static says nothing of one that borrows from an arena.
use arenula::{Owned, Root};

struct Local<'a>(*const (), &'a str);

// SAFETY: for the sake of the example.
unsafe impl<'a> Send for Local<'a> where 'a: 'static {}

impl Root for Local<'_> {
    type Of<'a> = Local<'a>;
}

fn is_send<T: Send>(_: T) {}

fn main() {
    is_send(Owned::<Local>::new(|arena| {
        Local(std::ptr::null(), arena.alloc_str("text"))
    }));
}
