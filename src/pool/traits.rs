//! What slots are to the rest of the language.

use core::fmt;
use core::ops::{Index, IndexMut};

use allocator_api2::alloc::Allocator;

use super::iter::{IntoIter, Iter, IterMut};
use super::{Handle, Slots};
use crate::arena::or_fail;

impl<T, A: Allocator> Index<Handle<T>> for Slots<T, A> {
    type Output = T;

    #[inline]
    fn index(&self, handle: Handle<T>) -> &T {
        match self.get(handle) {
            Some(value) => value,
            None => no_value(handle),
        }
    }
}

impl<T, A: Allocator> IndexMut<Handle<T>> for Slots<T, A> {
    #[inline]
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        match self.get_mut(handle) {
            Some(value) => value,
            None => no_value(handle),
        }
    }
}

#[cold]
#[inline(never)]
fn no_value<T>(handle: Handle<T>) -> ! {
    panic!("no value has the handle {handle:?}")
}

impl<T, A: Allocator + Default> Default for Slots<T, A> {
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<T: fmt::Debug, A: Allocator> fmt::Debug for Slots<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The handles of the original find the clones. The copy has the same limit.
impl<T: Clone, A: Allocator + Clone> Clone for Slots<T, A> {
    fn clone(&self) -> Self {
        or_fail(self.try_clone_in(self.allocator().clone()))
    }
}

impl<T, A: Allocator> Extend<T> for Slots<T, A> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        for value in iter {
            self.insert(value);
        }
    }
}

impl<T, A: Allocator + Default> FromIterator<T> for Slots<T, A> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        let mut slots = Self::default();
        slots.extend(iter);
        slots
    }
}

impl<T, A: Allocator> IntoIterator for Slots<T, A> {
    type Item = (Handle<T>, T);
    type IntoIter = IntoIter<T, A>;

    fn into_iter(self) -> IntoIter<T, A> {
        IntoIter::new(self)
    }
}

impl<'a, T, A: Allocator> IntoIterator for &'a Slots<T, A> {
    type Item = (Handle<T>, &'a T);
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T, A: Allocator> IntoIterator for &'a mut Slots<T, A> {
    type Item = (Handle<T>, &'a mut T);
    type IntoIter = IterMut<'a, T>;

    fn into_iter(self) -> IterMut<'a, T> {
        self.iter_mut()
    }
}
