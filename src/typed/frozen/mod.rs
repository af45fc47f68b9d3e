//! The arena that can be read while it grows.

mod buckets;
mod id;
mod iter;

use alloc::vec::{self, Vec};
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use self::buckets::Buckets;
use super::run::Run;
use super::{Glue, gather};
use crate::arena::{Failure, or_fail};

pub(crate) use self::buckets::{BUCKETS, locate, max_len};
pub use self::id::Id;
pub use self::iter::FrozenIter;

/// An arena for values of one type, which it owns and only ever lends by shared reference: so it can be
/// iterated and indexed while it grows.
///
/// [`push`](FrozenArena::push) gives an [`Id`] of four bytes, which is half of a reference and can be kept
/// anywhere, in the values too.
///
/// ```
/// use arenula::{FrozenArena, Id};
///
/// enum Expr {
///     Number(i64),
///     Sum(Id<Expr>, Id<Expr>),
/// }
///
/// fn value(arena: &FrozenArena<Expr>, id: Id<Expr>) -> i64 {
///     match arena[id] {
///         Expr::Number(n) => n,
///         Expr::Sum(left, right) => value(arena, left) + value(arena, right),
///     }
/// }
///
/// let arena = FrozenArena::new();
/// let one = arena.push(Expr::Number(1));
/// let two = arena.push(Expr::Sum(one, one));
/// assert_eq!(value(&arena, arena.push(Expr::Sum(two, one))), 3);
/// assert_eq!(size_of::<Option<Id<Expr>>>(), 4);
/// ```
///
/// Values may refer to each other in one arena, as in a [`TypedArena`](crate::TypedArena).
///
/// # Memory
///
/// Values never move: they lie in buckets, of which each has twice the slots of the one before, so that an
/// id leads to its value by the position of its highest bit. The table of the buckets is part of the arena,
/// which is some 300 bytes large.
pub struct FrozenArena<T, A: Allocator = Global> {
    // It drops the values, and does not name their type: so they may refer to each other.
    buckets: Buckets<A>,
    // Owned values, behind a cell, for the reason that `TypedArena` gives.
    values: PhantomData<Cell<T>>,
}

// SAFETY: the buckets and the values belong to the arena alone, and references to them borrow it.
unsafe impl<T: Send, A: Allocator + Send> Send for FrozenArena<T, A> {}

// A panic can't leave an arena in a state that matters (T6); its values are as they are elsewhere.
impl<T: UnwindSafe, A: Allocator + UnwindSafe> UnwindSafe for FrozenArena<T, A> {}
impl<T: RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for FrozenArena<T, A> {}

impl<T> FrozenArena<T> {
    /// An arena that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// assert_eq!(arena.capacity(), 0);
    /// assert_eq!(*arena.alloc('a'), 'a');
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }
}

impl<T, A: Allocator> FrozenArena<T, A> {
    /// An arena that gets its buckets from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, FrozenArena};
    ///
    /// let arena = Arena::new();
    /// let numbers = FrozenArena::new_in(&arena);
    /// assert!(arena.contains(numbers.alloc(1)));
    /// ```
    #[inline]
    #[must_use]
    pub const fn new_in(backing: A) -> Self {
        FrozenArena {
            buckets: Buckets {
                len: Cell::new(0),
                table: [const { Cell::new(None) }; BUCKETS],
                glue: Glue::of::<T>(),
                backing,
            },
            values: PhantomData,
        }
    }

    /// Where the arena's buckets come from.
    ///
    /// ```
    /// use arenula::{Arena, FrozenArena};
    ///
    /// let arena = Arena::new();
    /// let numbers = FrozenArena::new_in(&arena);
    /// numbers.push(1);
    /// assert!(numbers.allocator().allocated_bytes() > 0);
    /// ```
    pub fn allocator(&self) -> &A {
        &self.buckets.backing
    }

    /// Moves a value into the arena.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// let (one, two) = (arena.alloc(1), arena.alloc(2));
    /// assert_eq!(one + two, 3);
    /// ```
    ///
    /// # Panics
    ///
    /// If there are some four thousand millions of values: more than have an id.
    #[inline]
    pub fn alloc(&self, value: T) -> &T {
        match self.place(value) {
            Ok(placed) => placed,
            Err(value) => self.alloc_slow(value),
        }
    }

    /// [`alloc`](FrozenArena::alloc), or an error where there is no memory or no further id; the value is
    /// then dropped.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// assert_eq!(arena.try_alloc(1), Ok(&1));
    /// ```
    #[inline]
    pub fn try_alloc(&self, value: T) -> Result<&T, AllocError> {
        match self.place(value) {
            Ok(placed) => Ok(placed),
            Err(value) => self.try_alloc_slow(value),
        }
    }

