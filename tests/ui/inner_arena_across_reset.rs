// The inner arena's chunks are blocks of the outer one, which would hand them out again.
use arenula::Arena;

fn main() {
    let mut outer = Arena::new();
    let inner = Arena::new_in(&outer);
    inner.alloc(1);
    outer.reset();
    inner.alloc(2);
}
