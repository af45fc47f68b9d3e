//! Requests with the memory of snmalloc.

use requests::Plain;
use snmalloc_rs::SnMalloc;

#[global_allocator]
static ALLOCATOR: SnMalloc = SnMalloc;

fn main() {
    requests::serve::<Plain>();
}
