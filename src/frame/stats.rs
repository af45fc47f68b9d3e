//! What frames have done, what is pinned, and the limits of both.

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, AtomicUsize, Ordering};

use super::guard::Frame;
use super::opened::stack_down_to;
use super::page::PAGE;
use super::record::Kind;
use super::region::{self, CHUNK};
use super::state::STATE;

/// Counters of one thread; those of the last shard are of all threads that have none of their own.
#[repr(align(128))]
struct Shard {
    frames: AtomicU64,
    served: AtomicU64,
    passed: AtomicU64,
}

static SHARDS: [Shard; 65] = [const {
    Shard {
        frames: AtomicU64::new(0),
        served: AtomicU64::new(0),
        passed: AtomicU64::new(0),
    }
}; 65];

/// The shard of those who have none of their own.
pub(super) const SHARED: u32 = 64;

/// The shards that threads have.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// A shard for a thread; [`SHARED`] if there is none left.
pub(super) fn take_shard() -> u32 {
    let taken = TAKEN.fetch_update(Ordering::Acquire, Ordering::Relaxed, |taken| {
        (taken != u64::MAX).then(|| taken | (taken + 1))
    });
    taken.map_or(SHARED, u64::trailing_ones)
}

/// Gives a shard back, for the next thread to count on.
pub(super) fn give_back_shard(shard: u32) {
    if shard != SHARED {
        // Release: the next one sees what was counted.
        TAKEN.fetch_and(!(1 << shard), Ordering::Release);
    }
}

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

/// Counts what a thread has done, which has that shard.
pub(super) fn count(shard: u32, frames: u64, served: u64, passed: u64) {
    let add = |counter: &AtomicU64, n| {
        if shard == SHARED {
            counter.fetch_add(n, Ordering::Relaxed);
        } else {
            // Nobody else writes there.
            counter.store(counter.load(Ordering::Relaxed) + n, Ordering::Relaxed);
        }
    };
    let shard = &SHARDS[shard.min(SHARED) as usize];
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

/// The bytes of chunks that a frame may have: one at least, by which it is also seen whether frames serve.
pub(super) fn frame_budget() -> usize {
    FRAME_BUDGET.load(Ordering::Relaxed).max(CHUNK)
}

/// What the frames of all threads have done, and what they have pinned.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let escaped = frame::scope(|| Box::new([0_u8; 100]));
/// let stats = frame::stats();
/// assert_eq!((stats.frames, stats.pinned_bytes), (1, 4096));
/// drop(escaped);
/// assert_eq!(frame::stats().pinned_bytes, 0);
/// # }
/// ```
#[must_use]
pub fn stats() -> FrameStats {
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

/// Sets how many bytes may be wasted in pinned pages: those of the pages less what is alive in them.
///
/// Where more is wasted, new frames pass through to the parent, until a quarter of the limit is free again.
/// By default it is 16 MiB, or a quarter of what is alive in pinned pages if that is more.
///
/// ```
/// arenula::frame::set_pin_limit(64 << 20);
/// ```
pub fn set_pin_limit(bytes: usize) {
    // The largest number is taken; it is as good as the one before it.
    PIN_LIMIT.store(bytes.min(usize::MAX - 1), Ordering::Relaxed);
}

/// Sets how many bytes of memory a frame may hold. What it needs beyond that comes from the parent.
///
/// By default it is 256 MiB. A frame gets its memory in steps of 256 KiB, and one of them in any case.
///
/// ```
/// arenula::frame::set_frame_budget(16 << 20);
/// ```
pub fn set_frame_budget(bytes: usize) {
    FRAME_BUDGET.store(bytes, Ordering::Relaxed);
}

impl Frame {
    /// What this frame has served until now, and what would be pinned if it ended now.
    ///
    /// ```
    /// # #[global_allocator]
    /// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
    /// # fn main() {
    /// arenula::frame::with(|frame| {
    ///     let alive = Box::new([0_u8; 1000]);
    ///     let stats = frame.stats();
    ///     assert_eq!(stats.bytes_served, 1000);
    ///     assert_eq!((stats.pinned_bytes, stats.pinned_waste), (4096, 3096));
    ///     drop(alive);
    ///     assert_eq!(frame.stats().pinned_bytes, 0);
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn stats(&self) -> FrameStats {
        let mut stats = FrameStats {
            reserved: region::size(),
            ..FrameStats::default()
        };
        if !self.is_serving() {
            stats.passed_through = 1;
            return stats;
        }
        STATE.with(|state| {
            if self.opened.record().is_none() {
                return;
            }
            stats.frames = 1;
            for (index, record) in stack_down_to(state, self.opened.index) {
                if index != self.opened.index && record.kind.get() != Kind::Level {
                    // What is open inside counts for itself, with the levels on it.
                    stats.bytes_served = 0;
                    stats.pinned_pages = 0;
                    stats.pinned_bytes = 0;
                    stats.pinned_waste = 0;
                } else {
                    let window = state.window_of(index);
                    // Without a window there is no cursor.
                    let served = window.cursor.addr().saturating_sub(window.start);
                    stats.bytes_served += (record.served.get() + served) as u64;
                    let (pages, bytes) = state.alive(index);
                    stats.pinned_pages += pages;
                    stats.pinned_bytes += pages * PAGE;
                    stats.pinned_waste += pages * PAGE - bytes;
                }
            }
        });
        stats
    }
}
