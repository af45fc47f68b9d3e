// No power of two: the masks that round to it would be nonsense, and blocks overlap.
use arenula::Arena;

// A constant, since `cargo check` evaluates no code that only runs.
const ARENA: Arena<3> = Arena::<3>::with_min_align();

fn main() {
    ARENA.alloc(1);
}
