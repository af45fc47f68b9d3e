// The chunks lie in a buffer that goes before the owner does.
use std::mem::MaybeUninit;

use arenula::{Arena, FixedBuffer, Owned};

fn main() {
    let text;
    {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let arena = Arena::new_in(FixedBuffer::new(&mut buffer));
        text = Owned::<&str, 8, _>::new_in(arena, |arena| arena.alloc_str("text"));
    }
    println!("{}", text.get());
}
