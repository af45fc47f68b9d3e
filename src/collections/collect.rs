//! Collecting into containers of an allocator.

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use crate::arena::{Failure, grow, or_fail};

/// A container that is made of what an iterator gives, in memory of an allocator: `FromIterator` with an
/// allocator. Used through [`CollectIn`].
///
/// ```
/// use arenula::Arena;
/// use arenula::collections::{FromIteratorIn, Vec};
///
/// let arena = Arena::new();
/// let numbers = Vec::from_iter_in(0..3, &arena);
/// assert_eq!(numbers, [0, 1, 2]);
/// ```
pub trait FromIteratorIn<T>: Sized {
    /// The allocator that the container has its memory from.
    type Alloc: Allocator;

    /// Collects what `iter` gives.
    ///
    /// ```
    /// use arenula::collections::{FromIteratorIn, String};
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::from_iter_in(["a", "b"], &arena), "ab");
    /// ```
    fn from_iter_in<I: IntoIterator<Item = T>>(iter: I, alloc: Self::Alloc) -> Self;

    /// [`from_iter_in`](FromIteratorIn::from_iter_in), or an error where there is no memory; what the
    /// iterator gave until then is dropped.
    ///
    /// ```
    /// use arenula::collections::{FromIteratorIn, Vec};
    ///
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(10_000));
    /// assert!(Vec::try_from_iter_in(0.., &arena).is_err());
    /// ```
    fn try_from_iter_in<I: IntoIterator<Item = T>>(
        iter: I,
        alloc: Self::Alloc,
    ) -> Result<Self, AllocError>;
}

/// `collect` into a container of an allocator, for all iterators.
///
/// Into `Vec`, `Box<[T]>`, `HashMap`, `HashSet`; into `String` from characters and pieces of text; into a `Result` or an
/// `Option` of any of these, up to the first that is an error or nothing.
///
/// ```
/// use arenula::Arena;
/// use arenula::collections::{Box, CollectIn, String, Vec};
///
/// let arena = Arena::new();
/// let odd = (0..10).filter(|n| n % 2 == 1).collect_in::<Vec<_, _>>(&arena);
/// assert_eq!(odd, [1, 3, 5, 7, 9]);
/// let boxed: Box<[char], &Arena> = "abc".chars().collect_in(&arena);
/// let text: String<&Arena> = boxed.iter().rev().collect_in(&arena);
/// assert_eq!(text, "cba");
/// ```
pub trait CollectIn: Iterator + Sized {
    /// Collects into a container that has its memory from `alloc`.
    ///
    /// ```
    /// use arenula::collections::{CollectIn, String};
    ///
    /// let arena = arenula::Arena::new();
    /// let text = ["to", "be"].iter().copied().collect_in::<String<_>>(&arena);
    /// assert_eq!(text, "tobe");
    /// ```
    #[inline]
    fn collect_in<C: FromIteratorIn<Self::Item>>(self, alloc: C::Alloc) -> C {
        C::from_iter_in(self, alloc)
    }

    /// [`collect_in`](CollectIn::collect_in), or an error where there is no memory; what the iterator gave
    /// until then is dropped.
    ///
    /// ```
    /// use arenula::collections::{CollectIn, Vec};
    ///
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(10_000));
    /// assert!((0..10).try_collect_in::<Vec<_, _>>(&arena).is_ok());
    /// assert!((0..).try_collect_in::<Vec<_, _>>(&arena).is_err());
    /// ```
    #[inline]
    fn try_collect_in<C: FromIteratorIn<Self::Item>>(
        self,
        alloc: C::Alloc,
    ) -> Result<C, AllocError> {
        C::try_from_iter_in(self, alloc)
    }
}

impl<I: Iterator> CollectIn for I {}

#[inline(always)]
fn collect<T, A: Allocator>(iter: impl Iterator<Item = T>, alloc: A) -> Result<Vec<T, A>, Failure> {
    let mut values: Vec<T, A> = Vec::new_in(alloc);
    // Only a hint: where it can't be met, the values may still fit.
    let _ = values.try_reserve(iter.size_hint().0);
    for value in iter {
        if values.len() == values.capacity() {
            grow(&mut values, 1)?;
        }
        // SAFETY: there is room for one more.
        unsafe {
            values.as_mut_ptr().add(values.len()).write(value);
            values.set_len(values.len() + 1);
        }
    }
    Ok(values)
}

impl<T, A: Allocator> FromIteratorIn<T> for Vec<T, A> {
    type Alloc = A;

    #[inline]
    fn from_iter_in<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Self {
        or_fail(collect(iter.into_iter(), alloc))
    }

    #[inline]
    fn try_from_iter_in<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Result<Self, AllocError> {
        Ok(collect(iter.into_iter(), alloc)?)
    }
}

impl<T, A: Allocator> FromIteratorIn<T> for Box<[T], A> {
    type Alloc = A;

    #[inline]
    fn from_iter_in<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Self {
        Vec::from_iter_in(iter, alloc).into_boxed_slice()
    }

    #[inline]
    fn try_from_iter_in<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Result<Self, AllocError> {
        super::freeze::boxed_slice(Vec::try_from_iter_in(iter, alloc)?)
    }
}

#[cfg(feature = "collections")]
mod maps {
    use core::hash::{BuildHasher, Hash};

    use allocator_api2::alloc::{AllocError, Allocator};
    use hashbrown::{HashMap, HashSet, TryReserveError};

    use super::FromIteratorIn;
    use crate::arena::{Failure, or_fail};

    fn why(error: TryReserveError) -> Failure {
        match error {
            TryReserveError::CapacityOverflow => Failure::TooLarge,
            TryReserveError::AllocError { layout } => Failure::Memory(layout),
        }
    }

    fn collect<K: Eq + Hash, V, S: BuildHasher + Default, A: Allocator>(
        iter: impl Iterator<Item = (K, V)>,
        alloc: A,
    ) -> Result<HashMap<K, V, S, A>, Failure> {
        let mut map = HashMap::with_hasher_in(S::default(), alloc);
        // Only a hint: where it can't be met, the values may still fit.
        let _ = map.try_reserve(iter.size_hint().0);
        for (key, value) in iter {
            map.try_reserve(1).map_err(why)?;
            map.insert(key, value);
        }
        Ok(map)
    }

    impl<K, V, S, A> FromIteratorIn<(K, V)> for HashMap<K, V, S, A>
    where
        K: Eq + Hash,
        S: BuildHasher + Default,
        A: Allocator,
    {
        type Alloc = A;

        fn from_iter_in<I: IntoIterator<Item = (K, V)>>(iter: I, alloc: A) -> Self {
            or_fail(collect(iter.into_iter(), alloc))
        }

        fn try_from_iter_in<I: IntoIterator<Item = (K, V)>>(
            iter: I,
            alloc: A,
        ) -> Result<Self, AllocError> {
            Ok(collect(iter.into_iter(), alloc)?)
        }
    }

    impl<T, S, A> FromIteratorIn<T> for HashSet<T, S, A>
    where
        T: Eq + Hash,
        S: BuildHasher + Default,
        A: Allocator,
    {
        type Alloc = A;

        fn from_iter_in<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Self {
            let pairs = iter.into_iter().map(|value| (value, ()));
            HashMap::from_iter_in(pairs, alloc).into()
        }

        fn try_from_iter_in<I: IntoIterator<Item = T>>(
            iter: I,
            alloc: A,
        ) -> Result<Self, AllocError> {
            let pairs = iter.into_iter().map(|value| (value, ()));
            Ok(HashMap::try_from_iter_in(pairs, alloc)?.into())
        }
    }
}
