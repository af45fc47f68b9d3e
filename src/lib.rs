//! Arena allocators that are fast, small and sound to the last corner.
#![no_std]
#![cfg_attr(feature = "nightly", feature(allocator_api))]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod arena;

pub use allocator_api2::alloc::AllocError;
pub use arena::{
    AllocOrInitError, Arena, ArenaRef, Checkpoint, ChunkMap, FixedBuffer, Retain, Scope, Stats,
};
