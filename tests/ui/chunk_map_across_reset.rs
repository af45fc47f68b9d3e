// The map looks at the chunks when it is displayed, by which time the reset could have freed them.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let map = arena.chunk_map();
    arena.reset();
    println!("{map}");
}
