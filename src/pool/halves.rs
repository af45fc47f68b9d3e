//! Going through handles alone, or through values alone.

use core::fmt;
use core::iter::FusedIterator;

use allocator_api2::alloc::{Allocator, Global};

use super::Handle;
use super::iter::{IntoIter, Iter, IterMut};

/// The handles of [`Slots`](super::Slots), made by [`Slots::keys`](super::Slots::keys).
pub struct Keys<'a, T>(pub(super) Iter<'a, T>);

/// The values of [`Slots`](super::Slots), made by [`Slots::values`](super::Slots::values).
pub struct Values<'a, T>(pub(super) Iter<'a, T>);

/// The values of [`Slots`](super::Slots), made by [`Slots::values_mut`](super::Slots::values_mut).
pub struct ValuesMut<'a, T>(pub(super) IterMut<'a, T>);

/// The handles that [`Slots`](super::Slots) had, made by [`Slots::into_keys`](super::Slots::into_keys).
pub struct IntoKeys<T, A: Allocator = Global>(pub(super) IntoIter<T, A>);

/// The values that [`Slots`](super::Slots) had, made by [`Slots::into_values`](super::Slots::into_values).
pub struct IntoValues<T, A: Allocator = Global>(pub(super) IntoIter<T, A>);

impl<T> Clone for Keys<'_, T> {
    fn clone(&self) -> Self {
        Keys(self.0.clone())
    }
}

impl<T> Clone for Values<'_, T> {
    fn clone(&self) -> Self {
        Values(self.0.clone())
    }
}

/// What all of them have in common.
macro_rules! half {
    ($name:literal, [$($generics:tt)*] $type:ty, $item:ty, $half:tt) => {
        impl<$($generics)*> Iterator for $type {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                Some(self.0.next()?.$half)
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }

            #[inline]
            fn fold<B, F: FnMut(B, $item) -> B>(self, init: B, mut f: F) -> B {
                self.0.fold(init, |result, pair| f(result, pair.$half))
            }
        }

        impl<$($generics)*> ExactSizeIterator for $type {}
        impl<$($generics)*> FusedIterator for $type {}

        impl<$($generics)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple($name).field(&self.len()).finish()
            }
        }
    };
}

half!("Keys", ['a, T] Keys<'a, T>, Handle<T>, 0);
half!("Values", ['a, T] Values<'a, T>, &'a T, 1);
half!("ValuesMut", ['a, T] ValuesMut<'a, T>, &'a mut T, 1);
half!("IntoKeys", [T, A: Allocator] IntoKeys<T, A>, Handle<T>, 0);
half!("IntoValues", [T, A: Allocator] IntoValues<T, A>, T, 1);
