// Writing to the buffer would overwrite what lies in the arena.
use std::mem::MaybeUninit;

use arenula::{Arena, FixedBuffer};

fn main() {
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let arena = Arena::new_in(FixedBuffer::new(&mut buffer));
    let kept = arena.alloc(1);
    buffer[0].write(0_u8);
    println!("{kept}");
}
