//! Opening frames, and ending them in the right order whatever happens.

use core::fmt;
use core::hint::black_box;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use super::page::PAGE;
use super::record::{Kind, Record};
use super::region;
use super::state::{NO_FRAME, STATE, State};
use super::stats::{self, FrameStats};

/// The number of the next thread that opens a frame. No number is used twice.
static NEXT_THREAD: AtomicU64 = AtomicU64::new(1);

/// Whether [`FrameAlloc`](super::FrameAlloc) is the global allocator, and frames are on.
static INSTALLED: AtomicU8 = AtomicU8::new(UNKNOWN);

const UNKNOWN: u8 = 0;
const YES: u8 = 1;
const NO: u8 = 2;

/// Ends a thread's frames when the thread ends, and shares what it kept.
struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        STATE.with(|state| {
            while state.frame.get() != NO_FRAME {
                state.close();
            }
            state.store.close();
            stats::give_back_shard(state.shard.replace(stats::SHARED));
        });
    }
}

std::thread_local! {
    static EXIT: Exit = const { Exit };
}

/// Makes sure that the thread can open frames. What allocates on the way does so before one is open.
#[inline]
fn prepare(state: &State) -> bool {
    // Acquire: the range was reserved before, and is seen from now on.
    if INSTALLED.load(Ordering::Acquire) == YES && state.is_known() {
        return !state.store.is_closed();
    }
    prepare_slow(state)
}

/// Gives the thread a number, if it has none, and sees to its end (F6).
#[inline]
fn know(state: &State) {
    if !state.is_known() {
        know_slow(state);
    }
}

#[cold]
#[inline(never)]
fn know_slow(state: &State) {
    // At the end of a thread, when its values are gone already, it keeps nothing.
    if EXIT.try_with(|_| ()).is_err() {
        state.store.close();
    }
    (state.thread).set(NEXT_THREAD.fetch_add(1, Ordering::Relaxed));
}

#[cold]
#[inline(never)]
fn prepare_slow(state: &State) -> bool {
    if INSTALLED.load(Ordering::Relaxed) == NO {
        return false;
    }
    know(state);
    if state.store.is_closed() {
        return false;
    }
    if state.shard.get() == stats::SHARED {
        state.shard.set(stats::take_shard());
    }
    if INSTALLED.load(Ordering::Acquire) == UNKNOWN {
        if std::env::var_os("ARENULA_FRAMES").is_some_and(|value| value == "off") {
            INSTALLED.store(NO, Ordering::Relaxed);
            return false;
        }
        if !region::reserve() {
            if region::is_refused() {
                INSTALLED.store(NO, Ordering::Relaxed);
            }
            // Or another thread is about to reserve it: that is asked again next time.
            return false;
        }
        let answer = if serves(state) { YES } else { NO };
        // Release: who sees this sees the range.
        INSTALLED.store(answer, Ordering::Release);
        return answer == YES;
    }
    true
}

/// Whether what is allocated in a frame comes from it.
fn serves(state: &State) -> bool {
    // A kind that is not counted.
    if state.open(Kind::Level).is_none() {
        return false;
    }
    // Hidden from the compiler, which may leave out an allocation that it sees freed.
    let probe = black_box(std::boxed::Box::new(0_u64));
    let serves = region::owns((&raw const *probe).cast());
    drop(probe);
    state.close();
    serves
}

/// A frame that is open on this thread. It ends when this is dropped.
///
/// Made by [`enter`], and lent by [`with`]. A frame that is dropped while others are open above it ends when
/// they have; one that is forgotten ends with the [`scope`] or [`with`] around it, or with the thread.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let frame = frame::enter();
/// let text = String::from("in the frame");
/// assert!(frame::owns(text.as_ptr()));
/// drop(frame);
/// // The text keeps its memory.
/// assert_eq!(text, "in the frame");
/// # }
/// ```
#[must_use = "the frame ends when this is dropped"]
pub struct Frame {
    opened: Opened,
    /// It belongs to its thread.
    not_sent: PhantomData<*mut ()>,
}

/// A frame that was opened, which may have ended since.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    index: u32,
    serial: u64,
}

impl Opened {
    /// No frame.
    pub(super) const NONE: Opened = Opened {
        index: NO_FRAME,
        serial: 0,
    };

