// The value would change under a reference to it.
use arenula::FrozenArena;

fn main() {
    let mut arena = FrozenArena::new();
    let id = arena.push(1);
    let seen = &arena[id];
    *arena.get_mut(id).unwrap() += 1;
    println!("{seen}");
}
