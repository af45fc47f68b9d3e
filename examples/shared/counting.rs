//! The system's allocator, which counts what it is asked for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

pub struct Counting;

static IS_COUNTING: AtomicBool = AtomicBool::new(true);
static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// How often the program has called the allocator: for memory, for another size, or to give it back.
pub fn calls() -> u64 {
    CALLS.load(Relaxed)
}

/// How many bytes the program has of the allocator at the moment.
#[allow(dead_code, reason = "not every example that shares this file asks")]
pub fn bytes() -> usize {
    BYTES.load(Relaxed)
}

/// Whether calls are counted, as they are at first. How many bytes more there are since a moment can be told only
/// if all calls since were counted.
#[allow(
    dead_code,
    reason = "not every example that shares this file minds the time it takes"
)]
pub fn set_counting(is_counting: bool) {
    IS_COUNTING.store(is_counting, Relaxed);
}

impl Counting {
    fn count(&self, more: usize, less: usize) {
        if IS_COUNTING.load(Relaxed) {
            CALLS.fetch_add(1, Relaxed);
            BYTES.fetch_add(more.wrapping_sub(less), Relaxed);
        }
    }
}

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.count(layout.size(), 0);
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.count(layout.size(), 0);
        // SAFETY: the same contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        self.count(new_size, layout.size());
        // SAFETY: the same contract.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.count(0, layout.size());
        // SAFETY: the same contract.
        unsafe { System.dealloc(block, layout) }
    }
}
