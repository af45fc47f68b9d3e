// The heap's memory would never be given back: `leak` says so, freezing is for arenas.
use allocator_api2::alloc::Global;
use arenula::vec::{Vec, VecExt};

fn main() {
    let values: Vec<u8, Global> = Vec::new();
    let _ = values.into_slice();
}
