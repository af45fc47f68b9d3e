//! The account of one page: when has everything in it been freed?
//!
//! A page is used from its first byte to its last. What is allocated in it is not counted; what is freed is,
//! and so is what never was allocated: padding, and the rest of a page that is left. When all of the page's
//! bytes are counted, nothing in it is alive.
//!
//! The thread that runs the page's frame counts in `freed`, plainly. Everyone else adds to `balance`, which so
//! is positive, or zero. When the frame ends, the bytes that its thread has not counted are subtracted: from
//! then on `balance` is the negative of what is alive, and reaches zero once, with the last free.

use crate::atomic::{AtomicI32, AtomicU64, Ordering};

/// The size of a page.
pub(super) const PAGE: usize = 4096;

/// What stands in the place of a frame where there is none: the page is free, or its frame has ended.
pub(super) const CLOSED: u32 = u32::MAX;

/// A page's account. All of it is in a table of its own: nothing is ever written to freed memory.
#[repr(align(16))]
pub(super) struct Page {
    /// The frame that the page belongs to, or [`CLOSED`], in the upper half; in the lower half the bytes that
    /// the frame's own thread has counted. Only that thread writes here. (In one word, so that one compare asks
    /// whether the page is the frame's, and whether it is still in use.)
    account: AtomicU64,
    /// What the others have counted, and once the frame has ended, less than what was still alive then.
    balance: AtomicI32,
}

/// A frame in the upper half of a word.
#[inline(always)]
pub(super) const fn key(frame: u32) -> u64 {
    (frame as u64) << 32
}

/// What a free by another thread came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freed {
    /// The frame is still open: it is to know whether the page is free.
    InOpenFrame,
    /// The frame has ended, and other values in the page are alive.
    InPinnedPage,
    /// The frame has ended, and this was the last value in the page, which now is the caller's.
    LastInPage,
}

impl Page {
    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Page {
            account: AtomicU64::new(key(CLOSED)),
            balance: AtomicI32::new(0),
        }
    }

    /// The frame that the page belongs to, or [`CLOSED`].
    #[inline(always)]
    pub(super) fn frame(&self) -> u32 {
        (self.account.load(Ordering::Relaxed) >> 32) as u32
    }

    /// Gives the page, of which nothing is in use, to a frame. Only for the page's owner.
    #[inline]
    pub(super) fn open(&self, frame: u32) {
        debug_assert_eq!(self.balance.load(Ordering::Relaxed), 0);
        // All zero if it was never used (F4).
        let before = self.account.load(Ordering::Relaxed);
        debug_assert!(before == 0 || before == key(CLOSED));
        self.account.store(key(frame), Ordering::Relaxed);
    }

    /// Takes the page, of which nothing is in use, from its frame. Only for the page's owner.
    #[inline]
    pub(super) fn leave(&self) {
        self.account.store(key(CLOSED), Ordering::Relaxed);
    }

    /// Counts the bytes of a block as freed that begins `offset` bytes from the page's start, if the page belongs
    /// to the frame with this `key`, which the caller runs; if the block ends in it; and if others are alive in
    /// it. Answers whether it did.
    #[inline(always)]
    pub(super) fn free_quickly(&self, key: u64, offset: usize, bytes: usize) -> bool {
        let account = self.account.load(Ordering::Relaxed) + bytes as u64;
        // Another frame's page seems very full.
        let freed = account ^ key;
        let last = (offset + bytes).wrapping_sub(1);
        // Both are smaller than a page, which is a power of two.
        if freed | (last as u64) < PAGE as u64 {
            self.account.store(account, Ordering::Relaxed);
            true
        } else {
            false
        }
    }

    /// Counts bytes as freed, for the thread that runs the frame. Answers whether the page is free.
    #[inline(always)]
    pub(super) fn free_as_owner(&self, bytes: usize) -> bool {
        let account = self.account.load(Ordering::Relaxed) + bytes as u64;
        self.account.store(account, Ordering::Relaxed);
        debug_assert!(account as u32 as usize <= PAGE);
        account as u32 as usize == PAGE
    }

    /// Counts bytes as freed, for everyone else.
    #[inline]
    pub(super) fn free_as_other(&self, bytes: usize) -> Freed {
        let bytes = bytes as i32;
        // Release: what this thread did with the memory comes before its next use. Acquire: and so does what others did,
        // for the one who sees the last of it freed.
        let balance = self.balance.fetch_add(bytes, Ordering::AcqRel) + bytes;
        match balance {
            0 => Freed::LastInPage,
            1.. => Freed::InOpenFrame,
            _ => Freed::InPinnedPage,
        }
    }

    /// The bytes that the frame's own thread has not seen freed. Only for the page's owner.
    pub(super) fn not_freed_by_owner(&self) -> usize {
        PAGE - self.account.load(Ordering::Relaxed) as u32 as usize
    }

    /// The bytes that are alive, as far as it is known. Only for the page's owner while the frame is open.
    pub(super) fn alive(&self) -> usize {
        // Acquire: if all is freed, the page will be used again.
        let by_others = self.balance.load(Ordering::Acquire);
        self.not_freed_by_owner() - by_others as usize
    }

    /// Ends the account of an open page in which nothing is alive, or is said to be. Only for its owner.
    pub(super) fn settle(&self) {
        self.balance.store(0, Ordering::Relaxed);
        self.leave();
    }

    /// Gives a page up whose frame ends: whoever frees the last value in it becomes its owner. Answers how
    /// many bytes others had freed. If all is freed the page is still the caller's; if not, it must not be
    /// touched any more.
    pub(super) fn close(&self) -> (usize, bool) {
        debug_assert_ne!(self.frame(), CLOSED);
        let alive = self.not_freed_by_owner() as i32;
        self.leave();
        // As for `free_as_other`.
        let by_others = self.balance.fetch_sub(alive, Ordering::AcqRel);
        (by_others as usize, by_others == alive)
    }
}

