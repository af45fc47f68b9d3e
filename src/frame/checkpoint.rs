//! Going back to a moment in a frame's life, if nothing that came after is alive.

use core::fmt;

use super::guard::Frame;
use super::opened::{Opened, stack, stack_down_to};
use super::record::Kind;
use super::state::{STATE, State};

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
}
