// There would be two mutable references to one value.
use arenula::TypedArena;

fn main() {
    let mut arena = TypedArena::new();
    let kept = arena.alloc(1);
    for number in arena.iter_mut() {
        std::mem::swap(kept, number);
    }
}
