// Through the shorter type a reference goes in that the longer one takes for a static.
use arenula::FrozenArena;

fn shrink<'x, 'short>(arena: &'x FrozenArena<&'static str>) -> &'x FrozenArena<&'short str> {
    arena
}

fn main() {
    let arena = FrozenArena::new();
    {
        let text = String::from("gone");
        shrink(&arena).push(&text);
    }
    println!("{:?}", arena.into_vec());
}
