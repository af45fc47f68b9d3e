//! Sixty-four pages in a row, and which of them are free.
//!
//! At each moment a chunk belongs to a frame, to a thread's store, or to a list that threads share; its owner
//! knows the free pages as a set of bits. A page that was kept alive by an escaped value becomes free
//! wherever that is freed at last: it is handed in through `returned`, for the owner to find.
//!
//! A chunk with too few free pages to be of use is *parked*: it belongs to nobody, and whoever hands in the page
//! that makes them enough takes it over. The bit for that stands in the same word as the pages, so that
//! nobody can miss it; it is that of the first page, which is never used.

use crate::atomic::{AtomicU32, AtomicU64, Ordering};

/// The pages of a chunk that are used.
pub(super) const ALL: u64 = !PARKED;

/// The bit that stands for a parked chunk.
const PARKED: u64 = 1;

/// A chunk with fewer free pages is parked.
pub(super) const FEW: u32 = 8;

/// No chunk, where an index stands for one.
pub(super) const NONE: u32 = u32::MAX;

/// What is known of a chunk. It stands in a table of its own.
#[repr(align(64))]
pub(super) struct Chunk {
    /// The free pages. Only its owner reads and writes this.
    free: AtomicU64,
    /// The pages that belong to the frame which owns the chunk. Only that reads and writes this.
    used: AtomicU64,
    /// Pages that were handed in, and whether the chunk is parked.
    returned: AtomicU64,
    /// Pages that were handed in, and whose memory the system has taken back.
    emptied: AtomicU64,
    /// The next chunk of the list that this is in.
    pub(super) next: AtomicU32,
    /// The next of the frame's chunks that have free pages.
    pub(super) next_with_room: AtomicU32,
    /// Whether it is among those.
    pub(super) has_room: AtomicU32,
}

impl Chunk {
    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Chunk {
            free: AtomicU64::new(0),
            used: AtomicU64::new(0),
            returned: AtomicU64::new(0),
            emptied: AtomicU64::new(0),
            next: AtomicU32::new(NONE),
            next_with_room: AtomicU32::new(NONE),
            has_room: AtomicU32::new(0),
        }
    }

    /// Makes the caller the owner of a new chunk.
    pub(super) fn init(&self) {
        self.free.store(ALL, Ordering::Relaxed);
    }

    /// The free pages. Like what follows, only for the owner.
    #[inline]
    pub(super) fn free(&self) -> u64 {
        self.free.load(Ordering::Relaxed)
    }

    /// The pages that the frame uses.
    #[inline]
    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Makes free pages used ones.
    #[inline]
    pub(super) fn take(&self, pages: u64) {
        debug_assert_eq!(self.free() & pages, pages);
        self.free.store(self.free() & !pages, Ordering::Relaxed);
        self.used.store(self.used() | pages, Ordering::Relaxed);
    }

    /// Makes used pages free ones.
    #[inline]
    pub(super) fn give_back(&self, pages: u64) {
        debug_assert_eq!(self.used() & pages, pages);
        self.used.store(self.used() & !pages, Ordering::Relaxed);
        self.free.store(self.free() | pages, Ordering::Relaxed);
    }

    /// Gives used pages up, which somebody else will hand in.
    pub(super) fn give_up(&self, pages: u64) {
        self.used.store(self.used() & !pages, Ordering::Relaxed);
    }

    /// Adds pages that nobody uses to the free ones.
    pub(super) fn add_free(&self, pages: u64) {
        self.free.store(self.free() | pages, Ordering::Relaxed);
    }

    /// Takes pages out of the free ones, for good. Under an interpreter nothing is used twice.
    #[cfg(miri)]
    pub(super) fn quarantine(&self, pages: u64) {
        self.free.store(self.free() & !pages, Ordering::Relaxed);
    }

    /// Adds the pages that were handed in to the free ones.
    #[inline]
    pub(super) fn collect(&self) {
        if self.returned.load(Ordering::Relaxed) | self.emptied.load(Ordering::Relaxed) != 0 {
            // Acquire: what was done with the pages before comes before their next use.
            let returned = self.returned.swap(0, Ordering::Acquire);
            let emptied = self.emptied.swap(0, Ordering::Acquire);
            debug_assert_eq!(returned & PARKED, 0);
            self.free
                .store(self.free() | returned | emptied, Ordering::Relaxed);
        }
    }

    /// Parks the chunk. Answers whether the caller is its owner again, because enough pages were handed in
    /// meanwhile.
    pub(super) fn park(&self) -> bool {
        let free = self.free.swap(0, Ordering::Relaxed);
        // Release: who takes the chunk over sees all that its owner wrote.
        let before = self.returned.fetch_or(free | PARKED, Ordering::AcqRel);
        self.is_worth_having(before | free) && self.unpark()
    }

    /// Hands in a page, for anybody who has just become its owner. Answers whether that makes the caller the
    /// owner of the chunk.
    pub(super) fn hand_in(&self, page: u64) -> bool {
        let before = self.returned.fetch_or(page, Ordering::AcqRel);
        debug_assert_eq!(before & page, 0);
        before & PARKED != 0 && self.is_worth_having(before | page) && self.unpark()
    }

    fn is_worth_having(&self, returned: u64) -> bool {
        // After `returned` was written: see `hand_in_emptied`. Relaxed, as pages are only counted here: who uses them
        // collects them first.
        let pages = (returned | self.emptied.load(Ordering::Relaxed)) & ALL;
        pages.count_ones() >= FEW
    }

    /// Of all who try, one takes the chunk over.
    fn unpark(&self) -> bool {
        // Acquire: it sees all that the owner wrote who parked it. Nothing was written here that others need to see.
        self.returned.fetch_and(!PARKED, Ordering::Acquire) & PARKED != 0
    }

    /// The number of pages that were handed in and still have their memory.
    pub(super) fn returned(&self) -> u32 {
        (self.returned.load(Ordering::Relaxed) & ALL).count_ones()
    }

    /// Takes the pages that were handed in, to empty them, without owning the chunk.
    pub(super) fn take_returned(&self) -> u64 {
        // Acquire: what was done with the pages comes before they are emptied.
        self.returned.fetch_and(PARKED, Ordering::Acquire) & ALL
    }

    /// Hands in pages again that were emptied. Answers whether that makes the caller the owner of the chunk.
    pub(super) fn hand_in_emptied(&self, pages: u64) -> bool {
        // Release: the pages were emptied before their next use.
        let before = self.emptied.fetch_or(pages, Ordering::Release);
        // Written, though unchanged: of two who hand in pages in the two ways at the same moment, the one who
        // writes `returned` last sees both. Release, for the other to see `emptied` then. What is seen here is only
        // counted: to `unpark` is an Acquire.
        let returned = self.returned.fetch_or(0, Ordering::Release);
        returned & PARKED != 0
            && ((returned | before | pages) & ALL).count_ones() >= FEW
            && self.unpark()
    }
}

