// It would grow into memory that the inner scope gives back.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let mut text = outer.string();
        outer.scope(|_| text.push_str("inside"));
        println!("{text}");
    });
}