    /// Opens a frame on this thread, if it can.
    #[inline]
    pub(super) fn new(state: &State, kind: Kind) -> Self {
        if !prepare(state) {
            stats::count(state.shard.get(), 0, 0, 1);
            return Opened::NONE;
        }
        let is_passing = kind == Kind::Serving && stats::is_over_limit();
        let kind = if is_passing { Kind::Passing } else { kind };
        let opened = state.open(kind);
        if is_passing || opened.is_none() {
            stats::count(state.shard.get(), 0, 0, 1);
        }
        match opened {
            Some((index, serial)) => Opened { index, serial },
            None => Opened::NONE,
        }
    }

    /// The record of the frame, unless it has ended.
    #[inline]
    fn record(self) -> Option<&'static Record> {
        if self.index == NO_FRAME {
            return None;
        }
        // SAFETY: the frame was opened, so the range is there and has its record.
        let record = unsafe { region::record(self.index) };
        (record.serial() == self.serial).then_some(record)
    }

    /// Ends a frame of this thread, and what is open above it.
    #[inline]
    pub(super) fn close(self, state: &State) {
        if self.is_on_stack(state) {
            while state.frame.get() != self.index {
                state.close();
            }
            state.close();
            close_those_over(state);
        }
    }

    /// Whether this thread runs the frame.
    #[inline]
    fn is_on_stack(self, state: &State) -> bool {
        self.record().is_some() && stack(state).any(|(index, _)| index == self.index)
    }

    /// Puts a frame that nobody runs on top of this thread's.
    pub(super) fn resume(self, state: &State) {
        if self.record().is_some() {
            know(state);
            state.resume(self.index);
        }
    }

    /// Takes a frame off this thread's, with an end to what is open above it.
    pub(super) fn suspend(self, state: &State) {
        if self.is_on_stack(state) {
            while state.frame.get() != self.index {
                state.close();
            }
            state.suspend();
            close_those_over(state);
        }
    }
}

/// The records of this thread's frames with their indices, from the innermost on.
fn stack(state: &State) -> impl Iterator<Item = (u32, &'static Record)> {
    let record = |index| {
        // SAFETY: the frames on the stack are open, so the range is there and has their records.
        (index != NO_FRAME).then(|| (index, unsafe { region::record(index) }))
    };
    core::iter::successors(record(state.frame.get()), move |(_, above)| {
        record(above.outer.get())
    })
}

/// The frames of [`stack`] down to one of them, that included.
fn stack_down_to(
    state: &State,
    last: u32,
) -> impl Iterator<Item = (u32, &'static Record)> + use<'_> {
    stack(state).scan(false, move |is_done, (index, record)| {
        let is_after = !*is_done;
        *is_done = index == last;
        is_after.then_some((index, record))
    })
}

/// The innermost frame, without the levels that checkpoints have put on it.
fn innermost(state: &State) -> Option<(u32, &'static Record)> {
    stack(state).find(|(_, record)| record.kind.get() != Kind::Level)
}

/// Ends the innermost frames whose guards are gone.
#[inline]
fn close_those_over(state: &State) {
    while let Some((index, record)) = innermost(state) {
        if !record.is_over.get() {
            return;
        }
        while state.frame.get() != index {
            state.close();
        }
        state.close();
    }
}

impl Drop for Frame {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.opened.record() {
            record.is_over.set(true);
            STATE.with(close_those_over);
        }
    }
}

/// Ends a frame, and all that is open above it.
struct Scope(Opened);

impl Scope {
    #[inline]
    fn open(kind: Kind) -> Self {
        Scope(STATE.with(|state| Opened::new(state, kind)))
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        STATE.with(|state| self.0.close(state));
    }
}

/// Calls `f` in a new frame, which ends when `f` returns or panics.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let length = frame::scope(|| {
///     let lines: Vec<String> = (0..100).map(|n| format!("line {n}")).collect();
///     lines.concat().len()
/// });
/// assert_eq!(length, 690);
/// # }
/// ```
#[inline]
pub fn scope<R>(f: impl FnOnce() -> R) -> R {
    let _scope = Scope::open(Kind::Serving);
    f()
}

/// [`scope`], with the frame at hand, for its checkpoints and statistics.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// frame::with(|frame| {
///     let kept = String::from("kept");
///     let here = frame.checkpoint();
///     for n in 0..10 {
///         let text = format!("{kept} {n}");
///         assert_eq!(text.len(), 6);
///         drop(text);
///         frame.rewind(&here).unwrap();
///     }
/// });
/// # }
/// ```
#[inline]
pub fn with<R>(f: impl FnOnce(&Frame) -> R) -> R {
    let scope = Scope::open(Kind::Serving);
    let frame = core::mem::ManuallyDrop::new(Frame {
        opened: scope.0,
        not_sent: PhantomData,
    });
    f(&frame)
}

