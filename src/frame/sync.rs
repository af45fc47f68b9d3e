//! Atomics: the real ones, or those of the model checker.

#[cfg(not(loom))]
pub(super) use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering, fence};

#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering, fence};
