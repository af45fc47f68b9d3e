// The last handle is dropped after the arena: the destructor would run on freed memory.
use arenula::Arena;
use arenula::rc::Rc;

fn main() {
    let kept;
    let arena = Arena::new();
    kept = Rc::new_in(String::from("text"), &arena);
    println!("{kept}");
}
