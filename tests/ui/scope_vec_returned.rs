// The vector's buffer is given back with the scope, and it would go on using it.
use allocator_api2::vec::Vec;
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let dangling = arena.scope(|s| {
        let mut numbers = Vec::new_in(&*s);
        numbers.push(1);
        numbers
    });
    println!("{dangling:?}");
}
