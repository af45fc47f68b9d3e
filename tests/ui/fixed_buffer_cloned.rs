// The clone's cursor would stand still when the other's moves: blocks would overlap.
use std::mem::MaybeUninit;

use arenula::FixedBuffer;

fn main() {
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let first = FixedBuffer::new(&mut buffer);
    let second: FixedBuffer<'_> = first.clone();
    println!("{first:?} {second:?}");
}
