// Whoever rewinds to a checkpoint relies on its being a place where the arena once stood.
use arenula::Checkpoint;

fn main() {
    let made_up = Checkpoint {
        chunk: 0,
        cursor: 8,
    };
    println!("{made_up:?}");
}
