//! Requests with the memory of frames, which mimalloc backs.

use arenula::{FrameAlloc, frame};
use mimalloc::MiMalloc;
use requests::Surround;

#[global_allocator]
static ALLOCATOR: FrameAlloc<MiMalloc> = FrameAlloc::with_parent(MiMalloc);

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
