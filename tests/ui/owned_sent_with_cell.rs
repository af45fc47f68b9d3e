// The cell in the arena is fine to be sent, but a reference to it is not: that could have been copied.
use std::cell::Cell;

use arenula::Owned;

fn main() {
    let cell = Owned::<&Cell<i32>>::new(|arena| arena.alloc(Cell::new(1)));
    std::thread::spawn(move || cell.with(|cell| cell.set(2)));
}
