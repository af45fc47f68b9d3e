// The vector outlives the scope, and would hold a dangling reference.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let mut numbers: Vec<&i32> = Vec::new();
    arena.scope(|s| numbers.push(s.alloc(1)));
    println!("{numbers:?}");
}
