// That a root may be sent whose lifetime is 'static says nothing of one that borrows from an arena.
use arenula::{Owned, Root};

struct Local<'a>(*const (), &'a str);

// SAFETY: for the sake of the example.
unsafe impl Send for Local<'static> {}

impl Root for Local<'_> {
    type Of<'a> = Local<'a>;
}

fn main() {
    let local = Owned::<Local>::new(|arena| Local(std::ptr::null(), arena.alloc_str("text")));
    std::thread::spawn(move || local.with(|local| println!("{} {:?}", local.1, local.0)));
}
