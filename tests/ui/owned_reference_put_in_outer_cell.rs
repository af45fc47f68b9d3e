// What is built can't be told to anybody else.
use std::cell::Cell;

use arenula::Owned;

fn main() {
    let outside: Cell<Option<&str>> = Cell::new(None);
    let text = Owned::<&str>::new(|arena| {
        let text: &str = arena.alloc_str("text");
        outside.set(Some(text));
        text
    });
    drop(text);
    println!("{:?}", outside.get());
}
