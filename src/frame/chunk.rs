//! Sixty-four pages in a row, and which of them are free.
//!
//! At each moment a chunk belongs to a frame, to a thread's store, or to a list that threads share; its owner
//! knows the free pages as a set of bits. A page that was kept alive by an escaped value becomes free
//! wherever that is freed at last: it is handed in through `returned`, for the owner to find.
//!
//! A chunk with too few free pages to be of use is *parked*: it belongs to nobody, and whoever hands in the page
//! that makes them enough takes it over. The bit for that stands in the same word as the pages, so that
//! nobody can miss it; it is that of the first page, which is never used.

use super::sync::{AtomicU32, AtomicU64, Ordering};

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
    /// Its places in the lists of the frame's chunks that have free pages, and that have some in a row.
    pub(super) room: Place,
    pub(super) run: Place,
}

/// A place in a list. Only the chunk's owner reads and writes it.
pub(super) struct Place {
    /// The next in the list.
    pub(super) next: AtomicU32,
    /// Whether the chunk is in the list.
    pub(super) is_taken: AtomicU32,
}

impl Place {
    #[cfg(loom)]
    fn new() -> Self {
        Place {
            next: AtomicU32::new(NONE),
            is_taken: AtomicU32::new(0),
        }
    }
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
            room: Place::new(),
            run: Place::new(),
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
        // Written, though unchanged: of two who hand in pages in the two ways at the same moment, one sees both.
        let pages = (returned | self.emptied.fetch_or(0, Ordering::AcqRel)) & ALL;
        pages.count_ones() >= FEW
    }

    /// Of all who try, one takes the chunk over.
    fn unpark(&self) -> bool {
        self.returned.fetch_and(!PARKED, Ordering::AcqRel) & PARKED != 0
    }

    /// The number of pages that were handed in and still have their memory.
    pub(super) fn returned(&self) -> u32 {
        (self.returned.load(Ordering::Relaxed) & ALL).count_ones()
    }

    /// Takes the pages that were handed in, to empty them, without owning the chunk.
    pub(super) fn take_returned(&self) -> u64 {
        self.returned.fetch_and(PARKED, Ordering::AcqRel) & ALL
    }

    /// Hands in pages again that were emptied. Answers whether that makes the caller the owner of the chunk.
    pub(super) fn hand_in_emptied(&self, pages: u64) -> bool {
        let before = self.emptied.fetch_or(pages, Ordering::AcqRel);
        let returned = self.returned.fetch_or(0, Ordering::AcqRel);
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

/// Whether there are as many pages in a row.
#[inline]
pub(super) fn has_run(pages: u64, len: u32) -> bool {
    (1..len).fold(pages, |runs, by| runs & pages >> by) != 0
}

/// The bits of `len` pages from `first` on.
#[inline]
pub(super) fn run(first: u32, len: u32) -> u64 {
    debug_assert!(len >= 1 && first + len <= 64);
    (u64::MAX >> (64 - len)) << first
}
