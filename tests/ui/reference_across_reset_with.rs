// `Retain::Nothing` frees all chunks: the reference would dangle.
use arenula::{Arena, Retain};

fn main() {
    let mut arena = Arena::new();
    let kept = arena.alloc_str("text");
    arena.reset_with(Retain::Nothing);
    println!("{kept}");
}
