//! Requests as a server has them, as a program for each global allocator.
//!
//! The programs in `src/bin` differ in their allocator and in what they put around each request, and in
//! nothing else. They are made for `cargo bench -p peers --bench requests`, which builds them, asks
//! them in turn, and compares what they say; but they talk in lines of text, so that one can do so by
//! hand:
//!
//! ```text
//! $ cargo run --release -p requests
//! list
//! json words tree buffers graph headers
//! run json 1000
//! 42000000 1234567890         # nanoseconds, and the answer to the request
//! ```
//!
//! | argument | |
//! |---|---|
//! | `--threads N` | each `run` is done by that many threads at once, all of its passes by each |
//! | `--no-frames` | the requests have nothing around them |

mod crew;
mod digest;
mod random;
mod server;
mod timing;
mod workloads;

pub use crate::server::serve;

/// What a program puts around a request.
pub trait Surround: 'static {
    /// Serves a single request, which leaves nothing behind but the result.
    fn in_request<R>(request: impl FnOnce() -> R) -> R;
}

/// Puts nothing around a request.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Surround for Plain {
    #[inline]
    fn in_request<R>(request: impl FnOnce() -> R) -> R {
        request()
    }
}
