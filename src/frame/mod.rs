//! Frames: memory for a request, behind the `#[global_allocator]`, for code that knows nothing of arenas.
//!
//! Within [`frame::scope`](scope) everything that the thread allocates, in whatever library, is taken from the
//! frame's memory by moving a pointer, and when the frame ends its memory is used again at once.
//!
//! ```
//! use arenula::{FrameAlloc, frame};
//! use std::collections::HashMap;
//!
//! #[global_allocator]
//! static ALLOC: FrameAlloc = FrameAlloc::new();
//!
//! fn respond(request: &str) -> String {
//!     let fields: HashMap<&str, String> = request
//!         .split('&')
//!         .filter_map(|field| field.split_once('='))
//!         .map(|(name, value)| (name, value.to_uppercase()))
//!         .collect();
//!     format!("hello, {}", fields["name"])
//! }
//!
//! fn main() {
//!     let response = frame::scope(|| respond("name=ada&id=1"));
//!     assert_eq!(response, "hello, ADA");
//! }
//! ```
//!
//! # It is safe
//!
//! What outlives its frame keeps the memory that it lies in: a value that is returned, stored in a static, sent to
//! another thread, kept by a library. Each page of 4 KiB has an account of what was freed in it, wherever that
//! happened; a page in which something is alive when its frame ends is *pinned* until that is freed. So nothing
//! can dangle, whatever safe code does.
//!
//! Whether a pointer belongs to a frame or to the parent is told by its address, never by what is open. A block
//! of the parent's that grows inside a frame stays with the parent, and a block of another frame does not
//! move into this one: such blocks may have to live long.
//!
//! # It is bounded
//!
//! - Pinned pages waste what is free in them. Where that exceeds the [pin limit](set_pin_limit), new frames pass
//!   through to the parent, until enough of the pinned pages are free again.
//! - A page is used again while its frame is still open, once all that was in it is freed. A frame that needs
//!   more than its [budget](set_frame_budget) gets the rest from the parent.
//! - Blocks of more than 32 KiB are always the parent's, and so are most of more than 16 KiB.
//! - Each thread keeps 4 MiB for its next frames, and all threads together 32 MiB more; the memory of what is
//!   free beyond that goes back to the system. (Pages that were pinned go back when a few of the same 256 KiB are
//!   free.)
//!
//! What is meant to outlive the frame, as an entry of a cache, is best allocated in [`outside`]. With the feature
//! `trace-escapes`, `escapes()` lists what has outlived its frame, and where it was allocated. Much is kept by the
//! first backtrace that a program prints, as of a panic: the standard library keeps the symbols that it has read. Where
//! panics inside frames are expected, let the hook run outside:
//!
//! ```
//! # #[global_allocator]
//! # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
//! use arenula::frame;
//! use std::panic;
//!
//! # fn main() {
//! let hook = panic::take_hook();
//! panic::set_hook(Box::new(move |info| frame::outside(|| hook(info))));
//! # panic::set_hook(Box::new(|_| frame::outside(|| assert!(!frame::is_open()))));
//! # assert!(panic::catch_unwind(|| frame::scope(|| panic!("in a frame"))).is_err());
//! # }
//! ```
//!
//! # Without a frame
//!
//! A call costs a branch more than the parent's. Frames can be switched off for a whole run, for a heap
//! profiler or a sanitizer, by the environment variable `ARENULA_FRAMES=off`.
//!
//! # Platforms
//!
//! On Unix the addresses of all frames are one range of 64 GiB, reserved (but not used) by the first frame; if that
//! is refused a smaller one, and at most an eighth of `RLIMIT_AS`. Where none can be had frames pass
//! through; [`is_installed`] and [`stats`] tell. On other systems the range is 64 MiB, taken from the parent.
//!
//! LeakSanitizer does not scan the range, and `mlockall` would lock all of it that has memory. Thread-local state
//! is `const` and has no destructor, so that allocations work while a thread starts and ends; on targets without
//! native thread-local storage the parent should not allocate to emulate it.

#[cfg(not(loom))]
mod alloc;
#[cfg(not(loom))]
mod checkpoint;
mod chunk;
#[cfg(not(loom))]
mod future;
#[cfg(not(loom))]
mod guard;
#[cfg(not(loom))]
mod install;
#[cfg(not(loom))]
mod opened;
mod page;
#[cfg(not(loom))]
mod record;
#[cfg(not(loom))]
mod region;
mod stack;
#[cfg(not(loom))]
mod state;
#[cfg(not(loom))]
mod stats;
#[cfg(not(loom))]
mod store;
#[cfg(not(loom))]
mod system;
#[cfg(all(feature = "trace-escapes", not(loom)))]
mod trace;

#[cfg(all(feature = "trace-escapes", not(loom)))]
pub use self::trace::{Escape, escapes};
#[cfg(not(loom))]
pub use self::{
    alloc::FrameAlloc,
    checkpoint::{Checkpoint, RewindError},
    future::{InFrame, in_frame},
    guard::{Frame, enter, is_installed, is_open, outside, owns, scope, with},
    stats::{FrameStats, set_frame_budget, set_pin_limit, stats},
};
