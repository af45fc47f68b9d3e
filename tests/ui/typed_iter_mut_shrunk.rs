// Behind the shorter type a reference is stored where a static one is expected.
use arenula::{IterMut, TypedArena};

fn shrink<'x, 'short>(values: IterMut<'x, &'static str>) -> IterMut<'x, &'short str> {
    values
}

fn main() {
    let mut arena = TypedArena::new();
    arena.alloc("static");
    {
        let text = String::from("gone");
        shrink(arena.iter_mut()).for_each(|value| *value = &text);
    }
    println!("{:?}", arena.into_vec());
}
