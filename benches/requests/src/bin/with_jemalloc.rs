//! Requests with the memory of jemalloc.

use requests::Plain;
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() {
    requests::serve::<Plain>();
}
