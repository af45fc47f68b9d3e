// It goes where its root may go.
use std::cell::Cell;

use arenula::DoubleBuffer;

fn main() {
    let cell = DoubleBuffer::<&Cell<i32>>::new(|arena| arena.alloc(Cell::new(1)));
    std::thread::spawn(move || cell.with(|cell| cell.set(2)));
}
