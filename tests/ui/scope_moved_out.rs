// An owned scope could be put in the place of another.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let owned = *s;
        owned.alloc(1);
    });
}
