//! Chunks and records that no frame uses: a few with each thread, the others shared by all.

use core::cell::Cell;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::chunk::{FEW, NONE};
use super::region::{self, CHUNK};
use super::stack::Stack;

/// The chunks that a thread keeps: 4 MiB; fewer where the range is small, so that idle threads do not hold all
/// of it.
fn kept() -> u32 {
    (region::size() / CHUNK / 256).clamp(1, 16) as u32
}

/// The records that a thread keeps.
const KEPT_RECORDS: u32 = 16;

/// The shared chunks that keep their memory: 32 MiB.
const WARM: usize = 128;

/// The pages that are emptied at once.
const BATCH: u32 = 16;

/// Shared chunks whose free pages have memory.
static WARM_CHUNKS: Stack = Stack::new();

/// How many they are, roughly.
static WARM_COUNT: AtomicUsize = AtomicUsize::new(0);

/// Shared chunks whose free pages have given theirs back.
static COLD_CHUNKS: Stack = Stack::new();

/// Shared records.
static RECORDS: Stack = Stack::new();

/// What a thread keeps for its next frames.
pub(super) struct Store {
    chunks: Cell<u32>,
    count: Cell<u32>,
    records: Cell<u32>,
    record_count: Cell<u32>,
    /// Whether the thread ends, and keeps nothing any more.
    is_closed: Cell<bool>,
}

impl Store {
    pub(super) const fn new() -> Self {
        Store {
            chunks: Cell::new(NONE),
            count: Cell::new(0),
            records: Cell::new(NONE),
            record_count: Cell::new(0),
            is_closed: Cell::new(false),
        }
    }

    /// A chunk with free pages, which then is the caller's.
    pub(super) fn take_chunk(&self) -> Option<u32> {
        let own = self.chunks.get();
        let index = if own != NONE {
            // SAFETY: the chunk is this store's, and so in the range.
            let chunk = unsafe { region::chunk(own) };
            self.chunks.set(chunk.next.load(Ordering::Relaxed));
            self.count.set(self.count.get() - 1);
            own
        } else {
            take_shared().or_else(region::fresh_chunk)?
        };
        // SAFETY: the chunk is ours, and in the range.
        unsafe { region::chunk(index) }.collect();
        Some(index)
    }

    /// Takes a chunk from its owner, which has nothing in use in it.
    pub(super) fn keep_chunk(&self, index: u32) {
        // SAFETY: the chunk is ours, and in the range.
        let chunk = unsafe { region::chunk(index) };
        chunk.collect();
        if chunk.free().count_ones() < FEW {
            if !chunk.park() {
                return;
            }
            chunk.collect();
        }
        if self.count.get() < kept() && !self.is_closed() {
            chunk.next.store(self.chunks.get(), Ordering::Relaxed);
            self.chunks.set(index);
            self.count.set(self.count.get() + 1);
        } else {
            share(index);
        }
    }

    /// A record for a frame.
    pub(super) fn take_record(&self) -> Option<u32> {
        let own = self.records.get();
        if own == NONE {
            // SAFETY: the records that are shared are in the range.
            return RECORDS
                .pop(|index| unsafe { &region::record(index).next })
                .or_else(region::fresh_record);
        }
        // SAFETY: the record is this store's, and so in the range.
        let next = unsafe { region::record(own) }.next.load(Ordering::Relaxed);
        self.records.set(next);
        self.record_count.set(self.record_count.get() - 1);
        Some(own)
    }

    /// Takes the record of a frame that has ended.
    pub(super) fn keep_record(&self, index: u32) {
        // SAFETY: the record is ours, and in the range.
        let next = unsafe { &region::record(index).next };
        if self.record_count.get() < KEPT_RECORDS && !self.is_closed() {
            next.store(self.records.get(), Ordering::Relaxed);
            self.records.set(index);
            self.record_count.set(self.record_count.get() + 1);
        } else {
            RECORDS.push(index, next);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Shares all that is kept, because the thread ends.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        while self.chunks.get() != NONE {
            if let Some(index) = self.take_chunk() {
                share(index);
            }
        }
        while self.records.get() != NONE {
            if let Some(index) = self.take_record() {
                self.keep_record(index);
            }
        }
    }
}

fn take_shared() -> Option<u32> {
    // SAFETY: the chunks that are shared are in the range.
    let next = |index| unsafe { &region::chunk(index).next };
    if let Some(warm) = WARM_CHUNKS.pop(next) {
        WARM_COUNT.fetch_sub(1, Ordering::Relaxed);
        return Some(warm);
    }
    COLD_CHUNKS.pop(next)
}

/// Gives a chunk to all threads. If they have enough, its memory goes back to the system.
fn share(index: u32) {
    // SAFETY: the chunk is ours, and in the range.
    let chunk = unsafe { region::chunk(index) };
    if is_warm_enough() {
        region::empty(index, chunk.free());
        COLD_CHUNKS.push(index, &chunk.next);
    } else {
        WARM_COUNT.fetch_add(1, Ordering::Relaxed);
        WARM_CHUNKS.push(index, &chunk.next);
    }
}

fn is_warm_enough() -> bool {
    WARM_COUNT.load(Ordering::Relaxed) >= WARM
}

/// Hands in a page, whose last value was freed after its frame had ended.
#[cold]
pub(super) fn hand_in(index: u32, page: u64) {
    if cfg!(miri) {
        // Under an interpreter nothing is used twice.
        return;
    }
    // SAFETY: the page's chunk is in the range.
    let chunk = unsafe { region::chunk(index) };
    let is_ours = if chunk.hand_in(page) {
        true
    } else if chunk.returned() >= BATCH && is_warm_enough() {
        // Nobody may come to use them for a long time.
        let pages = chunk.take_returned();
        region::empty(index, pages);
        chunk.hand_in_emptied(pages)
    } else {
        false
    };
    if is_ours {
        chunk.collect();
        share(index);
    }
}
