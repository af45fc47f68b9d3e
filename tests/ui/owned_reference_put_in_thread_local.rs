// A thread's own variables outlive every arena.
use std::cell::Cell;

use arenula::Owned;

thread_local! {
    static KEPT: Cell<&'static str> = const { Cell::new("") };
}

fn main() {
    let mut text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    text.with_mut(|text, arena| {
        KEPT.set(*text);
        KEPT.set(arena.alloc_str("more"));
    });
    drop(text);
    println!("{}", KEPT.get());
}
