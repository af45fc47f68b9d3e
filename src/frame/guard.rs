//! The public functions that open frames, and what ends them.

use core::fmt;
use core::marker::PhantomData;

use super::install::prepare;
use super::opened::{Opened, close_those_over, innermost};
use super::record::Kind;
use super::region;
use super::state::{NO_FRAME, STATE, State};

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
    pub(super) opened: Opened,
    /// It belongs to its thread.
    not_sent: PhantomData<*mut ()>,
}

impl Frame {
    /// Whether the frame has memory of its own, and so something to rewind.
    pub(super) fn is_serving(&self) -> bool {
        match self.opened.record() {
            Some(record) => record.kind.get() == Kind::Serving,
            None => self.opened != Opened::NONE,
        }
    }

    pub(super) fn is_innermost(&self, state: &State) -> bool {
        // Another frame may have the record of one that has ended.
        self.opened.record().is_some()
            && innermost(state).is_some_and(|(index, _)| index == self.opened.index)
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
    fn open() -> Self {
        Scope(STATE.with(Opened::new))
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
    let _scope = Scope::open();
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
    let scope = Scope::open();
    let frame = core::mem::ManuallyDrop::new(Frame {
        opened: scope.0,
        not_sent: PhantomData,
    });
    f(&frame)
}

/// Opens a frame that ends when the guard is dropped.
///
/// Prefer [`scope`], whose frame can't be forgotten. What is opened in a [`scope`], [`with`] or [`outside`], or between two yields of
/// a future in a frame of its own, ends there at the latest.
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
        opened: STATE.with(Opened::new),
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
    let _scope = STATE.with(|state| {
        let is_inside = state.frame.get() != NO_FRAME;
        is_inside.then(|| Scope(Opened::outside(state)))
    });
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

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("is_open", &self.opened.record().is_some())
            .field("is_serving", &self.is_serving())
            .finish()
    }
}
