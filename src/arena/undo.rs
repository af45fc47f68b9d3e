//! What happens to a block whose initialisation fails.

use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use super::{Arena, at, math};

/// A block that is not initialised yet. Dropped, it goes back to the arena with the padding before it,
/// if it is still the last one: for when code of the user fails or panics.
pub(super) struct Undo<'a, const MIN_ALIGN: usize, A: Allocator> {
    arena: &'a Arena<MIN_ALIGN, A>,
    /// Where the cursor was before.
    before: usize,
    block: NonNull<u8>,
    size: usize,
}

impl<'a, const MIN_ALIGN: usize, A: Allocator> Undo<'a, MIN_ALIGN, A> {
    /// Watches over room for `len` values of type `T`, which `take` takes from the arena.
    #[inline(always)]
    pub(super) fn watch<T, E>(
        arena: &'a Arena<MIN_ALIGN, A>,
        len: usize,
        take: impl FnOnce() -> Result<NonNull<T>, E>,
    ) -> Result<(Self, NonNull<T>), E> {
        let before = arena.cursor.get().addr().get();
        let start = take()?;
        let undo = Undo {
            arena,
            before,
            block: start.cast(),
            size: len * size_of::<T>(),
        };
        Ok((undo, start))
    }

    /// The block stays. Its bytes from `keep` on go back, if it is still the last one.
    ///
    /// # Safety
    ///
    /// Nobody uses them.
    #[inline(always)]
    pub(super) unsafe fn keep(self, keep: usize) {
        if keep < self.size {
            // SAFETY: the block is the arena's, of this size; the rest is promised.
            unsafe { self.arena.give_back(self.block, self.size, keep) };
        }
        core::mem::forget(self);
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Drop for Undo<'_, MIN_ALIGN, A> {
    #[inline]
    fn drop(&mut self) {
        let block = self.block.addr().get();
        let cursor = self.arena.cursor.get();
        let end = block.wrapping_add(math::round_up(self.size, MIN_ALIGN));
        let Some(chunk) = self.arena.chunk.get() else {
            return;
        };
        if self.size == 0 || end != cursor.addr().get() {
            return;
        }
        // In another chunk than before, the block is the first.
        let is_same_chunk = chunk.start() <= self.before && self.before <= block;
        let free = if is_same_chunk {
            self.before
        } else {
            chunk.start()
        };
        // SAFETY: the block is the last one and was handed to nobody (I4), nor was the padding before
        // it; both places are multiples of `MIN_ALIGN` in the current chunk.
        unsafe { self.arena.cursor.set(at(cursor, free)) };
    }
}
