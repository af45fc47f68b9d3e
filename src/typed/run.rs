//! The slots of a run of values, one after the other.

use core::ptr::NonNull;

/// Slots side by side that are still to be visited.
pub(super) struct Run<T> {
    /// The next slot.
    next: NonNull<T>,
    /// The address behind the last one; where `T` has no size, as many bytes behind `next` as there are
    /// slots. One of the two alone changes with each step.
    end: usize,
}

impl<T> Clone for Run<T> {
    fn clone(&self) -> Self {
        Run { ..*self }
    }
}

impl<T> Run<T> {
    /// What a slot counts as.
    const STEP: usize = if size_of::<T>() == 0 {
        1
    } else {
        size_of::<T>()
    };

    /// Without slots.
    pub(super) const fn empty() -> Self {
        Run {
            next: NonNull::dangling(),
            end: align_of::<T>(),
        }
    }

    /// # Safety
    ///
    /// From `start` on there are `count` slots, as long as this is used.
    #[inline]
    pub(super) unsafe fn new(start: NonNull<T>, count: usize) -> Self {
        let end = start.addr().get().wrapping_add(count * Self::STEP);
        Run { next: start, end }
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<NonNull<T>> {
        let slot = self.next;
        if slot.addr().get() == self.end {
            return None;
        }
        if size_of::<T>() == 0 {
            self.end = self.end.wrapping_sub(1);
        } else {
            // SAFETY: there is a slot, behind which is another, or the end.
            self.next = unsafe { slot.add(1) };
        }
        Some(slot)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end.wrapping_sub(self.next.addr().get()) / Self::STEP
    }
}
