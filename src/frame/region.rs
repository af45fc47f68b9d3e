//! The range of addresses that all frames' memory comes from, and the tables that go with it.
//!
//! The range is reserved once, by the first frame, and never given back; so whether a pointer belongs to a frame
//! is one subtraction and one compare, whoever asks and whenever. Its size is a power of two, and it begins at a
//! multiple of that: so the upper bits of all its addresses are the same, and for most other pointers a look at
//! those is enough. The records of pages, chunks and frames are tables outside of it.
//!
//! Memory for the chunks is asked for in large steps, from the start on, and emptied ones are given back.

use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use super::chunk::Chunk;
use super::page::{PAGE, Page};
use super::record::Record;
use super::system::{self, MOST_BYTES};
use crate::arena::math::round_up;

/// The pages of a chunk.
pub(super) const PAGES: usize = 64;

/// The size of a chunk.
pub(super) const CHUNK: usize = PAGES * PAGE;

/// The chunks whose memory is asked for at once.
const STEP: u32 = 256;

/// The range, on a cache line of its own: it is asked for at each free.
#[repr(align(64))]
struct Range {
    /// Where it begins. No pointer is as little above the first value as the range is large.
    base: AtomicPtr<u8>,
    /// Its size; 0 as long as there is none.
    size: AtomicUsize,
    /// The tables.
    pages: AtomicPtr<Page>,
    chunks: AtomicPtr<Chunk>,
    records: AtomicPtr<Record>,
}

static RANGE: Range = Range {
    base: AtomicPtr::new(ptr::without_provenance_mut(NOWHERE)),
    size: AtomicUsize::new(0),
    pages: AtomicPtr::new(ptr::null_mut()),
    chunks: AtomicPtr::new(ptr::null_mut()),
    records: AtomicPtr::new(ptr::null_mut()),
};

/// The address in the middle: on 64 bit nobody's memory lies above it.
const NOWHERE: usize = 1 << (usize::BITS - 1);

/// What the range was asked for; see [`State`].
static STATE: AtomicU32 = AtomicU32::new(State::Untried as u32);

/// The first chunk that was never used.
static FRESH: AtomicU32 = AtomicU32::new(0);

/// The chunks that have memory.
static COMMITTED: AtomicU32 = AtomicU32::new(0);

/// The first record of a frame that was never used.
static FRESH_RECORD: AtomicU32 = AtomicU32::new(0);

enum State {
    Untried,
    Trying,
    Reserved,
    Refused,
}

/// Whether the pointer can belong to the range; if not, that is sure. The cheapest question that sends most pointers of
/// the parent's home.
#[inline(always)]
pub(super) fn may_own(pointer: *const u8) -> bool {
    (pointer.addr() ^ base().addr()) >> MOST_BYTES.ilog2() == 0
}

/// How far the pointer lies from the start of the range, if it belongs to it.
#[inline(always)]
pub(super) fn offset_of(pointer: *const u8) -> Option<usize> {
    // On narrow machines a pointer can lie above any start value, so the size must not be seen before the
    // start. Elsewhere it may: whoever asks for a frame's pointer has seen both.
    let order = if usize::BITS < 64 {
        Ordering::Acquire
    } else {
        Ordering::Relaxed
    };
    let size = RANGE.size.load(order);
    // As good as a subtraction, where the range has a multiple of its size as its start.
    let offset = pointer.addr() ^ base().addr();
    (offset < size).then_some(offset)
}

/// Whether the pointer belongs to the range.
#[inline]
pub(super) fn owns(pointer: *const u8) -> bool {
    offset_of(pointer).is_some()
}

/// Where the range begins.
#[inline(always)]
fn base() -> *mut u8 {
    RANGE.base.load(Ordering::Relaxed)
}

/// How far a pointer into the range lies from its start.
pub(super) fn offset_in(pointer: *const u8) -> usize {
    debug_assert!(owns(pointer));
    pointer.addr() - base().addr()
}

/// The size of the range; 0 if there is none.
pub(super) fn size() -> usize {
    RANGE.size.load(Ordering::Relaxed)
}

/// The pointer to an address of the range, good for all of it.
#[inline(always)]
pub(super) fn at(offset: usize) -> *mut u8 {
    base().wrapping_byte_add(offset)
}

/// The pointer to the address of one into the range, good for all of it.
#[inline(always)]
pub(super) fn whole(pointer: *const u8) -> *mut u8 {
    base().with_addr(pointer.addr())
}

/// The range's chunks.
fn chunks() -> u32 {
    (size() / CHUNK) as u32
}

/// The account of the page at `index`.
///
/// # Safety
///
/// The range is reserved, and has that page.
#[inline(always)]
pub(super) unsafe fn page(index: usize) -> &'static Page {
    // SAFETY: the table has it, all of it zero at first, which is a valid account; it stays for ever.
    unsafe { &*RANGE.pages.load(Ordering::Relaxed).add(index) }
}

/// What is known of the chunk at `index`.
///
/// # Safety
///
/// As for [`page`].
#[inline(always)]
pub(super) unsafe fn chunk(index: u32) -> &'static Chunk {
    // SAFETY: as for `page`.
    unsafe { &*RANGE.chunks.load(Ordering::Relaxed).add(index as usize) }
}

