// The slice would lie in memory that was given back.
use arenula::Arena;
use arenula::vec::VecExt;

fn main() {
    let slice;
    {
        let arena = Arena::new();
        let mut values = arena.vec();
        values.push(1);
        slice = values.into_slice();
    }
    println!("{slice:?}");
}
