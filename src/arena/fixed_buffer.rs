//! A backing allocator that has only the memory it was given.

use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};

use super::{at, dangling, math};

/// A backing allocator over a buffer that is lent to it: on the stack, in a static, in shared memory.
///
/// It hands out the buffer from its start to its end. The last block grows, shrinks and is given back
/// in place; other blocks' memory comes back when no block is left. Made for few large blocks, as
/// an [`Arena`](crate::Arena)'s chunks are: [`Arena::with_capacity_in`](crate::Arena::with_capacity_in)
/// takes most of it at once.
///
/// ```
/// use arenula::{Arena, FixedBuffer};
/// use core::mem::MaybeUninit;
///
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut arena = Arena::with_capacity_in(4000, FixedBuffer::new(&mut buffer));
/// for _ in 0..3 {
///     assert!(arena.try_alloc_slice_fill_copy(4000, 1_u8).is_ok());
///     assert!(arena.try_alloc_slice_fill_copy(4000, 1_u8).is_err());
///     arena.reset();
/// }
/// ```
pub struct FixedBuffer<'b> {
    start: NonNull<u8>,
    /// Where the free part begins: between `start` and `end`, in the same buffer.
    cursor: Cell<NonNull<u8>>,
    end: usize,
    /// The number of blocks with a size that were not given back.
    live: Cell<usize>,
    buffer: PhantomData<&'b mut [MaybeUninit<u8>]>,
}

// SAFETY: it is the only one to use the buffer, which is plain bytes.
unsafe impl Send for FixedBuffer<'_> {}

impl<'b> FixedBuffer<'b> {
    /// An allocator that hands out `buffer`.
    ///
    /// ```
    /// use arenula::FixedBuffer;
    /// use core::mem::MaybeUninit;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 64];
    /// assert_eq!(FixedBuffer::new(&mut buffer).remaining(), 64);
    /// ```
    #[must_use]
    pub fn new(buffer: &'b mut [MaybeUninit<u8>]) -> Self {
        let len = buffer.len();
        let start = NonNull::from(buffer).cast::<u8>();
        FixedBuffer {
            start,
            cursor: Cell::new(start),
            end: start.addr().get() + len,
            live: Cell::new(0),
            buffer: PhantomData,
        }
    }

    /// The bytes that are left.
    ///
    /// ```
    /// use arenula::{Arena, FixedBuffer};
    /// use core::mem::MaybeUninit;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 1000];
    /// let arena = Arena::with_capacity_in(500, FixedBuffer::new(&mut buffer));
    /// assert!(arena.allocator().remaining() < 500);
    /// ```
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.end - self.cursor.get().addr().get()
    }

    /// Moves a block to where it has room.
    ///
    /// # Safety
    ///
    /// `block` is one of this allocator's, of the layout `old`, and nobody will use it any more.
    unsafe fn move_block(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let moved = self.allocate(new)?;
        // SAFETY: the new block was free, so the two don't overlap; both are as large as is copied.
        unsafe {
            let bytes = old.size().min(new.size());
            moved.cast::<u8>().copy_from_nonoverlapping(block, bytes);
            self.deallocate(block, old);
        }
        Ok(moved)
    }

    fn is_last(&self, block: NonNull<u8>, layout: Layout) -> bool {
        block.addr().get() + layout.size() == self.cursor.get().addr().get()
    }
}

// SAFETY: blocks lie in the buffer, which is borrowed for longer than the allocator lives and does not
// move with it. Each is taken from the free part; a part becomes free again only when the block that
// ends there is given back, or when there is none any more. It can't be cloned.
unsafe impl Allocator for FixedBuffer<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            // SAFETY: a layout's alignment is not 0.
            let nowhere = unsafe { dangling(layout.align()) };
            return Ok(NonNull::slice_from_raw_parts(nowhere, 0));
        }
        let cursor = self.cursor.get();
        let placed =
            math::place_checked::<1>(cursor.addr().get(), self.end, layout.size(), layout.align())
                .ok_or(AllocError)?;
        self.live.set(self.live.get() + 1);
        // SAFETY: both lie between the cursor and the end of the buffer.
        let block = unsafe {
            self.cursor.set(at(cursor, placed.next));
            at(cursor, placed.start)
        };
        Ok(handed_out(block, layout))
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            return;
        }
        self.live.set(self.live.get() - 1);
        if self.live.get() == 0 {
            self.cursor.set(self.start);
        } else if self.is_last(block, layout) {
            // SAFETY: the block lies in the buffer.
            unsafe { self.cursor.set(at(self.cursor.get(), block.addr().get())) };
        }
    }

    unsafe fn grow(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let start = block.addr().get();
        if old.size() != 0 && self.is_last(block, old) && start % new.align() == 0 {
            let placed =
                math::place_checked::<1>(start, self.end, new.size(), 1).ok_or(AllocError)?;
            let cursor = self.cursor.get();
            // SAFETY: both lie in the buffer, and what is between them is the block or free.
            let block = unsafe {
                self.cursor.set(at(cursor, placed.next));
                at(cursor, start)
            };
            return Ok(handed_out(block, new));
        }
        // SAFETY: the caller gives the old block up.
        unsafe { self.move_block(block, old, new) }
    }

    unsafe fn shrink(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let start = block.addr().get();
        if start % new.align() != 0 || new.size() == 0 {
            // SAFETY: the caller gives the old block up.
            return unsafe { self.move_block(block, old, new) };
        }
        if self.is_last(block, old) {
            // SAFETY: the block lies in the buffer, with more than its new size.
            unsafe { self.cursor.set(at(self.cursor.get(), start + new.size())) };
        }
        Ok(handed_out(block, new))
    }
}

/// The block for its caller: aligned as the layout says, by its address.
fn handed_out(block: NonNull<u8>, layout: Layout) -> NonNull<[u8]> {
    #[cfg(miri)]
    // SAFETY: the block is aligned so; the buffer's own alignment says nothing.
    unsafe {
        miri_promise_symbolic_alignment(block.as_ptr().cast(), layout.align());
    }
    NonNull::slice_from_raw_parts(block, layout.size())
}

#[cfg(miri)]
unsafe extern "Rust" {
    /// Tells the interpreter that an address is aligned where it can't see why.
    fn miri_promise_symbolic_alignment(pointer: *const (), align: usize);
}

impl fmt::Debug for FixedBuffer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedBuffer")
            .field("remaining", &self.remaining())
            .finish()
    }
}
