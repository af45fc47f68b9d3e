//! The global allocator: who serves a call, a frame or the parent.

use alloc::alloc::{GlobalAlloc, Layout};
use std::alloc::System;

use super::region;
use super::state::{GRAIN, STATE};
#[cfg(feature = "trace-escapes")]
use super::trace;
use crate::arena::math::round_up;

/// A global allocator that serves from frames where one is open, and from its parent elsewhere.
///
/// ```
/// use arenula::{FrameAlloc, frame};
///
/// #[global_allocator]
/// static ALLOC: FrameAlloc = FrameAlloc::new();
///
/// fn main() {
///     let longest = frame::scope(|| {
///         let text = "one two three".to_owned();
///         let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
///         words.into_iter().max_by_key(String::len)
///     });
///     // What leaves its frame lives on, and is freed as usual.
///     assert_eq!(longest.as_deref(), Some("three"));
/// }
/// ```
///
/// Where no frame is open it costs a branch. Whether a pointer belongs to a frame or to the parent is told by its
/// address when it is freed or reallocated, wherever that is.
///
/// See [`frame`](super) for the rest.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameAlloc<P = System> {
    parent: P,
}

impl FrameAlloc {
    /// An allocator whose parent is the system's.
    ///
    /// ```
    /// use arenula::FrameAlloc;
    ///
    /// #[global_allocator]
    /// static ALLOC: FrameAlloc = FrameAlloc::new();
    /// # fn main() {}
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self::with_parent(System)
    }
}

impl<P> FrameAlloc<P> {
    /// An allocator that passes to `parent` what no frame serves.
    ///
    /// ```
    /// use arenula::FrameAlloc;
    /// use std::alloc::System;
    ///
    /// // Or another crate's allocator.
    /// #[global_allocator]
    /// static ALLOC: FrameAlloc<System> = FrameAlloc::with_parent(System);
    /// # fn main() {}
    /// ```
    #[must_use]
    pub const fn with_parent(parent: P) -> Self {
        FrameAlloc { parent }
    }
}

impl<P: GlobalAlloc> FrameAlloc<P> {
    /// Allocates where the frame's window has no room for the block, or there is no frame.
    ///
    /// # Safety
    ///
    /// As for `GlobalAlloc::alloc`.
    #[inline(never)]
    unsafe fn alloc_slow(&self, layout: Layout) -> *mut u8 {
        let block = STATE.with(|state| state.carve(layout));
        if block.is_null() {
            // SAFETY: the same contract.
            unsafe { self.parent.alloc(layout) }
        } else {
            block
        }
    }

    /// [`alloc_slow`](Self::alloc_slow), with zeros in the block.
    ///
    /// # Safety
    ///
    /// The same.
    #[inline(never)]
    unsafe fn alloc_zeroed_slow(&self, layout: Layout) -> *mut u8 {
        let block = STATE.with(|state| state.carve(layout));
        // SAFETY: the same contract; a block is as large as its layout says.
        unsafe {
            if block.is_null() {
                self.parent.alloc_zeroed(layout)
            } else {
                block.write_bytes(0, layout.size());
                block
            }
        }
    }

    /// Reallocates a block of the range that can't stay where it is.
    ///
    /// # Safety
    ///
    /// As for `GlobalAlloc::realloc`.
    #[inline(never)]
    unsafe fn move_block(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the same contract, by which the size is a valid one; both blocks are large enough for what is
        // copied, and not the same.
        unsafe {
            let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
            let moved = if STATE.with(|state| state.is_in_frame(block)) {
                self.alloc(new_layout)
            } else {
                // What belongs to another frame may have to live longer than this one.
                self.parent.alloc(new_layout)
            };
            if !moved.is_null() {
                block.copy_to_nonoverlapping(moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

// SAFETY: blocks that frames serve lie in used pages, each in bytes of its own (F2, F3), and aligned: the cursor
// is a multiple of 8, and what needs more is padded. A page is used again only when all that was allocated in
// it was freed (F4). All others are the parent's, and are told apart by their address. Nothing here panics or
// allocates.
//
// The four methods are calls: if they were inlined beside code that has just given up a `Box`, the compiler
// could take what they return for memory that nobody else writes to, while its bytes belong to the box still.
unsafe impl<P: GlobalAlloc> GlobalAlloc for FrameAlloc<P> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = STATE.with(|state| {
            if state.is_idle() || is_tracing() {
                // SAFETY: the same contract.
                return unsafe { self.parent.alloc(layout) };
            }
            match state.bump(layout) {
                Some(block) => block,
                // SAFETY: the same contract.
                None => unsafe { self.alloc_slow(layout) },
            }
        });
        traced(block, layout.size())
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = STATE.with(|state| {
            if state.is_idle() || is_tracing() {
                // SAFETY: the same contract.
                return unsafe { self.parent.alloc_zeroed(layout) };
            }
            match state.bump(layout) {
                // SAFETY: a block is as large as its layout says.
                Some(block) => unsafe {
                    block.write_bytes(0, layout.size());
                    block
                },
                // SAFETY: the same contract.
                None => unsafe { self.alloc_zeroed_slow(layout) },
            }
        });
        traced(block, layout.size())
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if region::may_own(block) {
            #[cfg(feature = "trace-escapes")]
            trace::strike_out(block);
            let size = round_up(layout.size(), GRAIN);
            if STATE.with(|state| state.free_last(block.addr(), size)) {
                return;
            }
            if let Some(offset) = region::offset_of(block) {
                STATE.with(|state| state.free_block(offset, size));
                return;
            }
        }
        // SAFETY: the same contract; the block is not a frame's.
        unsafe { self.parent.dealloc(block, layout) }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !region::may_own(block) || !region::owns(block) {
            // SAFETY: the same contract; the block is not a frame's. It may have to live long: so it stays with
            // the parent.
            return unsafe { self.parent.realloc(block, layout, new_size) };
        }
        let old = round_up(layout.size(), GRAIN);
        // The size is a valid one, so this does not wrap.
        let new = round_up(new_size, GRAIN);
        // Not the pointer that came in, which may be good for its own bytes only; those are read by it, if the block moves.
        let whole = region::whole(block);
        if STATE.with(|state| state.resize_block(whole, old, new)) {
            return traced(whole, new_size);
        }
        // SAFETY: the same contract.
        unsafe { self.move_block(block, layout, new_size) }
    }
}

/// Whether this thread notes where a block was allocated: what that needs is the parent's.
#[inline(always)]
fn is_tracing() -> bool {
    #[cfg(feature = "trace-escapes")]
    return trace::is_busy();
    #[cfg(not(feature = "trace-escapes"))]
    false
}

/// Notes where a block was allocated, if that is wanted.
#[inline(always)]
fn traced(block: *mut u8, _size: usize) -> *mut u8 {
    #[cfg(feature = "trace-escapes")]
    trace::enter(block, _size);
    block
}
