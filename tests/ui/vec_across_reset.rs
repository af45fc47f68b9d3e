// The vector's buffer would be handed out again, and then freed once more by the vector.
use allocator_api2::vec::Vec;
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let mut numbers = Vec::new_in(&arena);
    numbers.push(1);
    arena.reset();
    numbers.push(2);
}
