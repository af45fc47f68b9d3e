// What is frozen lives until the scope's end, and no longer.
use arenula::Arena;
use arenula::vec::VecExt;

fn main() {
    let mut arena = Arena::new();
    let slice = arena.scope(|s| arenula::vec![in &*s; 1, 2].into_slice());
    println!("{slice:?}");
}
