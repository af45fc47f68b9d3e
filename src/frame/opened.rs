//! Frames that are open on a thread, and their ends in the right order whatever happens.

use super::install::{know, prepare};
use super::record::{Kind, Record};
use super::region;
use super::state::{NO_FRAME, State};
use super::stats;

/// A frame that was opened, which may have ended since.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) index: u32,
    pub(super) serial: u64,
}

impl Opened {
    /// No frame.
    pub(super) const NONE: Opened = Opened {
        index: NO_FRAME,
        serial: 0,
    };

    /// Opens a frame that stays on this thread, or what passes for one.
    #[inline]
    pub(super) fn new(state: &State) -> Self {
        Self::own(state).unwrap_or_else(|| Self::passing(state))
    }

    /// What stands for a frame that can't be had: all goes to the parent.
    #[cold]
    pub(super) fn passing(state: &State) -> Self {
        if state.is_idle() {
            return Opened::NONE;
        }
        Self::outside(state)
    }

    /// Opens a frame on this thread, if it can.
    #[inline]
    pub(super) fn own(state: &State) -> Option<Self> {
        let kind = match stats::is_over_limit() {
            true => Kind::Passing,
            false => Kind::Serving,
        };
        let opened = prepare(state).then(|| state.open(kind)).flatten();
        if opened.is_none() || kind == Kind::Passing {
            stats::count(state.shard.get(), 0, 0, 1);
        }
        opened.map(|(index, serial)| Opened { index, serial })
    }

    /// Opens a frame over that of this thread, whose allocations are the parent's.
    #[inline]
    pub(super) fn outside(state: &State) -> Self {
        let opened = state.open_outside();
        opened.map_or(Opened::NONE, |(index, serial)| Opened { index, serial })
    }

    /// The record of the frame, unless it has ended.
    #[inline]
    pub(super) fn record(self) -> Option<&'static Record> {
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
pub(super) fn stack(state: &State) -> impl Iterator<Item = (u32, &'static Record)> {
    let record = |index| {
        // SAFETY: the frames on the stack are open, so the range is there and has their records.
        (index != NO_FRAME).then(|| (index, unsafe { region::record(index) }))
    };
    core::iter::successors(record(state.frame.get()), move |(_, above)| {
        record(above.outer.get())
    })
}

/// The frames of [`stack`] down to one of them, that included.
pub(super) fn stack_down_to(
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
pub(super) fn innermost(state: &State) -> Option<(u32, &'static Record)> {
    stack(state).find(|(_, record)| record.kind.get() != Kind::Level)
}

/// Ends the innermost frames whose guards are gone.
#[inline]
pub(super) fn close_those_over(state: &State) {
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
