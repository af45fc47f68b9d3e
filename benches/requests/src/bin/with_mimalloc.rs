//! Requests with the memory of mimalloc.

use mimalloc::MiMalloc;
use requests::Plain;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    requests::serve::<Plain>();
}
