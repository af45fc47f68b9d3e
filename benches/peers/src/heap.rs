//! The bytes that are held.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, with a count of what is out.
#[derive(Clone, Copy, Debug)]
pub struct Heap;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// The bytes that [`Heap`], if it is the global allocator, has given out: with the word beside each block, and what its
/// size is rounded up to, where that is known.
pub fn taken() -> usize {
    TAKEN.load(Ordering::Relaxed)
}

/// What a block takes of the heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn size(block: *mut u8, _: Layout) -> usize {
    unsafe extern "C" {
        fn malloc_usable_size(block: *mut u8) -> usize;
    }
    // SAFETY: the callers' blocks are alive, and from `malloc` or one of its kin.
    unsafe { malloc_usable_size(block) + size_of::<usize>() }
}

/// What a block takes of the heap, as far as can be known.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn size(_: *mut u8, layout: Layout) -> usize {
    layout.size()
}

fn came(block: *mut u8, layout: Layout) -> *mut u8 {
    if !block.is_null() {
        TAKEN.fetch_add(size(block, layout), Ordering::Relaxed);
    }
    block
}

fn goes(block: *mut u8, layout: Layout) {
    TAKEN.fetch_sub(size(block, layout), Ordering::Relaxed);
}

// SAFETY: it hands on what the system's does.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        came(unsafe { System.alloc(layout) }, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        came(unsafe { System.alloc_zeroed(layout) }, layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        goes(block, layout);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let before = self::size(block, layout);
        // SAFETY: as promised by the caller.
        let new = unsafe { System.realloc(block, layout, size) };
        if !new.is_null() {
            TAKEN.fetch_sub(before, Ordering::Relaxed);
            // SAFETY: the caller has promised that this is a layout.
            came(new, unsafe {
                Layout::from_size_align_unchecked(size, layout.align())
            });
        }
        new
    }
}
