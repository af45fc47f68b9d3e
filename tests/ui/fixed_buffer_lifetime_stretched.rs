// The buffer would be used after the end of its loan.
use arenula::{Arena, FixedBuffer};

fn stretch<'long, 'short>(arena: Arena<8, FixedBuffer<'short>>) -> Arena<8, FixedBuffer<'long>> {
    arena
}

fn main() {
    let mut buffer = [std::mem::MaybeUninit::uninit(); 1024];
    stretch(Arena::new_in(FixedBuffer::new(&mut buffer))).alloc(1);
}
