// The iterator would go on in buckets that are freed.
use arenula::FrozenArena;

fn main() {
    let arena = FrozenArena::from_iter([1, 2]);
    let mut values = arena.iter();
    println!("{:?}", arena.into_vec());
    println!("{:?}", values.next());
}
