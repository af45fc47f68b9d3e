// The vector in the other arena outlives the scope, and would hold a dangling reference.
use allocator_api2::vec::Vec;
use arenula::Arena;

fn main() {
    let other = Arena::new();
    let mut numbers: Vec<&i32, &Arena> = Vec::new_in(&other);
    let mut arena = Arena::new();
    arena.scope(|s| numbers.push(s.alloc(1)));
    println!("{numbers:?}");
}
