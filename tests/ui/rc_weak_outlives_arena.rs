// A `Weak` frees the block too, after the arena is gone.
use arenula::Arena;
use arenula::rc::{Rc, Weak};

fn main() {
    let weak: Weak<i32, _>;
    {
        let arena = Arena::new();
        weak = Rc::downgrade(&Rc::new_in(1, &arena));
    }
    println!("{weak:?}");
}
