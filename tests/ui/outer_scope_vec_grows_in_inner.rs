// The vector's new buffer would be given back at the inner scope's end.
use allocator_api2::vec::Vec;
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let mut numbers = Vec::new_in(&*outer);
        outer.scope(|inner| numbers.push(*inner.alloc(1)));
        println!("{numbers:?}");
    });
}
