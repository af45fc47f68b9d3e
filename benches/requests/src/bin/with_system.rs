//! Requests with the memory of the system's allocator.

use std::alloc::System;

use requests::Plain;

#[global_allocator]
static ALLOCATOR: System = System;

fn main() {
    requests::serve::<Plain>();
}