    /// Moves a value into the arena, and gives its id.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// let id = arena.push("text".to_owned());
    /// assert_eq!(arena[id], "text");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`alloc`](FrozenArena::alloc).
    #[inline]
    pub fn push(&self, value: T) -> Id<T> {
        self.alloc(value);
        // SAFETY: there is a value.
        unsafe { self.last_id() }
    }

    /// [`push`](FrozenArena::push), or an error where there is no memory or no further id; the value is
    /// then dropped.
    ///
    /// ```
    /// use arenula::{Arena, FrozenArena};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(0));
    /// assert!(FrozenArena::new_in(&arena).try_push(1).is_err());
    /// ```
    #[inline]
    pub fn try_push(&self, value: T) -> Result<Id<T>, AllocError> {
        self.try_alloc(value)?;
        // SAFETY: there is a value.
        Ok(unsafe { self.last_id() })
    }

    /// The id of the value that was added last.
    ///
    /// # Safety
    ///
    /// There is one.
    #[inline(always)]
    unsafe fn last_id(&self) -> Id<T> {
        // SAFETY: its number is less than that of all values, which is at most `max_len` (T7).
        unsafe { Id::new(self.len() - 1) }
    }

    /// Places a value in its bucket, or hands it back if there is none or no further number.
    #[inline(always)]
    fn place(&self, value: T) -> Result<&T, T> {
        let index = self.len();
        if index == max_len(size_of::<T>()) {
            return Err(value);
        }
        // SAFETY: there are at most so many values (T7).
        let (bucket, offset, _) = unsafe { locate(index, size_of::<T>()) };
        let Some(start) = self.buckets.table[bucket].get() else {
            return Err(value);
        };
        // SAFETY: the bucket has that slot, which is free; written before it counts (T7).
        unsafe {
            let slot = start.cast::<T>().add(offset);
            slot.write(value);
            self.buckets.len.set(index + 1);
            Ok(slot.as_ref())
        }
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&self, value: T) -> &T {
        or_fail(self.alloc_anywhere(value))
    }

    #[cold]
    #[inline(never)]
    fn try_alloc_slow(&self, value: T) -> Result<&T, AllocError> {
        Ok(self.alloc_anywhere(value)?)
    }

    fn alloc_anywhere(&self, mut value: T) -> Result<&T, Failure> {
        loop {
            let index = self.len();
            if index == max_len(size_of::<T>()) {
                return Err(Failure::TooLarge);
            }
            // SAFETY: there are at most so many values (T7).
            let (bucket, _, _) = unsafe { locate(index, size_of::<T>()) };
            self.buckets.make(bucket)?;
            // A backing allocator that uses this arena could have filled the bucket already (T6).
            match self.place(value) {
                Ok(placed) => return Ok(placed),
                Err(again) => value = again,
            }
        }
    }

    /// The slot of the value at `index`, if there is one.
    #[inline(always)]
    fn slot(&self, index: usize) -> Option<NonNull<T>> {
        if index >= self.len() {
            return None;
        }
        // SAFETY: there is such a value, and so its bucket, which has that slot (T7).
        unsafe {
            let (bucket, offset, _) = locate(index, size_of::<T>());
            let start = self.buckets.table[bucket].get().unwrap_unchecked();
            Some(start.cast().add(offset))
        }
    }

