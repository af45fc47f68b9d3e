//! How much memory something takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// The system's allocator, which counts what it is asked for while somebody wants to know.
pub struct Counting;

/// What something took.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// How often a block was asked for, or a larger one.
    pub allocations: usize,
    /// The most bytes that there were at a time, as they were asked for: what the system adds to each block is not
    /// known here.
    pub peak: usize,
}

static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Does some work, on one thread, and answers what it took; what it returns is still there then.
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Memory) {
    for counter in [&ALLOCATIONS, &HELD, &PEAK] {
        counter.store(0, Relaxed);
    }
    IS_COUNTING.store(true, Relaxed);
    let result = work();
    IS_COUNTING.store(false, Relaxed);
    let memory = Memory {
        allocations: ALLOCATIONS.load(Relaxed),
        peak: PEAK.load(Relaxed),
    };
    (result, memory)
}

fn note_taken(bytes: usize) {
    if IS_COUNTING.load(Relaxed) {
        ALLOCATIONS.fetch_add(1, Relaxed);
        PEAK.fetch_max(HELD.fetch_add(bytes, Relaxed) + bytes, Relaxed);
    }
}

fn note_freed(bytes: usize) {
    if IS_COUNTING.load(Relaxed) {
        HELD.fetch_sub(bytes, Relaxed);
    }
}

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note_taken(layout.size());
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note_taken(layout.size());
        // SAFETY: the same contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note_freed(layout.size());
        note_taken(new_size);
        // SAFETY: the same contract.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note_freed(layout.size());
        // SAFETY: the same contract.
        unsafe { System.dealloc(block, layout) }
    }
}
