// Both arenas would hand out, and at last free, the same chunks.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let copy: Arena = arena.clone();
    println!("{arena:?} {copy:?}");
}
