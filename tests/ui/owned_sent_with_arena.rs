// A vector in the arena holds a reference to it, which only one thread may have.
use arenula::vec::Vec;
use arenula::{Arena, Owned, Root};

enum Numbers {}

impl Root for Numbers {
    type Of<'a> = Vec<i32, &'a Arena>;
}

fn main() {
    let numbers = Owned::<Numbers>::new(|arena| Vec::new_in(arena));
    std::thread::spawn(move || numbers.with(|numbers| numbers.len()));
}