/// The record of the frame at `index`.
///
/// # Safety
///
/// As for [`page`].
#[inline(always)]
pub(super) unsafe fn record(index: u32) -> &'static Record {
    // SAFETY: as for `page`.
    unsafe { &*RANGE.records.load(Ordering::Relaxed).add(index as usize) }
}

/// The records of frames for each chunk; an interpreter's range has few chunks.
const RECORDS: usize = if cfg!(miri) { 16 } else { 1 };

/// What the tables of one chunk take. Each record has its twin.
const TABLES: usize =
    PAGES * size_of::<Page>() + size_of::<Chunk>() + 2 * RECORDS * size_of::<Record>();

/// The number of records that are taken for frames. As many twins stand behind them.
fn records() -> u32 {
    chunks() * RECORDS as u32
}

/// The record that belongs to another: for what passes the frame by. So that needs none that there might not be.
pub(super) fn twin(record: u32) -> u32 {
    debug_assert!(!is_twin(record));
    record + records()
}

/// Whether the record belongs to another.
pub(super) fn is_twin(record: u32) -> bool {
    record >= records()
}

const _: () = assert!(align_of::<Record>() >= align_of::<Chunk>());
const _: () = assert!(align_of::<Chunk>() >= align_of::<Page>());

/// Whether there is a range.
#[inline]
pub(super) fn is_reserved() -> bool {
    STATE.load(Ordering::Acquire) == State::Reserved as u32
}

/// Reserves the range, unless that was tried before; or waits for the thread that does. Answers whether there is one.
pub(super) fn reserve() -> bool {
    if is_reserved() {
        return true;
    }
    // Relaxed: nothing was done before.
    let first = STATE.compare_exchange(
        State::Untried as u32,
        State::Trying as u32,
        Ordering::Relaxed,
        Ordering::Relaxed,
    );
    if first.is_err() {
        wait();
        return is_reserved();
    }
    // A power of two.
    let mut chunks = (system::most_bytes() / CHUNK)
        .checked_ilog2()
        .map_or(0, |bits| 1 << bits);
    while chunks >= system::LEAST_CHUNKS {
        let tables = round_up(chunks * TABLES, CHUNK);
        if let Some((tables, base)) = system::reserve(tables, chunks * CHUNK) {
            // The records want more alignment than the chunks, and those more than the pages.
            let records = tables.cast::<Record>();
            let of_chunks = records.wrapping_add(2 * chunks * RECORDS).cast::<Chunk>();
            let of_pages = of_chunks.wrapping_add(chunks).cast::<Page>();
            RANGE.records.store(records, Ordering::Relaxed);
            RANGE.chunks.store(of_chunks, Ordering::Relaxed);
            RANGE.pages.store(of_pages, Ordering::Relaxed);
            RANGE.base.store(base, Ordering::Relaxed);
            // Release, of both: who sees the size or the state sees the tables. (No model can have statics, and where every
            // store is a Release no other test would miss it.)
            RANGE.size.store(chunks * CHUNK, Ordering::Release);
            STATE.store(State::Reserved as u32, Ordering::Release);
            return true;
        }
        chunks /= 2;
    }
    STATE.store(State::Refused as u32, Ordering::Relaxed);
    false
}

/// Waits while another thread reserves the range: so its first frames are not the only ones that serve. That is a few
/// calls of the system; but a process that was forked meanwhile doesn't have that thread, and none will ever do it.
#[cold]
fn wait() {
    let is_trying = || STATE.load(Ordering::Relaxed) == State::Trying as u32;
    for turn in 0..1000 {
        if !is_trying() {
            return;
        }
        if turn < 100 {
            std::thread::yield_now();
        } else {
            std::thread::sleep(core::time::Duration::from_millis(1));
        }
    }
    let _ = STATE.compare_exchange(
        State::Trying as u32,
        State::Refused as u32,
        Ordering::Relaxed,
        Ordering::Relaxed,
    );
}

/// Counts up to `most`. Answers the number before.
fn next_below(counter: &AtomicU32, most: u32) -> Option<u32> {
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
            (n < most).then_some(n + 1)
        })
        .ok()
}

/// A record that was never used.
pub(super) fn fresh_record() -> Option<u32> {
    next_below(&FRESH_RECORD, records())
}

/// A chunk that was never used, with memory.
#[cold]
pub(super) fn fresh_chunk() -> Option<u32> {
    loop {
        let committed = COMMITTED.load(Ordering::Acquire);
        // Only those with memory are counted: so none is lost if there is no memory for a while.
        if let Some(index) = next_below(&FRESH, committed) {
            // SAFETY: the range has that chunk, and it is nobody else's.
            unsafe { chunk(index) }.init();
            return Some(index);
        }
        let step = STEP.min(chunks() - committed);
        // More than one thread may do this at a time, for the same step.
        let start = at(committed as usize * CHUNK);
        if step == 0 || !system::commit(start, step as usize * CHUNK) {
            return None;
        }
        let _ = COMMITTED.compare_exchange(
            committed,
            committed + step,
            Ordering::Release,
            Ordering::Relaxed,
        );
    }
}

/// Gives the memory of pages back to the system; their addresses stay.
pub(super) fn empty(chunk: u32, mut pages: u64) {
    while let Some((first, len)) = super::chunk::find_run(pages, 1, 64) {
        let start = at(chunk as usize * CHUNK + first as usize * PAGE);
        system::empty(start, len as usize * PAGE);
        pages &= !super::chunk::run(first, len);
    }
}
