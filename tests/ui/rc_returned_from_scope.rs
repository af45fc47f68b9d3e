// The scope's end gives the value's memory back.
use arenula::Arena;
use arenula::rc::Rc;

fn main() {
    let mut arena = Arena::new();
    let shared = arena.scope(|s| Rc::new_in(1, &*s));
    println!("{shared}");
}
