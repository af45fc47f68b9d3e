// Through the shorter type a reference goes in that the longer one takes for a static.
use arenula::TypedArena;

fn shrink<'x, 'short>(arena: &'x TypedArena<&'static str>) -> &'x TypedArena<&'short str> {
    arena
}

fn main() {
    let arena = TypedArena::new();
    {
        let text = String::from("gone");
        shrink(&arena).alloc(&text);
    }
    println!("{:?}", arena.into_vec());
}
