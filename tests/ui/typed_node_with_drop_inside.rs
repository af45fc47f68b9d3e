// The node has no destructor of its own, but what it holds has one, and looks at the other nodes.
use std::cell::Cell;
use std::fmt::Debug;

use arenula::TypedArena;

struct Noisy<T: Debug>(T);

impl<T: Debug> Drop for Noisy<T> {
    fn drop(&mut self) {
        println!("{:?}", self.0);
    }
}

fn main() {
    let nodes = TypedArena::new();
    let one = &*nodes.alloc((Noisy(Cell::new(None)), String::from("one")));
    let two = &*nodes.alloc((Noisy(Cell::new(None)), String::from("two")));
    one.0.0.set(Some(&two.1));
    two.0.0.set(Some(&one.1));
}
