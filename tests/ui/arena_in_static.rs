// Every thread could allocate from it at the same time, and the cursor is no atomic.
use arenula::Arena;

static ARENA: Arena = Arena::new();

fn main() {
    ARENA.alloc(1);
}
