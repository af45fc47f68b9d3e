//! Going through the values of an arena, by reference or for good.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::panic::UnwindSafe;
use core::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};

use super::TypedArena;
use super::run::Run;
use super::store::Runs;
use crate::unwind::run_all;

/// The slots of a store's values, in order.
pub(super) struct Slots<T> {
    run: Run<T>,
    /// The values in the runs after this one.
    later: usize,
    runs: Runs,
}

impl<T> Slots<T> {
    /// # Safety
    ///
    /// The runs are those of a store of `T`s, whose chunks live as long as this.
    pub(super) unsafe fn new(runs: Runs) -> Self {
        Slots {
            run: Run::empty(),
            later: runs.len(),
            runs,
        }
    }

    #[inline]
    fn next(&mut self) -> Option<NonNull<T>> {
        loop {
            if let Some(slot) = self.run.next() {
                return Some(slot);
            }
            let (start, count) = self.runs.next()?;
            // SAFETY: there are as many slots, for as long as this lives.
            self.run = unsafe { Run::new(start.cast(), count) };
            self.later -= count;
        }
    }

    /// Calls `f` with the slots that are left, run by run.
    #[inline]
    fn fold<B>(mut self, mut result: B, mut f: impl FnMut(B, NonNull<T>) -> B) -> B {
        loop {
            while let Some(slot) = self.run.next() {
                result = f(result, slot);
            }
            let Some((start, count)) = self.runs.next() else {
                return result;
            };
            // SAFETY: as in `next`.
            self.run = unsafe { Run::new(start.cast(), count) };
        }
    }

    fn len(&self) -> usize {
        self.run.len() + self.later
    }

    /// Drops the values that are left; if one of the destructors panics, the others still run.
    ///
    /// # Safety
    ///
    /// They are the caller's, and are not used again.
    unsafe fn drop_values(&mut self) {
        if core::mem::needs_drop::<T>() {
            run_all(|| match self.next() {
                // SAFETY: as promised; each slot comes once.
                Some(slot) => unsafe {
                    slot.drop_in_place();
                    true
                },
                None => false,
            });
        }
    }
}

/// The values of a [`TypedArena`], made by [`TypedArena::iter_mut`].
pub struct IterMut<'a, T> {
    slots: Slots<T>,
    values: PhantomData<&'a mut T>,
}

// SAFETY: it is as good as a `&mut [T]`.
unsafe impl<T: Send> Send for IterMut<'_, T> {}
// SAFETY: as above; by `&self` nothing can be reached.
unsafe impl<T: Sync> Sync for IterMut<'_, T> {}

impl<'a, T> IterMut<'a, T> {
    /// # Safety
    ///
    /// The slots hold values that nobody else can reach for `'a`.
    pub(super) unsafe fn new(slots: Slots<T>) -> Self {
        IterMut {
            slots,
            values: PhantomData,
        }
    }
}

impl<'a, T> Iterator for IterMut<'a, T> {
    type Item = &'a mut T;

    #[inline]
    fn next(&mut self) -> Option<&'a mut T> {
        // SAFETY: each slot comes once, and holds a value that nobody else can reach.
        self.slots.next().map(|mut slot| unsafe { slot.as_mut() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.slots.len(), Some(self.slots.len()))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        (self.slots).fold(init, |result, mut slot| {
            // SAFETY: as in `next`.
            f(result, unsafe { slot.as_mut() })
        })
    }
}

/// All values of a [`TypedArena`], taken out of it by [`TypedArena::drain`].
pub struct Drain<'a, T> {
    slots: Slots<T>,
    arena: PhantomData<&'a mut T>,
}

// SAFETY: it owns the values, and borrows memory that nobody else can reach.
unsafe impl<T: Send> Send for Drain<'_, T> {}
// SAFETY: by `&self` nothing can be reached.
unsafe impl<T: Sync> Sync for Drain<'_, T> {}

impl<T> Drain<'_, T> {
    /// # Safety
    ///
    /// The slots hold values that are the iterator's, in memory that nobody else uses while it lives.
    pub(super) unsafe fn new(slots: Slots<T>) -> Self {
        Drain {
            slots,
            arena: PhantomData,
        }
    }
}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        // SAFETY: what is left is ours.
        unsafe { self.slots.drop_values() };
    }
}

/// The values of a [`TypedArena`] that was consumed.
pub struct IntoIter<T, A: Allocator = Global> {
    slots: Slots<T>,
    /// Empty; it owns the memory.
    _arena: TypedArena<T, A>,
}

// SAFETY: it owns the values and the arena.
unsafe impl<T: Send, A: Allocator + Send> Send for IntoIter<T, A> {}
// SAFETY: by `&self` nothing can be reached but the arena, of which its length is asked for at most.
unsafe impl<T: Sync, A: Allocator + Sync> Sync for IntoIter<T, A> {}

// As the arena.
impl<T: UnwindSafe, A: Allocator + UnwindSafe> UnwindSafe for IntoIter<T, A> {}

impl<T, A: Allocator> IntoIter<T, A> {
    /// # Safety
    ///
    /// The slots hold values that are the iterator's, in memory of `arena`, which has none of its own.
    pub(super) unsafe fn new(slots: Slots<T>, arena: TypedArena<T, A>) -> Self {
        IntoIter {
            slots,
            _arena: arena,
        }
    }
}

impl<T, A: Allocator> Drop for IntoIter<T, A> {
    fn drop(&mut self) {
        // SAFETY: what is left is ours; its memory goes after it, with the arena.
        unsafe { self.slots.drop_values() };
    }
}

/// What the two iterators that own the values have in common.
macro_rules! takes_values {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> Iterator for $type {
            type Item = T;

            #[inline]
            fn next(&mut self) -> Option<T> {
                // SAFETY: each slot comes once, and its value is ours.
                self.slots.next().map(|slot| unsafe { slot.read() })
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.slots.len(), Some(self.slots.len()))
            }
        }
    };
}

takes_values!([T] Drain<'_, T>);
takes_values!([T, A: Allocator] IntoIter<T, A>);

/// What all iterators over values have in common.
macro_rules! counts_values {
    ($name:literal, [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> ExactSizeIterator for $type {}
        impl<$($generics)*> FusedIterator for $type {}

        impl<$($generics)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple($name).field(&self.slots.len()).finish()
            }
        }
    };
}

counts_values!("IterMut", [T] IterMut<'_, T>);
counts_values!("Drain", [T] Drain<'_, T>);
counts_values!("IntoIter", [T, A: Allocator] IntoIter<T, A>);
