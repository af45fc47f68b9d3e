// The inner scope's end would give the value back, though it is lent for the outer one's life.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let mut kept = None;
        outer.scope(|_| kept = Some(outer.alloc(1)));
        println!("{kept:?}");
    });
}
