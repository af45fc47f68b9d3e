//! A global allocator that counts what each thread has.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counted.
pub struct Counting;

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Threads free what others have made, so the number wraps around.
        let now = NOW.get().wrapping_add(layout.size());
        NOW.set(now);
        MOST.set(MOST.get().max(now));
        // SAFETY: as promised to us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        NOW.set(NOW.get().wrapping_sub(layout.size()));
        // SAFETY: as promised to us.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Runs `f`, and answers how much more memory than before this thread had at a time. Nothing where [`Counting`] is not the
/// global allocator.
pub fn most_bytes<T>(f: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.get();
    // What others have freed of ours counts as nothing.
    NOW.set(1 << 40);
    MOST.set(1 << 40);
    let value = f();
    let most = MOST.get() - (1 << 40);
    NOW.set(before.wrapping_add(NOW.get()).wrapping_sub(1 << 40));
    (value, most)
}
