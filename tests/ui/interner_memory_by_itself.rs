use allocator_api2::alloc::Global;
use arenula::intern::Memory;

fn own<M: Memory<Backing = Global>>() -> usize {
    M::new(Global).len()
}

fn main() {}
