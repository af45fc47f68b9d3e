//! A list that threads share without a lock: what is put on it last comes off first.

use super::chunk::NONE;
use crate::atomic::{AtomicU32, AtomicU64, Ordering};

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
            // Relaxed where it succeeds: it finds the head that was loaded by Acquire, as no other has this number.
            match (self.head).compare_exchange_weak(head, new, Ordering::Relaxed, Ordering::Acquire)
            {
                Ok(_) => return Some(index),
                Err(now) => head = now,
            }
        }
    }
}

/// What the model checker is to find true in all orders: each thing is in one place, and comes with all that was
/// written to it.
#[cfg(all(test, loom))]
mod models {
    use super::*;
    use crate::frame::chunk::Chunk;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    struct Shared {
        stack: Stack,
        things: [(Chunk, UnsafeCell<u32>); 2],
        /// Touched between the calls, which it does not order: so that the model checker stops there too. It would
        /// not try what comes of a load that is late, as a thread's swap follows its own load of the head.
        between: AtomicU32,
    }

    impl Shared {
        fn new() -> Arc<Self> {
            Arc::new(Shared {
                stack: Stack::new(),
                things: core::array::from_fn(|_| (Chunk::new(), UnsafeCell::new(0))),
                between: AtomicU32::new(0),
            })
        }

        /// What an owner does: it writes to the thing, as to a record's cells.
        fn write(&self, index: u32) {
            // SAFETY: the model checker tells if it is shared.
            self.things[index as usize]
                .1
                .with_mut(|thing| unsafe { *thing += 1 });
        }

        fn push(&self, index: u32) {
            self.write(index);
            self.stack.push(index, &self.things[index as usize].0.next);
            self.between.fetch_add(1, Ordering::Relaxed);
        }

        fn pop(&self) -> Option<u32> {
            self.between.fetch_add(1, Ordering::Relaxed);
            let index = (self.stack).pop(|index| &self.things[index as usize].0.next)?;
            self.write(index);
            Some(index)
        }
    }

    /// All orders with few interruptions.
    fn bounded(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }

    /// One thread stops in the middle while another takes both things, and puts one back.
    #[test]
    fn nothing_is_lost_or_taken_twice() {
        bounded(|| {
            let shared = Shared::new();
            shared.push(0);
            shared.push(1);
            let other = {
                let shared = shared.clone();
                thread::spawn(move || {
                    let first = shared.pop();
                    let second = shared.pop();
                    if let Some(first) = first {
                        shared.push(first);
                    }
                    second
                })
            };
            let ours = shared.pop();
            let others = other.join().unwrap();
            let mut all: alloc::vec::Vec<_> = ours.into_iter().chain(others).collect();
            while let Some(index) = shared.pop() {
                all.push(index);
                assert!(all.len() <= 2);
            }
            all.sort_unstable();
            assert_eq!(all, [0, 1]);
        });
    }

    /// Two threads put things on the stack, a third takes them.
    #[test]
    fn who_takes_a_thing_sees_it_whole() {
        bounded(|| {
            let shared = Shared::new();
            let threads = [0, 1].map(|index| {
                let shared = shared.clone();
                thread::spawn(move || shared.push(index))
            });
            let taken = [shared.pop(), shared.pop()];
            for thread in threads {
                thread.join().unwrap();
            }
            let mut all: alloc::vec::Vec<_> = taken.into_iter().flatten().collect();
            while let Some(index) = shared.pop() {
                all.push(index);
            }
            all.sort_unstable();
            assert_eq!(all, [0, 1]);
        });
    }

    /// Who takes a thing off sees which one it lay on.
    #[test]
    fn what_lies_below_is_not_lost() {
        loom::model(|| {
            let shared = Shared::new();
            shared.push(0);
            let other = {
                let shared = shared.clone();
                thread::spawn(move || shared.push(1))
            };
            let taken = shared.pop();
            other.join().unwrap();
            let below = shared.pop();
            assert!(matches!(
                (taken, below),
                (Some(0), Some(1)) | (Some(1), Some(0))
            ));
            assert_eq!(shared.pop(), None);
        });
    }

    /// A thread ends and shares its chunk, in which another hands in a page; a third takes it over.
    #[test]
    fn a_thread_that_ends_hands_its_chunks_over() {
        loom::model(|| {
            const PAGE: u64 = 1 << 40;
            let shared = Shared::new();
            let chunk = &shared.things[0].0;
            chunk.add_free(0b1110);
            let ends = {
                let shared = shared.clone();
                thread::spawn(move || {
                    let chunk = &shared.things[0].0;
                    chunk.take(0b0110);
                    chunk.has_room.store(1, Ordering::Relaxed);
                    chunk.give_back(0b0100);
                    shared.push(0);
                })
            };
            let frees = {
                let shared = shared.clone();
                thread::spawn(move || assert!(!shared.things[0].0.hand_in(PAGE)))
            };
            let taken = shared.pop();
            if taken.is_some() {
                // What the thread wrote is seen: an older value would be lost pages, or pages used twice.
                assert_eq!(chunk.used(), 0b0010);
                assert_eq!(chunk.free(), 0b1100);
                assert_eq!(chunk.has_room.load(Ordering::Relaxed), 1);
                chunk.take(0b0100);
            }
            ends.join().unwrap();
            frees.join().unwrap();
            if taken.is_none() {
                assert_eq!(shared.pop(), Some(0));
                chunk.take(0b0100);
            }
            chunk.collect();
            assert_eq!(chunk.free(), 0b1000 | PAGE);
            assert_eq!(chunk.used(), 0b0110);
        });
    }
}
