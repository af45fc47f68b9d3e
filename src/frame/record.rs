//! What is known of a frame.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::chunk::NONE;

/// No thread.
pub(super) const NOBODY: u64 = 0;

/// The chunks that a frame gets at least before those that it has are looked through.
pub(super) const PATIENCE: u32 = 16;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Serves allocations.
    Serving,
    /// Serves allocations as a part of the frame below it: what comes after a checkpoint.
    Level,
    /// Passes allocations to the parent.
    Passing,
}

/// The record of a frame. It stands in a table of its own, all zero before its first use.
///
/// The thread that runs the frame reads and writes the cells, or who opens or drops it while nobody runs it;
/// other threads look at the atomics alone.
#[repr(align(128))]
pub(super) struct Record {
    /// The number of the thread that runs the frame now, or [`NOBODY`].
    pub(super) thread: AtomicU64,
    /// Changes whenever the frame is opened or ends, so that who remembers one notices.
    serial: AtomicU64,
    /// The next of the records that nobody uses.
    pub(super) next: AtomicU32,
    /// The frame below on the thread's stack.
    pub(super) outer: Cell<u32>,
    /// The frame's chunks.
    pub(super) chunks: Cell<u32>,
    /// How many they are; for a level, with those of the frame and the levels below.
    pub(super) count: Cell<u32>,
    /// Those of them in which pages became free since they were last looked through, but for the current one.
    pub(super) with_room: Cell<u32>,
    /// How many more chunks it gets before all that it has are looked through for free pages.
    pub(super) sweep_in: Cell<u32>,
    /// The bytes that were allocated in windows that were left since.
    pub(super) served: Cell<usize>,
    /// What the thread's state was when another frame was opened in this one.
    pub(super) saved: Cell<Window>,
    pub(super) kind: Cell<Kind>,
    /// Whether its guard is gone while others are open above it.
    pub(super) is_over: Cell<bool>,
}

/// The part of a frame's memory that it takes blocks from.
#[derive(Clone, Copy)]
pub(super) struct Window {
    /// The next free byte.
    pub(super) cursor: *mut u8,
    /// Where the window begins and ends.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The chunk that it is in.
    pub(super) chunk: u32,
}

impl Window {
    /// That of a frame which has taken no pages yet: nothing fits.
    pub(super) const EMPTY: Window = Window {
        start: 1,
        end: 1,
        ..Window::IDLE
    };

    /// That of no frame, or of one that passes all to the parent.
    pub(super) const IDLE: Window = Window {
        cursor: core::ptr::null_mut(),
        start: 0,
        end: 0,
        chunk: NONE,
    };
}

impl Record {
    /// Makes this the record of a new frame.
    pub(super) fn open(&self, kind: Kind, outer: u32, thread: u64) {
        self.serial
            .store(self.serial().wrapping_add(1), Ordering::Relaxed);
        self.outer.set(outer);
        self.chunks.set(NONE);
        self.count.set(0);
        self.with_room.set(NONE);
        self.sweep_in.set(PATIENCE);
        self.served.set(0);
        self.saved.set(Window::EMPTY);
        self.kind.set(kind);
        self.is_over.set(false);
        self.thread.store(thread, Ordering::Relaxed);
    }

    /// The frame has ended: who remembers it notices.
    pub(super) fn close(&self) {
        self.serial
            .store(self.serial().wrapping_add(1), Ordering::Relaxed);
        self.thread.store(NOBODY, Ordering::Relaxed);
    }

    /// What tells the frame from those that had the record before and will have it after.
    pub(super) fn serial(&self) -> u64 {
        self.serial.load(Ordering::Relaxed)
    }
}
