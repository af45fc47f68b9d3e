// Who changes the values has them alone: a new one could be read at once.
use arenula::FrozenArena;

fn main() {
    let mut arena = FrozenArena::from_iter([1, 2]);
    for number in arena.iter_mut() {
        arena.push(*number);
    }
}
