//! A list that threads share without a lock: what is put on it last comes off first.

use super::chunk::NONE;
use super::sync::{AtomicU32, AtomicU64, Ordering};

/// A stack of things that have an index. The head is an index with a number that changes each time: so who
/// was interrupted in the middle never takes a thing for another that has come back in its place.
pub(super) struct Stack {
    head: AtomicU64,
}

const fn pack(index: u32, number: u32) -> u64 {
    (number as u64) << 32 | index as u64
}

impl Stack {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Stack {
            head: AtomicU64::new(pack(NONE, 0)),
        }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Stack {
            head: AtomicU64::new(pack(NONE, 0)),
        }
    }

    /// Puts a thing on the stack, whose link is `next`.
    pub(super) fn push(&self, index: u32, next: &AtomicU32) {
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            next.store(head as u32, Ordering::Relaxed);
            let new = pack(index, ((head >> 32) as u32).wrapping_add(1));
            // Release: who takes the thing sees all that was done with it.
            match (self.head).compare_exchange_weak(head, new, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Takes the thing that was put there last. `next` leads from an index to the link.
    pub(super) fn pop<'a>(&self, next: impl Fn(u32) -> &'a AtomicU32) -> Option<u32> {
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            let index = head as u32;
            if index == NONE {
                return None;
            }
            // Somebody else may have taken it already: then the number has changed, and this is not used.
            let below = next(index).load(Ordering::Relaxed);
            let new = pack(below, ((head >> 32) as u32).wrapping_add(1));
            match (self.head).compare_exchange_weak(head, new, Ordering::Acquire, Ordering::Acquire)
            {
                Ok(_) => return Some(index),
                Err(now) => head = now,
            }
        }
    }
}
