// What may not be sent would be dropped by another thread, beside what the first one does with it.
use std::rc::Rc;

use arenula::{DropArena, SendValue, Takes};

trait Own {}

// That the second field can't be sent is known here, since its trait is of this crate.
struct Unsendable(Rc<()>, &'static dyn Own);

impl Takes<Unsendable> for SendValue {}

impl Own for () {}

fn main() {
    let (arena, shared) = (DropArena::sendable(), Rc::new(()));
    arena.alloc(Unsendable(shared.clone(), &()));
    let other = std::thread::spawn(move || drop(arena));
    drop(shared);
    other.join().unwrap();
}