/// Opens a frame that ends when the guard is dropped.
///
/// Prefer [`scope`], whose frame can't be forgotten.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let frame = frame::enter();
/// assert!(frame::is_open());
/// drop(frame);
/// assert!(!frame::is_open());
/// # }
/// ```
#[inline]
pub fn enter() -> Frame {
    Frame {
        opened: STATE.with(|state| Opened::new(state, Kind::Serving)),
        not_sent: PhantomData,
    }
}

/// Calls `f` outside of any frame: what it allocates comes from the parent, and can live as long as it wants.
///
/// For what is kept: caches, lazily made statics, results.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let kept = frame::scope(|| {
///     let scratch = String::from("scratch");
///     frame::outside(|| scratch.repeat(2))
/// });
/// assert!(!frame::owns(kept.as_ptr()));
/// # }
/// ```
#[inline]
pub fn outside<R>(f: impl FnOnce() -> R) -> R {
    let is_inside = STATE.with(|state| state.frame.get() != NO_FRAME);
    let _scope = is_inside.then(|| Scope::open(Kind::Passing));
    f()
}

/// Whether what this thread allocates now comes from a frame.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// assert!(!frame::is_open());
/// frame::scope(|| {
///     assert!(frame::is_open());
///     frame::outside(|| assert!(!frame::is_open()));
/// });
/// # }
/// ```
#[must_use]
pub fn is_open() -> bool {
    STATE.with(|state| {
        innermost(state).is_some_and(|(_, record)| record.kind.get() == Kind::Serving)
    })
}

/// Whether a pointer leads to memory of a frame, open or ended.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let outer = Box::new(1);
/// let inner = frame::scope(|| Box::new(2));
/// assert!(!frame::owns(&*outer) && frame::owns(&*inner));
/// # }
/// ```
#[must_use]
pub fn owns<T: ?Sized>(pointer: *const T) -> bool {
    region::owns(pointer.cast())
}

/// Whether frames work: [`FrameAlloc`](crate::FrameAlloc) is the global allocator, the address space for frames is
/// reserved, and they were not switched off.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// # fn main() {
/// assert!(arenula::frame::is_installed());
/// # }
/// ```
#[must_use]
pub fn is_installed() -> bool {
    STATE.with(prepare)
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
    stats::stats()
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
    stats::set_pin_limit(bytes);
}

/// Sets how many bytes of memory a frame may hold. What it needs beyond that comes from the parent.
///
/// By default it is 256 MiB. A frame gets its memory in steps of 256 KiB, and one of them in any case.
///
/// ```
/// arenula::frame::set_frame_budget(16 << 20);
/// ```
pub fn set_frame_budget(bytes: usize) {
    stats::set_frame_budget(bytes);
}

/// A moment in a frame's life that [`Frame::rewind`] can bring back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    frame: Opened,
    /// What was allocated after.
    level: Opened,
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint").finish_non_exhaustive()
    }
}

/// Why a frame was not rewound. It is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RewindError {
    /// Something that was allocated since the checkpoint is still alive.
    StillLive {
        /// The bytes of that.
        bytes: usize,
    },
    /// Another frame is open inside this one.
    NotInnermost,
    /// The checkpoint is of another frame, or the frame was rewound to an earlier one since.
    Stale,
}

impl fmt::Display for RewindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RewindError::StillLive { bytes } => write!(
                f,
                "{bytes} bytes that were allocated since the checkpoint are still alive"
            ),
            RewindError::NotInnermost => f.write_str("another frame is open inside this one"),
            RewindError::Stale => {
                f.write_str("the checkpoint is of another frame, or was rewound past")
            }
        }
    }
}

impl core::error::Error for RewindError {}

impl Frame {
    /// Whether the frame has memory of its own, and so something to rewind.
    fn is_serving(&self) -> bool {
        match self.opened.record() {
            Some(record) => record.kind.get() == Kind::Serving,
            None => self.opened != Opened::NONE,
        }
    }

    fn is_innermost(&self, state: &State) -> bool {
        // Another frame may have the record of one that has ended.
        self.opened.record().is_some()
            && innermost(state).is_some_and(|(index, _)| index == self.opened.index)
    }

