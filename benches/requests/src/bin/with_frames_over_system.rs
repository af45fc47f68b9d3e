//! Requests with the memory of frames, which the system's allocator backs.

use arenula::{FrameAlloc, frame};
use requests::Surround;

#[global_allocator]
static ALLOCATOR: FrameAlloc = FrameAlloc::new();

/// Gives each request a frame of its own.
struct Framed;

impl Surround for Framed {
    #[inline]
    fn in_request<R>(request: impl FnOnce() -> R) -> R {
        frame::scope(request)
    }
}

fn main() {
    requests::serve::<Framed>();
}
