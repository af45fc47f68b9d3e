//! What frames have done, what is pinned, and the limits of both.

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, AtomicUsize, Ordering};

use super::page::PAGE;
use super::region;

/// A thread's counters, on a cache line that few others use.
#[repr(align(128))]
struct Shard {
    frames: AtomicU64,
    served: AtomicU64,
    passed: AtomicU64,
}

static SHARDS: [Shard; 16] = [const {
    Shard {
        frames: AtomicU64::new(0),
        served: AtomicU64::new(0),
        passed: AtomicU64::new(0),
    }
}; 16];

/// The pages in which something outlived its frame, and the bytes of that.
static PINNED_PAGES: AtomicIsize = AtomicIsize::new(0);
static PINNED_ALIVE: AtomicIsize = AtomicIsize::new(0);

/// The limit of what is wasted in them; the largest number stands for the default.
static PIN_LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Whether the limit was exceeded, and what is wasted has not fallen enough since.
static IS_OVER: AtomicBool = AtomicBool::new(false);

static FRAME_BUDGET: AtomicUsize = AtomicUsize::new(DEFAULT_BUDGET);

/// What is always admitted to be wasted.
const DEFAULT_PIN_LIMIT: usize = 16 << 20;

const DEFAULT_BUDGET: usize = 256 << 20;

/// What [`stats`](super::stats) says of the frames of all threads, and
/// [`Frame::stats`](super::Frame::stats) of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameStats {
    /// Frames that ended, and had memory of their own to serve from.
    pub frames: u64,
    /// The bytes that they served.
    pub bytes_served: u64,
    /// The bytes of pages that are kept because a value in them outlived its frame.
    pub pinned_bytes: usize,
    /// How many pages they are.
    pub pinned_pages: usize,
    /// The bytes of those pages in which nothing is alive.
    pub pinned_waste: usize,
    /// Frames that were opened, and had no memory to serve from: at the [pin
    /// limit](super::set_pin_limit), or because frames are off or the address space could not be reserved.
    pub passed_through: u64,
    /// The addresses that are reserved for frames; 0 if there are none, and all frames pass through.
    pub reserved: usize,
}

impl fmt::Display for FrameStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} frames served {} bytes, {} passed through; {} bytes pinned in {} pages, {} of them wasted",
            self.frames,
            self.bytes_served,
            self.passed_through,
            self.pinned_bytes,
            self.pinned_pages,
            self.pinned_waste
        )
    }
}

/// Counts what a thread has done.
pub(super) fn count(thread: u64, frames: u64, served: u64, passed: u64) {
    let shard = &SHARDS[thread as usize % SHARDS.len()];
    let add = |counter: &AtomicU64, n| {
        if n != 0 {
            counter.fetch_add(n, Ordering::Relaxed);
        }
    };
    add(&shard.frames, frames);
    add(&shard.served, served);
    add(&shard.passed, passed);
}

/// Counts pages that outlive their frame, and the bytes that are alive in them.
pub(super) fn pin(pages: usize, alive: usize) {
    PINNED_PAGES.fetch_add(pages as isize, Ordering::Relaxed);
    PINNED_ALIVE.fetch_add(alive as isize, Ordering::Relaxed);
}

/// Counts bytes that are alive no longer, and pages that are pinned no longer.
pub(super) fn unpin(pages: usize, freed: usize) {
    if pages != 0 {
        PINNED_PAGES.fetch_sub(pages as isize, Ordering::Relaxed);
    }
    if freed != 0 {
        PINNED_ALIVE.fetch_sub(freed as isize, Ordering::Relaxed);
    }
}

/// The pinned pages, and the bytes alive in them.
fn pinned() -> (usize, usize) {
    // Threads that count at the same moment can be seen in the wrong order.
    let pages = PINNED_PAGES.load(Ordering::Relaxed).max(0) as usize;
    let alive = PINNED_ALIVE.load(Ordering::Relaxed).max(0) as usize;
    (pages, alive.min(pages * PAGE))
}

/// Whether so much is wasted that new frames must pass through to the parent.
pub(super) fn is_over_limit() -> bool {
    let (pages, alive) = pinned();
    let waste = pages * PAGE - alive;
    let limit = match PIN_LIMIT.load(Ordering::Relaxed) {
        usize::MAX => DEFAULT_PIN_LIMIT.max(alive / 4),
        limit => limit,
    };
    let was_over = IS_OVER.load(Ordering::Relaxed);
    let is_over = if was_over {
        waste > limit / 4 * 3
    } else {
        waste > limit
    };
    if is_over != was_over {
        IS_OVER.store(is_over, Ordering::Relaxed);
    }
    is_over
}

pub(super) fn set_pin_limit(bytes: usize) {
    // The largest number stands for the default.
    PIN_LIMIT.store(bytes.min(usize::MAX - 1), Ordering::Relaxed);
}

pub(super) fn set_frame_budget(bytes: usize) {
    FRAME_BUDGET.store(bytes, Ordering::Relaxed);
}

/// The bytes of chunks that a frame may have.
pub(super) fn frame_budget() -> usize {
    FRAME_BUDGET.load(Ordering::Relaxed)
}

pub(super) fn stats() -> FrameStats {
    let sum = |counter: fn(&Shard) -> &AtomicU64| {
        SHARDS
            .iter()
            .map(|shard| counter(shard).load(Ordering::Relaxed))
            .sum()
    };
    let (pages, alive) = pinned();
    FrameStats {
        frames: sum(|shard| &shard.frames),
        bytes_served: sum(|shard| &shard.served),
        pinned_bytes: pages * PAGE,
        pinned_pages: pages,
        pinned_waste: pages * PAGE - alive,
        passed_through: sum(|shard| &shard.passed),
        reserved: region::size(),
    }
}
