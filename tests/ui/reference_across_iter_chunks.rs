// The chunks are lent as shared slices: writing through the reference would change them meanwhile.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let kept = arena.alloc(1);
    let chunks = arena.iter_chunks();
    *kept = 2;
    println!("{}", chunks.count());
}
