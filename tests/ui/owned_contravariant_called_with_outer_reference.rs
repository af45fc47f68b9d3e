// The function may keep what it is called with as long as the arena lives.
use arenula::{Owned, Root};

enum Listener {}

impl Root for Listener {
    type Of<'a> = Box<dyn Fn(&'a str) + 'a>;
}

fn main() {
    let listener = Owned::<Listener>::new(|arena| {
        let heard = arena.alloc(std::cell::Cell::new(""));
        Box::new(|text| heard.set(text))
    });
    {
        let local = String::from("local");
        listener.with(|listen| listen(&local));
    }
}
