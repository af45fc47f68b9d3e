// The box would run its value's destructor on memory that was given back.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let dangling = arena.scope(|s| s.alloc_box(1));
    println!("{dangling}");
}
