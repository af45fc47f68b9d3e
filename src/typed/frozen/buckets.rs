//! Where the values of a [`FrozenArena`](super::FrozenArena) lie.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use super::super::Glue;
use crate::arena::{Failure, dangling};
use crate::unwind::run_all;

/// One bucket for each bit of a number; each has twice the slots of the one before. The first ones, which
/// would be too small, are never made.
pub(crate) const BUCKETS: usize = u32::BITS as usize;

/// The size of the first bucket, or more if one value is larger.
const FIRST_BYTES: usize = 512;

/// The memory of a [`FrozenArena`].
///
/// What holds of it is T7. What is looked at most comes first, side by side.
#[repr(C)]
pub(super) struct Buckets<A: Allocator> {
    pub(super) len: Cell<usize>,
    pub(super) table: [Cell<Option<NonNull<u8>>>; BUCKETS],
    pub(super) glue: &'static Glue,
    pub(super) backing: A,
}

impl<A: Allocator> Buckets<A> {
    /// The block that bucket `index` is made of.
    pub(super) fn layout(&self, index: usize) -> Result<Layout, Failure> {
        let value = self.glue.layout;
        let bytes = (1_usize << index).checked_mul(value.size());
        (bytes.ok_or(Failure::TooLarge)).and_then(|bytes| {
            Layout::from_size_align(bytes, value.align()).map_err(|_| Failure::TooLarge)
        })
    }

    /// Makes bucket `index`, unless there is one.
    #[cold]
    #[inline(never)]
    pub(super) fn make(&self, index: usize) -> Result<(), Failure> {
        let layout = self.layout(index)?;
        let bucket = if layout.size() == 0 {
            // SAFETY: an alignment is not 0.
            unsafe { dangling(layout.align()) }
        } else {
            let block = self
                .backing
                .allocate(layout)
                .map_err(|_| Failure::Memory(layout))?;
            block.cast()
        };
        // A backing allocator that uses this arena could have made it already (T6).
        match self.table[index].get() {
            None => self.table[index].set(Some(bucket)),
            // SAFETY: the block was allocated above, with this layout, and is not used.
            Some(_) => unsafe { self.free(bucket, layout) },
        }
        Ok(())
    }

    /// # Safety
    ///
    /// The block is one of [`make`](Buckets::make)'s for this layout, and not used again.
    unsafe fn free(&self, bucket: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: as promised.
            unsafe { self.backing.deallocate(bucket, layout) };
        }
    }

    /// The places of the first `len` values, bucket by bucket.
    ///
    /// # Safety
    ///
    /// There are as many values, or were before they were taken out.
    pub(super) unsafe fn runs(&self, len: usize) -> impl Iterator<Item = (NonNull<u8>, usize)> {
        let mut next = 0;
        core::iter::from_fn(move || {
            if next >= len {
                return None;
            }
            // SAFETY: there is a value with this number.
            let (index, _, slots) = unsafe { locate(next, self.glue.layout.size()) };
            let count = slots.min(len - next);
            next += count;
            Some((self.table[index].get()?, count))
        })
    }

    /// Drops all values; if one of the destructors panics, the others still run.
    pub(super) fn clear(&mut self) {
        let len = self.len.replace(0);
        // SAFETY: the values are of the glue's type (T1), and no longer counted.
        unsafe { self.glue.drop_runs(self.runs(len)) };
    }

    /// Gives the buckets back, of which none is in use.
    fn free_all(&mut self) {
        let mut index = 0;
        run_all(|| {
            let Some(bucket) = self.table.get(index) else {
                return false;
            };
            if let (Some(bucket), Ok(layout)) = (bucket.take(), self.layout(index)) {
                // SAFETY: the bucket can't be reached any more.
                unsafe { self.free(bucket, layout) };
            }
            index += 1;
            true
        });
    }
}

impl<A: Allocator> Drop for Buckets<A> {
    fn drop(&mut self) {
        /// The buckets go after the values, also if a destructor panics.
        struct Free<'b, A: Allocator>(&'b mut Buckets<A>);
        impl<A: Allocator> Drop for Free<'_, A> {
            fn drop(&mut self) {
                self.0.free_all();
            }
        }
        Free(self).0.clear();
    }
}

/// The slots of the first bucket: a power of two.
#[inline(always)]
const fn first_slots(size: usize) -> usize {
    match FIRST_BYTES.checked_div(size) {
        None => FIRST_BYTES,
        Some(0) => 1,
        Some(slots) => 1 << slots.ilog2(),
    }
}

/// Where a value lies: the bucket, the slot in it, and how many slots that has.
///
/// The place is the index, counted from the number of slots that the buckets which are never made would have;
/// its highest bit is the bucket, and the others are the slot.
///
/// # Safety
///
/// The index is at most [`max_len`].
#[inline(always)]
pub(crate) const unsafe fn locate(index: usize, size: usize) -> (usize, usize, usize) {
    let place = (index + first_slots(size)) as u32;
    // SAFETY: as promised, the sum is at most `u32::MAX`; and there is a first slot.
    unsafe { core::hint::assert_unchecked(place != 0) };
    let bucket = place.ilog2();
    let slots = 1 << bucket;
    (bucket as usize, (place ^ slots) as usize, slots as usize)
}

/// The most values that an arena can hold, so that each has an [`Id`] and a bucket.
#[inline(always)]
pub(crate) const fn max_len(size: usize) -> usize {
    u32::MAX as usize - first_slots(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_has_a_slot_of_its_own() {
        for size in [0, 1, 3, 8, 24, 511, 512, 513, 1 << 20] {
            let (mut bucket_before, mut end) = (0, 0);
            for index in 0..5000 {
                // SAFETY: it is less than all of these sizes allow.
                let (bucket, offset, slots) = unsafe { locate(index, size) };
                if index == 0 || bucket != bucket_before {
                    assert_eq!(offset, 0);
                    assert!(index == 0 || (bucket == bucket_before + 1 && end == index));
                    (bucket_before, end) = (bucket, index + slots);
                }
                assert!(offset < slots && index - offset + slots == end);
            }
            // SAFETY: it is less than the largest.
            let (last, offset, slots) = unsafe { locate(max_len(size) - 1, size) };
            assert!(last < BUCKETS && offset < slots);
        }
    }
}
