//! What many threads use at once.

#[cfg(all(feature = "collections", target_has_atomic = "64"))]
pub use crate::intern::{SyncBytesInterner, SyncInterner};
