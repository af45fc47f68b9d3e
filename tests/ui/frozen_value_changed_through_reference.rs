// Others may see the value at the same time.
use arenula::FrozenArena;

fn main() {
    let arena = FrozenArena::new();
    *arena.alloc(1) += 1;
}
