// An id is of one type of value, so that those of different arenas are not confused.
use arenula::FrozenArena;

fn main() {
    let numbers = FrozenArena::new();
    let names = FrozenArena::new();
    names.push("one");
    println!("{}", names[numbers.push(1)]);
}
