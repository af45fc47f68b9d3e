//! Going through the values of a [`FrozenArena`], while more are added.

use core::fmt;

use allocator_api2::alloc::{Allocator, Global};

use super::super::run::Run;
use super::FrozenArena;
use super::buckets::locate;

/// The values of a [`FrozenArena`], made by [`FrozenArena::iter`].
pub struct FrozenIter<'a, T, A: Allocator = Global> {
    pub(super) arena: &'a FrozenArena<T, A>,
    /// The values in the current bucket.
    pub(super) run: Run<T>,
    /// The number of the value after these.
    pub(super) index: usize,
}

impl<T, A: Allocator> FrozenIter<'_, T, A> {
    /// Goes on to the values after the last one, if there are any by now.
    fn go_on(&mut self) -> Option<()> {
        let slot = self.arena.slot(self.index)?;
        // SAFETY: there is a value with this number, which is less than that of all (T7), and from its slot
        // on there are others up to the end of the bucket.
        unsafe {
            let (_, offset, slots) = locate(self.index, size_of::<T>());
            let count = (slots - offset).min(self.arena.len() - self.index);
            self.run = Run::new(slot, count);
            self.index += count;
        }
        Some(())
    }
}

impl<T, A: Allocator> Clone for FrozenIter<'_, T, A> {
    fn clone(&self) -> Self {
        FrozenIter {
            run: self.run.clone(),
            ..*self
        }
    }
}

impl<'a, T, A: Allocator> Iterator for FrozenIter<'a, T, A> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(slot) = self.run.next() {
                // SAFETY: there is a value (T7), of which nobody has more than a shared reference.
                return Some(unsafe { slot.as_ref() });
            }
            self.go_on()?;
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        // More may be added, but none will be gone.
        (self.run.len() + self.arena.len() - self.index, None)
    }
}

impl<T: fmt::Debug, A: Allocator> fmt::Debug for FrozenIter<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
