// A shared reference is enough to carry something out: the cell's content would dangle.
use std::cell::Cell;

use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let outside: Cell<Option<&i32>> = Cell::new(None);
    arena.scope(|s| outside.set(Some(s.alloc(1))));
    println!("{:?}", outside.get());
}