    /// Remembers this moment. What is allocated from now on starts on a page of its own.
    ///
    /// A checkpoint that is taken while another frame is open inside this one can't be rewound to.
    ///
    /// ```
    /// # #[global_allocator]
    /// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
    /// # fn main() {
    /// let frame = arenula::frame::enter();
    /// let here = frame.checkpoint();
    /// drop(vec![1, 2, 3]);
    /// assert_eq!(frame.rewind(&here), Ok(()));
    /// # }
    /// ```
    pub fn checkpoint(&self) -> Checkpoint {
        let level = STATE.with(|state| {
            if !self.is_serving() || !self.is_innermost(state) {
                return Opened::NONE;
            }
            match stack(state).next() {
                // Nothing is alive that was allocated since the checkpoint before, so this is the same. (A loop
                // may take one in each round.)
                Some((index, record)) if record.kind.get() == Kind::Level && state.is_empty() => {
                    Opened {
                        index,
                        serial: record.serial(),
                    }
                }
                _ => match state.open(Kind::Level) {
                    Some((index, serial)) => Opened { index, serial },
                    None => Opened::NONE,
                },
            }
        });
        Checkpoint {
            frame: self.opened,
            level,
        }
    }

    /// Goes back to a checkpoint, if all that was allocated since has been freed: its memory is then used
    /// again from the start. The checkpoint can be rewound to as often as wanted.
    ///
    /// Memory that is freed is used again without this, too, page by page; this is for those who want to be
    /// sure that nothing is left.
    ///
    /// # Errors
    ///
    /// If something is still alive, if another frame is open inside this one, or if the checkpoint is another
    /// frame's or was rewound past. The frame is then as it was. (A frame that passes through to the parent has
    /// nothing to rewind, which is no error.)
    ///
    /// ```
    /// # #[global_allocator]
    /// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
    /// use arenula::frame::{self, RewindError};
    ///
    /// # fn main() {
    /// frame::with(|frame| {
    ///     let here = frame.checkpoint();
    ///     let alive = Box::new([0_u8; 100]);
    ///     assert_eq!(frame.rewind(&here), Err(RewindError::StillLive { bytes: 104 }));
    ///     drop(alive);
    ///     assert_eq!(frame.rewind(&here), Ok(()));
    /// });
    /// # }
    /// ```
    pub fn rewind(&self, to: &Checkpoint) -> Result<(), RewindError> {
        STATE.with(|state| {
            let Some(level) = self.level_of(state, to)? else {
                return Ok(());
            };
            let bytes = stack_down_to(state, level)
                .map(|(index, _)| state.alive(index).1)
                .sum();
            if bytes != 0 {
                return Err(RewindError::StillLive { bytes });
            }
            while state.frame.get() != level {
                state.close();
            }
            state.rewind();
            Ok(())
        })
    }

    /// Goes back to a checkpoint, whatever is alive. If [`rewind`](Frame::rewind) would say that the frame is not
    /// innermost, or the checkpoint stale, nothing happens.
    ///
    /// # Safety
    ///
    /// Nothing that was allocated in the frame since the checkpoint is used, or freed, from now on, by any
    /// thread; what libraries have kept of it included.
    ///
    /// ```
    /// # #[global_allocator]
    /// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
    /// # fn main() {
    /// arenula::frame::with(|frame| {
    ///     let here = frame.checkpoint();
    ///     std::mem::forget(Box::new([0_u8; 100]));
    ///     // SAFETY: nobody has the box any more.
    ///     unsafe { frame.rewind_unchecked(&here) };
    ///     assert_eq!(frame.rewind(&here), Ok(()));
    /// });
    /// # }
    /// ```
    pub unsafe fn rewind_unchecked(&self, to: &Checkpoint) {
        STATE.with(|state| {
            if let Ok(Some(level)) = self.level_of(state, to) {
                // SAFETY: as promised by the caller.
                unsafe {
                    while state.frame.get() != level {
                        state.rewind_all();
                        state.close();
                    }
                    state.rewind_all();
                }
            }
        });
    }

    /// The frame that holds what was allocated after a checkpoint; `None` if the frame has no memory at all.
    fn level_of(&self, state: &State, to: &Checkpoint) -> Result<Option<u32>, RewindError> {
        if !self.is_serving() {
            return Ok(None);
        }
        if self.opened.record().is_none() || to.frame != self.opened {
            return Err(RewindError::Stale);
        }
        if !self.is_innermost(state) {
            return Err(RewindError::NotInnermost);
        }
        match to.level.record() {
            Some(_) => Ok(Some(to.level.index)),
            None => Err(RewindError::Stale),
        }
    }

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

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("is_open", &self.opened.record().is_some())
            .field("is_serving", &self.is_serving())
            .finish()
    }
}