    /// The value with this id, if this arena has one.
    ///
    /// An id of another arena leads to the value that has the same number here, if there is one.
    ///
    /// ```
    /// use arenula::FrozenArena;
    ///
    /// let arena = FrozenArena::new();
    /// let id = arena.push(1);
    /// assert_eq!(arena.get(id), Some(&1));
    /// assert_eq!(FrozenArena::new().get(id), None);
    /// ```
    #[inline]
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        // SAFETY: there is a value (T7), of which nobody has more than a shared reference.
        self.slot(id.index()).map(|slot| unsafe { slot.as_ref() })
    }

    /// The value with this id, to be changed, if this arena has one.
    ///
    /// ```
    /// let mut arena = arenula::FrozenArena::new();
    /// let id = arena.push(1);
    /// *arena.get_mut(id).unwrap() += 1;
    /// assert_eq!(arena[id], 2);
    /// ```
    #[inline]
    pub fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        // SAFETY: there is a value (T7), and nobody else has a reference to it.
        self.slot(id.index())
            .map(|mut slot| unsafe { slot.as_mut() })
    }

    /// The number of values.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::from_iter([1, 2, 3]);
    /// assert_eq!(arena.len(), 3);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.buckets.len.get()
    }

    /// Whether there is no value.
    ///
    /// ```
    /// assert!(arenula::FrozenArena::<u8>::new().is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of values that the arena can hold before it asks for another bucket, with those in it.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// arena.push(1);
    /// assert!(arena.capacity() >= 1);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        let buckets = self.buckets.table.iter().enumerate();
        let made = buckets.filter(|(_, bucket)| bucket.get().is_some());
        let capacity = made.map(|(index, _)| 1_usize << index).sum();
        max_len(size_of::<T>()).min(capacity)
    }

    /// The values, in the order in which they were added, also those that are added meanwhile.
    ///
    /// After `None` there may be more, if more were added.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::new();
    /// arena.push(3_u32);
    /// for n in arena.iter() {
    ///     if *n > 0 {
    ///         arena.push(n - 1);
    ///     }
    /// }
    /// assert!(arena.iter().eq(&[3, 2, 1, 0]));
    /// ```
    #[inline]
    pub fn iter(&self) -> FrozenIter<'_, T, A> {
        FrozenIter {
            arena: self,
            run: Run::empty(),
            index: 0,
        }
    }

    /// The values, to be changed, in the order in which they were added.
    ///
    /// ```
    /// let mut arena = arenula::FrozenArena::from_iter([1, 2, 3]);
    /// arena.iter_mut().for_each(|n| *n *= 10);
    /// assert_eq!(arena.into_vec(), [10, 20, 30]);
    /// ```
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = &mut T> {
        (0..self.len()).map(|index| match self.slot(index) {
            // SAFETY: there is a value (T7), and nobody else has a reference to it: the arena is borrowed
            // mutably, and each number comes once.
            Some(slot) => unsafe { &mut *slot.as_ptr() },
            None => no_such_value(index, self.len()),
        })
    }

    /// The ids of all values, in the order in which they were added.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::from_iter(['a', 'b']);
    /// assert!(arena.ids().map(|id| arena[id]).eq(['a', 'b']));
    /// ```
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<T>> + DoubleEndedIterator + use<T, A> {
        // SAFETY: the numbers are less than that of all values, which is at most `max_len` (T7).
        (0..self.len()).map(|index| unsafe { Id::new(index) })
    }

    /// Moves all values into a vector, in the order in which they were added.
    ///
    /// ```
    /// let arena = arenula::FrozenArena::from_iter([1, 2, 3]);
    /// assert_eq!(arena.into_vec(), [1, 2, 3]);
    /// ```
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        let values = Vec::with_capacity(self.len());
        let len = self.buckets.len.replace(0);
        // SAFETY: the values are no longer the arena's, and there is room for as many.
        unsafe { gather(self.buckets.runs(len), values) }
    }

    /// Drops all values, and keeps the memory. Ids from before lead to what is added after.
    ///
    /// If a destructor panics, the others still run, and the arena is empty.
    ///
    /// ```
    /// let mut arena = arenula::FrozenArena::from_iter([1, 2, 3]);
    /// arena.reset();
    /// assert!(arena.is_empty() && arena.capacity() >= 3);
    /// ```
    pub fn reset(&mut self) {
        self.buckets.clear();
    }
}

impl<T, A: Allocator> Index<Id<T>> for FrozenArena<T, A> {
    type Output = T;

    /// # Panics
    ///
    /// If this arena has no value with that id.
    #[inline]
    fn index(&self, id: Id<T>) -> &T {
        match self.get(id) {
            Some(value) => value,
            None => no_such_value(id.index(), self.len()),
        }
    }
}

impl<T, A: Allocator> IndexMut<Id<T>> for FrozenArena<T, A> {
    #[inline]
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        let len = self.len();
        match self.get_mut(id) {
            Some(value) => value,
            None => no_such_value(id.index(), len),
        }
    }
}

#[cold]
#[inline(never)]
fn no_such_value(index: usize, len: usize) -> ! {
    panic!("Id({index}) is not of this arena, which holds {len} values")
}

impl<A: Allocator + Default, T> Default for FrozenArena<T, A> {
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<T: fmt::Debug, A: Allocator> fmt::Debug for FrozenArena<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<T, A: Allocator> Extend<T> for FrozenArena<T, A> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        for value in iter {
            self.push(value);
        }
    }
}

impl<T> FromIterator<T> for FrozenArena<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        let mut arena = Self::new();
        arena.extend(iter);
        arena
    }
}

impl<'a, T, A: Allocator> IntoIterator for &'a FrozenArena<T, A> {
    type Item = &'a T;
    type IntoIter = FrozenIter<'a, T, A>;

    fn into_iter(self) -> FrozenIter<'a, T, A> {
        self.iter()
    }
}

impl<T, A: Allocator> IntoIterator for FrozenArena<T, A> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> vec::IntoIter<T> {
        self.into_vec().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_last_id_there_is_an_error() {
        let arena = FrozenArena::new();
        let last = arena.push(());
        arena.buckets.len.set(max_len(0));
        assert!(arena.try_push(()).is_err() && arena.try_alloc(()).is_err());
        assert!(arena.get(last).is_some());
        assert!(
            arena
                .ids()
                .next_back()
                .is_some_and(|id| id.index() == max_len(0) - 1)
        );
    }
}
