//! Text from iterators.

use core::str;

use alloc::borrow::Cow;
use alloc::string::String as StdString;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::boxed::Box;

use super::super::FromIteratorIn;
use crate::arena::{Failure, or_fail};

use super::String;

/// What strings are made of.
pub(super) trait Piece {
    /// The least number of bytes of this many pieces.
    const BYTES: usize;

    fn append_to<A: Allocator>(&self, string: &mut String<A>) -> Result<(), Failure>;
}

impl Piece for char {
    const BYTES: usize = 1;

    #[inline(always)]
    fn append_to<A: Allocator>(&self, string: &mut String<A>) -> Result<(), Failure> {
        string.append_char(*self)
    }
}

impl Piece for str {
    const BYTES: usize = 0;

    #[inline(always)]
    fn append_to<A: Allocator>(&self, string: &mut String<A>) -> Result<(), Failure> {
        string.append(self)
    }
}

impl<A: Allocator> String<A> {
    #[inline(always)]
    fn append_all<T, P: Piece + ?Sized>(
        &mut self,
        iter: impl Iterator<Item = T>,
        piece: impl Fn(&T) -> &P,
    ) -> Result<(), Failure> {
        // Only a hint: where it can't be met, the pieces may still fit.
        let _ = self
            .vec
            .try_reserve(iter.size_hint().0.saturating_mul(P::BYTES));
        for item in iter {
            piece(&item).append_to(self)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn of_all<T, P: Piece + ?Sized>(
        iter: impl Iterator<Item = T>,
        piece: impl Fn(&T) -> &P,
        alloc: A,
    ) -> Result<Self, Failure> {
        let mut text = Self::new_in(alloc);
        text.append_all(iter, piece)?;
        Ok(text)
    }
}

/// Collects pieces, in all ways.
macro_rules! collect {
    ($([$($generic:tt)*] $item:ty;)*) => {$(
        impl<$($generic)* A: Allocator> Extend<$item> for String<A> {
            #[inline]
            fn extend<I: IntoIterator<Item = $item>>(&mut self, iter: I) {
                or_fail(self.append_all(iter.into_iter(), |item| &**item));
            }
        }

        impl<$($generic)* A: Allocator + Default> FromIterator<$item> for String<A> {
            #[inline]
            fn from_iter<I: IntoIterator<Item = $item>>(iter: I) -> Self {
                Self::from_iter_in(iter, A::default())
            }
        }

        impl<$($generic)* A: Allocator> FromIteratorIn<$item> for String<A> {
            type Alloc = A;

            #[inline]
            fn from_iter_in<I: IntoIterator<Item = $item>>(iter: I, alloc: A) -> Self {
                or_fail(Self::of_all(iter.into_iter(), |item| &**item, alloc))
            }

            #[inline]
            fn try_from_iter_in<I: IntoIterator<Item = $item>>(
                iter: I,
                alloc: A,
            ) -> Result<Self, AllocError> {
                Ok(Self::of_all(iter.into_iter(), |item| &**item, alloc)?)
            }
        }
    )*};
}

collect! {
    ['s,] &'s char;
    ['s,] &'s str;
    ['s,] Cow<'s, str>;
    [] StdString;
    [B: Allocator,] String<B>;
    [B: Allocator,] Box<str, B>;
}

impl<A: Allocator> Extend<char> for String<A> {
    #[inline]
    fn extend<I: IntoIterator<Item = char>>(&mut self, iter: I) {
        or_fail(self.append_all(iter.into_iter(), |ch| ch));
    }
}

impl<A: Allocator + Default> FromIterator<char> for String<A> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = char>>(iter: I) -> Self {
        Self::from_iter_in(iter, A::default())
    }
}

impl<A: Allocator> FromIteratorIn<char> for String<A> {
    type Alloc = A;

    #[inline]
    fn from_iter_in<I: IntoIterator<Item = char>>(iter: I, alloc: A) -> Self {
        or_fail(Self::of_all(iter.into_iter(), |ch| ch, alloc))
    }

    #[inline]
    fn try_from_iter_in<I: IntoIterator<Item = char>>(
        iter: I,
        alloc: A,
    ) -> Result<Self, AllocError> {
        Ok(Self::of_all(iter.into_iter(), |ch| ch, alloc)?)
    }
}