/// The first run of at least `wanted` pages, of which at most `most` are taken: the first and their number.
#[inline]
pub(super) fn find_run(mut pages: u64, wanted: u32, most: u32) -> Option<(u32, u32)> {
    while pages != 0 {
        let first = pages.trailing_zeros();
        let len = (pages >> first).trailing_ones();
        if len >= wanted {
            return Some((first, len.min(most)));
        }
        pages &= !run(first, len);
    }
    None
}

/// The bits of `len` pages from `first` on.
#[inline]
pub(super) fn run(first: u32, len: u32) -> u64 {
    debug_assert!(len >= 1 && first + len <= 64);
    (u64::MAX >> (64 - len)) << first
}

/// What the model checker is to find true in all orders: a chunk has one owner, and no page is lost.
#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    /// A chunk, its pages' memory, and what its owner alone may touch.
    struct Shared {
        chunk: Chunk,
        pages: [UnsafeCell<u32>; 10],
        owned: UnsafeCell<u32>,
    }

    impl Shared {
        /// A chunk of which `free` pages are free; who calls this owns it.
        fn new(free: u64) -> Arc<Self> {
            let chunk = Chunk::new();
            chunk.add_free(free);
            Arc::new(Shared {
                chunk,
                pages: core::array::from_fn(|_| UnsafeCell::new(0)),
                owned: UnsafeCell::new(0),
            })
        }

        fn write(&self, pages: u64) {
            for (index, page) in self.pages.iter().enumerate() {
                if pages & 1 << index != 0 {
                    // SAFETY: the model checker tells if it is shared.
                    page.with_mut(|page| unsafe { *page += 1 });
                }
            }
        }

        /// What an owner does: all that it has is its own. Answers the pages.
        fn own(&self) -> u64 {
            // SAFETY: the model checker tells if it is shared.
            self.owned.with_mut(|owned| unsafe { *owned += 1 });
            self.chunk.collect();
            let free = self.chunk.free();
            self.write(free);
            free
        }

        /// Frees the last value of a page. Answers whether the chunk is the caller's.
        fn hand_in(&self, page: u64) -> bool {
            self.write(page);
            let is_ours = self.chunk.hand_in(page);
            if is_ours {
                self.own();
            }
            is_ours
        }

        /// Empties the pages that were handed in. Answers whether the chunk is the caller's.
        fn empty(&self) -> bool {
            let pages = self.chunk.take_returned();
            if pages == 0 {
                return false;
            }
            self.write(pages);
            let is_ours = self.chunk.hand_in_emptied(pages);
            if is_ours {
                self.own();
            }
            is_ours
        }
    }

    /// With four threads all orders are too many: those with few interruptions will do.
    fn bounded(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }

    /// The pages of a bit set that begins after the page that is never used.
    const fn pages(first: u32, len: u32) -> u64 {
        ((1 << len) - 1) << first
    }

    /// The owner parks a chunk while the pages are handed in that make it worth having.
    #[test]
    fn a_parked_chunk_gets_one_owner() {
        loom::model(|| {
            let shared = Shared::new(pages(1, FEW - 2));
            let threads = [FEW - 1, FEW].map(|page| {
                let shared = shared.clone();
                thread::spawn(move || shared.hand_in(1 << page))
            });
            shared.own();
            let is_ours = shared.chunk.park();
            if is_ours {
                shared.own();
            }
            let others = threads.map(|thread| thread.join().unwrap());
            let owners = u32::from(is_ours) + others.map(u32::from).iter().sum::<u32>();
            assert_eq!(owners, 1);
            assert_eq!(shared.own(), pages(1, FEW));
        });
    }

    /// A parked chunk stays so until it has enough pages, whichever way they come.
    #[test]
    fn a_parked_chunk_with_few_pages_is_left_alone() {
        loom::model(|| {
            let shared = Shared::new(pages(1, FEW - 2));
            assert!(!shared.chunk.park());
            assert!(!shared.hand_in(1 << (FEW - 1)));
            assert!(!shared.empty());
            assert!(shared.hand_in(1 << FEW));
            assert_eq!(shared.own(), pages(1, FEW));
        });
    }

    /// A chunk without any free page is parked after others were taken out of it, to be emptied.
    #[test]
    fn pages_that_are_emptied_wake_a_chunk_that_has_no_others() {
        loom::model(|| {
            let shared = Shared::new(0);
            for page in 1..=FEW {
                assert!(!shared.hand_in(1 << page));
            }
            let taken = shared.chunk.take_returned();
            assert!(!shared.chunk.park());
            assert!(shared.chunk.hand_in_emptied(taken));
            assert_eq!(shared.own(), pages(1, FEW));
        });
    }

    /// Of a parked chunk some pages are emptied while the last ones are handed in.
    #[test]
    fn pages_in_both_words_wake_a_parked_chunk() {
        bounded(|| {
            let shared = Shared::new(pages(1, FEW - 2));
            assert!(!shared.chunk.park());
            let threads = [
                {
                    let shared = shared.clone();
                    thread::spawn(move || shared.hand_in(1 << (FEW - 1)))
                },
                {
                    let shared = shared.clone();
                    thread::spawn(move || shared.empty())
                },
            ];
            let is_ours = shared.hand_in(1 << FEW);
            let others = threads.map(|thread| thread.join().unwrap());
            let owners = u32::from(is_ours) + others.map(u32::from).iter().sum::<u32>();
            assert_eq!(owners, 1);
            assert_eq!(shared.own(), pages(1, FEW));
        });
    }

    /// A chunk is parked while pages are handed in, and others are emptied.
    #[test]
    fn parking_sees_pages_that_are_emptied() {
        bounded(|| {
            let shared = Shared::new(pages(1, FEW - 2));
            assert!(!shared.hand_in(1 << (FEW - 1)));
            let threads = [
                {
                    let shared = shared.clone();
                    thread::spawn(move || shared.empty())
                },
                {
                    let shared = shared.clone();
                    thread::spawn(move || shared.hand_in(1 << FEW))
                },
            ];
            let is_ours = shared.chunk.park();
            if is_ours {
                shared.own();
            }
            let others = threads.map(|thread| thread.join().unwrap());
            let owners = u32::from(is_ours) + others.map(u32::from).iter().sum::<u32>();
            assert_eq!(owners, 1);
            assert_eq!(shared.own(), pages(1, FEW));
        });
    }

    /// Of two who find a parked chunk worth having, one takes it, uses most of it, and parks it again: the other,
    /// who comes late, may take over what is left.
    #[test]
    fn who_takes_a_chunk_over_late_sees_what_was_done_with_it() {
        loom::model(|| {
            let shared = Shared::new(pages(1, FEW - 1));
            assert!(!shared.chunk.park());
            let threads = [FEW, FEW + 1].map(|page| {
                let shared = shared.clone();
                thread::spawn(move || {
                    if !shared.hand_in(1 << page) {
                        return false;
                    }
                    let used = shared.chunk.free() & pages(1, FEW - 2);
                    shared.chunk.take(used);
                    shared.chunk.park()
                })
            });
            let owners = threads.map(|thread| thread.join().unwrap());
            assert_ne!(owners, [true, true]);
            if owners == [false, false] {
                assert!(shared.chunk.unpark());
            }
            shared.own();
            assert_eq!(
                (shared.chunk.free() | shared.chunk.used()) & ALL,
                pages(1, FEW + 1)
            );
        });
    }

    /// An owner that keeps a chunk collects what is handed in, each page once.
    #[test]
    fn an_owner_collects_what_is_handed_in() {
        loom::model(|| {
            let shared = Shared::new(pages(1, FEW));
            let threads = [
                {
                    let shared = shared.clone();
                    thread::spawn(move || shared.hand_in(1 << (FEW + 1)))
                },
                {
                    let shared = shared.clone();
                    thread::spawn(move || shared.empty())
                },
            ];
            let free = shared.own();
            shared.chunk.take(free);
            shared.own();
            assert_eq!(threads.map(|thread| thread.join().unwrap()), [false, false]);
            shared.chunk.give_back(free);
            assert_eq!(shared.own(), pages(1, FEW + 1));
        });
    }
}
