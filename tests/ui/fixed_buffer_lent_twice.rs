// Both would hand out the same bytes.
use std::mem::MaybeUninit;

use arenula::{Arena, FixedBuffer};

fn main() {
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let first = Arena::new_in(FixedBuffer::new(&mut buffer));
    let second = Arena::new_in(FixedBuffer::new(&mut buffer));
    println!("{} {}", first.alloc(1), second.alloc(2));
}
