// The reset would give the value's memory to the next one.
use arenula::Arena;
use arenula::rc::Rc;

fn main() {
    let mut arena = Arena::new();
    let shared = Rc::new_in(1, &arena);
    arena.reset();
    println!("{shared}");
}
