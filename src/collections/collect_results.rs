//! Collecting what may fail: into a `Result` or an `Option` of a container.

use allocator_api2::alloc::AllocError;

use super::FromIteratorIn;

/// Gives what is `Ok`, up to the first error, which it keeps.
struct UpToError<'e, I, E> {
    iter: I,
    error: &'e mut Option<E>,
}

impl<T, E, I: Iterator<Item = Result<T, E>>> Iterator for UpToError<'_, I, E> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.error.is_some() {
            return None;
        }
        match self.iter.next()? {
            Ok(item) => Some(item),
            Err(error) => {
                *self.error = Some(error);
                None
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        // Any of them may be the error.
        (0, self.iter.size_hint().1)
    }
}

/// Collects up to the first error, as the standard library's `collect` does; what was collected by then is dropped.
///
/// ```
/// use arenula::Arena;
/// use arenula::collections::{CollectIn, Vec};
///
/// let arena = Arena::new();
/// let parse = |line: &str| -> Result<Vec<i32, _>, std::num::ParseIntError> {
///     line.split(' ').map(str::parse).collect_in(&arena)
/// };
/// assert_eq!(parse("1 2 3").unwrap(), [1, 2, 3]);
/// assert!(parse("1 two 3").is_err());
/// ```
impl<T, E, C: FromIteratorIn<T>> FromIteratorIn<Result<T, E>> for Result<C, E> {
    type Alloc = C::Alloc;

    #[inline]
    fn from_iter_in<I: IntoIterator<Item = Result<T, E>>>(iter: I, alloc: C::Alloc) -> Self {
        let mut error = None;
        let items = UpToError {
            iter: iter.into_iter(),
            error: &mut error,
        };
        let collected = C::from_iter_in(items, alloc);
        error.map_or(Ok(collected), Err)
    }

    #[inline]
    fn try_from_iter_in<I: IntoIterator<Item = Result<T, E>>>(
        iter: I,
        alloc: C::Alloc,
    ) -> Result<Self, AllocError> {
        let mut error = None;
        let items = UpToError {
            iter: iter.into_iter(),
            error: &mut error,
        };
        let collected = C::try_from_iter_in(items, alloc)?;
        Ok(error.map_or(Ok(collected), Err))
    }
}

/// Collects if all are `Some`.
///
/// ```
/// use arenula::Arena;
/// use arenula::collections::{CollectIn, String};
///
/// let arena = Arena::new();
/// let digits = |numbers: &[u32]| -> Option<String<_>> {
///     numbers.iter().map(|n| char::from_digit(*n, 10)).collect_in(&arena)
/// };
/// assert_eq!(digits(&[4, 2]).unwrap(), "42");
/// assert_eq!(digits(&[4, 20]), None);
/// ```
impl<T, C: FromIteratorIn<T>> FromIteratorIn<Option<T>> for Option<C> {
    type Alloc = C::Alloc;

    #[inline]
    fn from_iter_in<I: IntoIterator<Item = Option<T>>>(iter: I, alloc: C::Alloc) -> Self {
        Result::from_iter_in(iter.into_iter().map(|item| item.ok_or(())), alloc).ok()
    }

    #[inline]
    fn try_from_iter_in<I: IntoIterator<Item = Option<T>>>(
        iter: I,
        alloc: C::Alloc,
    ) -> Result<Self, AllocError> {
        let items = iter.into_iter().map(|item| item.ok_or(()));
        Ok(Result::try_from_iter_in(items, alloc)?.ok())
    }
}
