// The reference would point into chunks that are freed.
use arenula::TypedArena;

fn main() {
    let kept: &mut String = {
        let arena = TypedArena::new();
        arena.alloc(String::from("gone"))
    };
    println!("{kept}");
}
