// What is allocated in a scope is given back at its end: the reference would dangle.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let mut dangling = None;
    arena.scope(|s| dangling = Some(s.alloc(1)));
    println!("{dangling:?}");
}
