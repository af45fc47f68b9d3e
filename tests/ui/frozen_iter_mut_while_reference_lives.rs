// The values would change under a reference to one of them.
use arenula::FrozenArena;

fn main() {
    let mut arena = FrozenArena::new();
    let seen = arena.alloc(1);
    arena.iter_mut().for_each(|number| *number += 1);
    println!("{seen}");
}
