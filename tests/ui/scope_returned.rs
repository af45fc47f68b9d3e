// With the scope in hand one could allocate after its end, beside the arena.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let escaped = arena.scope(|s| s);
    escaped.alloc(1);
}
