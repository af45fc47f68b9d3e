// The arena's chunk would lie in a stack frame that is gone.
use std::mem::MaybeUninit;

use arenula::{Arena, FixedBuffer};

fn main() {
    let arena;
    {
        let mut buffer = [MaybeUninit::uninit(); 1024];
        arena = Arena::new_in(FixedBuffer::new(&mut buffer));
    }
    arena.alloc(1);
}