/// What the model checker is to find true in all orders: of all who free, one gets the page, once.
#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    /// A page with memory, used by a frame.
    struct Used {
        page: Page,
        /// Two blocks that others free. The rest of the page is the owner's.
        blocks: [UnsafeCell<u32>; 2],
    }

    const FRAME: u32 = 1;
    const NEXT: u32 = 2;
    const BLOCK: usize = 1000;

    impl Used {
        fn new() -> Arc<Self> {
            let page = Page::new();
            page.open(FRAME);
            Arc::new(Used {
                page,
                blocks: [UnsafeCell::new(0), UnsafeCell::new(0)],
            })
        }

        fn write(&self, block: usize) {
            // SAFETY: the model checker tells if it is shared.
            self.blocks[block].with_mut(|block| unsafe { *block += 1 });
        }

        /// Uses and frees a block on another thread. Answers whether the page was recycled there.
        fn free(&self, block: usize) -> bool {
            self.write(block);
            let is_last = self.page.free_as_other(BLOCK) == Freed::LastInPage;
            if is_last {
                self.recycle();
            }
            is_last
        }

        /// Gives the page to the next frame, which uses its memory.
        fn recycle(&self) {
            self.page.open(NEXT);
            self.write(0);
            self.write(1);
        }

        /// In the end the page is as its next frame has made it.
        fn check(&self, recycled: u32) {
            assert_eq!(recycled, 1);
            assert_eq!(self.page.frame(), NEXT);
            assert_eq!(self.page.balance.load(Ordering::Relaxed), 0);
            assert_eq!(self.page.not_freed_by_owner(), PAGE);
        }
    }

    /// A frame ends while two other threads free the last blocks in a page.
    #[test]
    fn who_brings_the_balance_to_zero_recycles() {
        loom::model(|| {
            let used = Used::new();
            let threads = [0, 1].map(|block| {
                let used = used.clone();
                thread::spawn(move || used.free(block))
            });
            assert!(!used.page.free_as_owner(PAGE - 2 * BLOCK));
            let (_, is_free) = used.page.close();
            if is_free {
                used.recycle();
            }
            let others = threads.map(|thread| thread.join().unwrap());
            used.check(u32::from(is_free) + others.map(u32::from).iter().sum::<u32>());
        });
    }

    /// A frame that is open looks for pages that others have freed, and ends otherwise.
    #[test]
    fn who_finds_nothing_alive_recycles() {
        loom::model(|| {
            let used = Used::new();
            let threads = [0, 1].map(|block| {
                let used = used.clone();
                thread::spawn(move || used.free(block))
            });
            assert!(!used.page.free_as_owner(PAGE - 2 * BLOCK));
            let is_free = if used.page.alive() == 0 {
                used.page.settle();
                true
            } else {
                used.page.close().1
            };
            if is_free {
                used.recycle();
            }
            let others = threads.map(|thread| thread.join().unwrap());
            used.check(u32::from(is_free) + others.map(u32::from).iter().sum::<u32>());
        });
    }
}
