// Chunks are aligned to 16 only, so what is handed out would not be aligned to 32.
use arenula::Arena;

// A constant, since `cargo check` evaluates no code that only runs.
const ARENA: Arena<32> = Arena::<32>::with_min_align();

fn main() {
    ARENA.alloc(1);
}
