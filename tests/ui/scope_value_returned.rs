// What is allocated in a scope is given back at its end: the reference would dangle.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let dangling = arena.scope(|s| s.alloc(1));
    println!("{dangling}");
}
