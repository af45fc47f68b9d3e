// The counts of an `Rc` are for one thread.
use std::rc::Rc;

use arenula::pool::Slots;

fn main() {
    let mut slots = Slots::new();
    slots.insert(Rc::new(1));
    std::thread::spawn(move || drop(slots));
}
