// Two threads would count at once.
use std::thread;

use arenula::rc::Rc;

fn main() {
    let shared = Rc::new(1);
    let other = shared.clone();
    thread::spawn(move || drop(other));
    drop(shared);
}
