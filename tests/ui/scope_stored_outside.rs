// With the scope in hand one could allocate after its end, beside the arena.
use arenula::{Arena, Scope};

fn main() {
    let mut arena = Arena::new();
    let mut escaped: Option<&mut Scope<'_>> = None;
    arena.scope(|s| escaped = Some(s));
    println!("{escaped:?}");
}
