//! Four bytes that stand for a value of a [`FrozenArena`](super::FrozenArena).

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::num::NonZeroU32;

/// The number of a value in a [`FrozenArena`](super::FrozenArena): four bytes, and `Option<Id<T>>` has no more.
///
/// ```
/// use arenula::{FrozenArena, Id};
///
/// let arena = FrozenArena::new();
/// let ids: [Id<&str>; 2] = ["a", "b"].map(|text| arena.push(text));
/// assert!(ids[0] < ids[1]);
/// assert_eq!(ids[1].index(), 1);
/// ```
pub struct Id<T> {
    /// One more than the index.
    number: NonZeroU32,
    // It neither owns a value nor lends one: it can go to any thread.
    names: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// # Safety
    ///
    /// The index is less than `u32::MAX`.
    #[inline(always)]
    pub(super) unsafe fn new(index: usize) -> Self {
        debug_assert!(index < u32::MAX as usize);
        Id {
            // SAFETY: as promised, so that one more is not 0.
            number: unsafe { NonZeroU32::new_unchecked(index as u32 + 1) },
            names: PhantomData,
        }
    }

    /// How many values were added before.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// assert_eq!(arena.push('a').index(), 0);
    /// assert_eq!(arena.push('b').index(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn index(self) -> usize {
        self.number.get() as usize - 1
    }
}

impl<T> Copy for Id<T> {}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.index())
    }
}
