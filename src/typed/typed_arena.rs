//! The arena of values of one type.
#![allow(clippy::mut_from_ref, reason = "each reference is to slots of its own")]

use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::filling::Filling;
use super::store::Store;
use super::values::{Drain, IntoIter, IterMut, Slots};
use super::{Glue, gather};
use crate::arena::{Failure, or_fail};

/// An arena for values of one type, which it owns: their destructors run when it is dropped or reset.
///
/// Values go in by `&self` and come out as `&mut T` that live as long as the arena is borrowed. They lie
/// side by side, without any room between them, and never move. Since the arena knows where they are it can
/// also be iterated, in the order in which they were completed.
///
/// ```
/// use arenula::TypedArena;
///
/// let mut names = TypedArena::new();
/// let first: &mut String = names.alloc("Ada".to_owned());
/// let second = names.alloc("Grace".to_owned());
/// first.push_str(" Lovelace");
/// second.push_str(" Hopper");
/// assert!(names.iter_mut().map(|name| name.len()).eq([12, 12]));
/// ```
///
/// # Graphs
///
/// Values may refer to each other in one arena, in circles too, and own things that need a destructor:
///
/// ```
/// use arenula::TypedArena;
/// use std::cell::RefCell;
///
/// struct Person<'a> {
///     name: String,
///     friends: RefCell<Vec<&'a Person<'a>>>,
/// }
///
/// let people = TypedArena::new();
/// let person = |name: &str| &*people.alloc(Person { name: name.to_owned(), friends: RefCell::default() });
/// let (ada, grace) = (person("Ada"), person("Grace"));
/// ada.friends.borrow_mut().push(grace);
/// grace.friends.borrow_mut().push(ada);
/// assert_eq!(ada.friends.borrow()[0].friends.borrow()[0].name, "Ada");
/// ```
///
/// Only where such a type has a `Drop` impl of its own, the compiler refuses it: the destructor of one
/// value could look at another that is gone already.
///
/// ```compile_fail,E0597
/// use arenula::TypedArena;
/// use std::cell::Cell;
///
/// struct Node<'a>(Cell<Option<&'a Node<'a>>>);
/// impl Drop for Node<'_> {
///     fn drop(&mut self) {}
/// }
///
/// let nodes = TypedArena::new();
/// let one = &*nodes.alloc(Node(Cell::new(None)));
/// one.0.set(Some(one));
/// ```
///
/// # Memory
///
/// A new arena owns nothing. Chunks come from `A`, each as large as half of those before together. To take
/// them out of an [`Arena`](crate::Arena), give a reference to it: `TypedArena::new_in(&arena)`.
pub struct TypedArena<T, A: Allocator = Global> {
    // It drops the values, and does not name their type: so they may refer to each other.
    store: Store<A>,
    // Owned values, behind a cell, which makes the arena invariant in `T`: whoever saw a longer lifetime
    // as a shorter one could put in what does not live as long as the others think.
    values: PhantomData<Cell<T>>,
}

// SAFETY: the chunks and the values belong to the arena alone (T2, T3), and references to them borrow it.
unsafe impl<T: Send, A: Allocator + Send> Send for TypedArena<T, A> {}

// A panic can't leave an arena in a state that matters (T6); its values are as they are elsewhere.
impl<T: UnwindSafe, A: Allocator + UnwindSafe> UnwindSafe for TypedArena<T, A> {}
impl<T: RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for TypedArena<T, A> {}

impl<T> TypedArena<T> {
    /// An arena that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// assert_eq!(arena.capacity(), 0);
    /// assert_eq!(*arena.alloc('a'), 'a');
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }

    /// An arena with room for `count` values, side by side.
    ///
    /// ```
    /// let arena = arenula::TypedArena::with_capacity(1000);
    /// let before = arena.capacity();
    /// arena.alloc_iter(0..1000);
    /// assert_eq!(arena.capacity(), before);
    /// ```
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self::with_capacity_in(count, Global)
    }

    /// [`with_capacity`](TypedArena::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::TypedArena;
    ///
    /// assert!(TypedArena::<u64>::try_with_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_capacity(count: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_in(count, Global)
    }
}

impl<T, A: Allocator> TypedArena<T, A> {
    /// An arena that gets its chunks from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, TypedArena};
    ///
    /// let arena = Arena::new();
    /// let numbers = TypedArena::new_in(&arena);
    /// let names = TypedArena::new_in(&arena);
    /// numbers.alloc(1);
    /// names.alloc(String::from("one"));
    /// assert!(arena.contains(numbers.alloc(2)));
    /// ```
    #[inline]
    #[must_use]
    pub const fn new_in(backing: A) -> Self {
        TypedArena {
            store: Store::new(Glue::of::<T>(), backing),
            values: PhantomData,
        }
    }

    /// An arena with room for `count` values, side by side, that gets its chunks from `backing`.
    ///
    /// ```
    /// use arenula::{Arena, TypedArena};
    ///
    /// let arena = Arena::new();
    /// let numbers = TypedArena::<u64, _>::with_capacity_in(100, &arena);
    /// assert!(numbers.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn with_capacity_in(count: usize, backing: A) -> Self {
        let arena = Self::new_in(backing);
        arena.reserve(count);
        arena
    }

    /// [`with_capacity_in`](TypedArena::with_capacity_in), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::{Arena, TypedArena};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(TypedArena::<u64, _>::try_with_capacity_in(1000, &arena).is_err());
    /// ```
    pub fn try_with_capacity_in(count: usize, backing: A) -> Result<Self, AllocError> {
        let arena = Self::new_in(backing);
        arena.try_reserve(count)?;
        Ok(arena)
    }

    /// Where the arena's chunks come from.
    ///
    /// ```
    /// use arenula::{Arena, TypedArena};
    ///
    /// let arena = Arena::new();
    /// let numbers = TypedArena::new_in(&arena);
    /// numbers.alloc(1);
    /// assert!(numbers.allocator().allocated_bytes() > 0);
    /// ```
    pub fn allocator(&self) -> &A {
        &self.store.backing
    }

    /// Moves a value into the arena.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// let x = arena.alloc(1);
    /// let y = arena.alloc(2);
    /// *x += *y;
    /// assert_eq!(*x, 3);
    /// ```
    #[inline]
    pub fn alloc(&self, value: T) -> &mut T {
        match self.push(value) {
            Ok(placed) => placed,
            Err(value) => self.alloc_slow(value),
        }
    }

    /// [`alloc`](TypedArena::alloc), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// use arenula::{Arena, TypedArena};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(0));
    /// assert!(TypedArena::new_in(&arena).try_alloc(1).is_err());
    /// ```
    #[inline]
    pub fn try_alloc(&self, value: T) -> Result<&mut T, AllocError> {
        match self.push(value) {
            Ok(placed) => Ok(placed),
            Err(value) => self.try_alloc_slow(value),
        }
    }

    /// Places a value in the current chunk, or hands it back: the one fast path.
    #[inline(always)]
    fn push(&self, value: T) -> Result<&mut T, T> {
        let cursor = self.store.cursor.get();
        if cursor.addr().get() == self.store.end.get() {
            return Err(value);
        }
        // SAFETY: there is a free slot (T4), ours from here on; written before it counts (T3). The cursor
        // does not pass the end.
        unsafe {
            let slot = Self::slot_at(cursor);
            slot.write(value);
            self.advance(cursor, 1);
            Ok(&mut *slot.as_ptr())
        }
    }

    /// The slot at `cursor`, which is any place for what has no size.
    #[inline(always)]
    fn slot_at(cursor: NonNull<u8>) -> NonNull<T> {
        if size_of::<T>() == 0 {
            NonNull::dangling()
        } else {
            cursor.cast()
        }
    }

    /// Counts the `count` slots at the cursor as filled.
    ///
    /// # Safety
    ///
    /// They are free, and values were written to them.
    #[inline(always)]
    pub(super) unsafe fn advance(&self, cursor: NonNull<u8>, count: usize) {
        let next = if size_of::<T>() == 0 {
            // A number, and not more than `end` (T5).
            let count = cursor.addr().get() + count;
            core::ptr::without_provenance_mut(count)
        } else {
            // SAFETY: the slots lie in one chunk (T4).
            unsafe { cursor.cast::<T>().add(count).cast::<u8>() }.as_ptr()
        };
        // SAFETY: neither a place in a chunk nor a number above another is null.
        self.store
            .cursor
            .set(unsafe { NonNull::new_unchecked(next) });
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&self, value: T) -> &mut T {
        or_fail(self.alloc_anywhere(value))
    }

    #[cold]
    #[inline(never)]
    fn try_alloc_slow(&self, value: T) -> Result<&mut T, AllocError> {
        Ok(self.alloc_anywhere(value)?)
    }

    fn alloc_anywhere(&self, mut value: T) -> Result<&mut T, Failure> {
        loop {
            self.store.refill(1)?;
            // A backing allocator that uses this arena could have filled it already (T6).
            match self.push(value) {
                Ok(placed) => return Ok(placed),
                Err(again) => value = again,
            }
        }
    }

    /// Moves the value that `f` makes into the arena.
    ///
    /// The closure may use the arena: it runs before there is a slot for its value, so that no slot is
    /// ever without one.
    ///
    /// ```
    /// let mut arena = arenula::TypedArena::new();
    /// arena.alloc_with(|| *arena.alloc(1) + 1);
    /// assert!(arena.into_iter().eq([1, 2]));
    /// ```
    #[inline]
    pub fn alloc_with(&self, f: impl FnOnce() -> T) -> &mut T {
        self.alloc(f())
    }

    /// [`alloc_with`](TypedArena::alloc_with), or an error where there is no memory; the value is then
    /// dropped.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// assert_eq!(arena.try_alloc_with(|| 1).map(|x| *x), Ok(1));
    /// ```
    #[inline]
    pub fn try_alloc_with(&self, f: impl FnOnce() -> T) -> Result<&mut T, AllocError> {
        self.try_alloc(f())
    }

    /// Moves all values of an iterator into the arena, side by side.
    ///
    /// The iterator may use the arena. Its values count when it has ended; if it panics, those it gave are
    /// dropped.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// let odd = arena.alloc_iter((0..10).filter(|n| n % 2 == 1));
    /// assert_eq!(odd, [1, 3, 5, 7, 9]);
    /// ```
    #[inline]
    pub fn alloc_iter(&self, iter: impl IntoIterator<Item = T>) -> &mut [T] {
        or_fail(self.collect(iter.into_iter()))
    }

    /// [`alloc_iter`](TypedArena::alloc_iter), or an error where there is no memory; the values are then
    /// dropped.
    ///
    /// ```
    /// use arenula::{Arena, TypedArena};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(TypedArena::new_in(&arena).try_alloc_iter(0..1000).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_iter(
        &self,
        iter: impl IntoIterator<Item = T>,
    ) -> Result<&mut [T], AllocError> {
        Ok(self.collect(iter.into_iter())?)
    }

    #[inline]
    fn collect(&self, iter: impl Iterator<Item = T>) -> Result<&mut [T], Failure> {
        let hint = iter.size_hint().0;
        let mut filling = Filling::begin(self, hint);
        filling.fill(iter, hint)?;
        let (start, len) = filling.finish()?;
        // SAFETY: there lie as many values, which belong to the arena and were handed to nobody else.
        Ok(unsafe { NonNull::slice_from_raw_parts(start, len).as_mut() })
    }

    /// Copies a slice into the arena.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// let copy = arena.alloc_slice_copy(&[1, 2, 3]);
    /// copy[0] = 7;
    /// assert_eq!(copy, [7, 2, 3]);
    /// ```
    #[inline]
    pub fn alloc_slice_copy(&self, source: &[T]) -> &mut [T]
    where
        T: Copy,
    {
        or_fail(self.copy(source))
    }

    /// [`alloc_slice_copy`](TypedArena::alloc_slice_copy), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// assert!(arena.try_alloc_slice_copy(&[1, 2, 3]).is_ok());
    /// ```
    #[inline]
    pub fn try_alloc_slice_copy(&self, source: &[T]) -> Result<&mut [T], AllocError>
    where
        T: Copy,
    {
        Ok(self.copy(source)?)
    }

    #[inline]
    fn copy(&self, source: &[T]) -> Result<&mut [T], Failure>
    where
        T: Copy,
    {
        // SAFETY: copies of the values that lie there; copyable ones own nothing.
        unsafe {
            let start = self.append(NonNull::from(source).cast(), source.len())?;
            Ok(NonNull::slice_from_raw_parts(start, source.len()).as_mut())
        }
    }

    /// Moves `count` values from elsewhere to the end, side by side.
    ///
    /// # Safety
    ///
    /// They lie at `source`, outside of the free slots, and are the arena's if this succeeds.
    pub(super) unsafe fn append(
        &self,
        source: NonNull<T>,
        count: usize,
    ) -> Result<NonNull<T>, Failure> {
        while self.room() < count {
            self.store.refill(count)?;
        }
        let cursor = self.store.cursor.get();
        let start = Self::slot_at(cursor);
        // SAFETY: there is room (T4), and the source lies elsewhere; filled before it counts (T3).
        unsafe {
            start.copy_from_nonoverlapping(source, count);
            self.advance(cursor, count);
        }
        Ok(start)
    }

    /// The free slots behind the cursor.
    #[inline(always)]
    pub(super) fn room(&self) -> usize {
        // As `Store::room` says, but with a size that the compiler knows.
        let bytes = self.store.end.get() - self.store.cursor.get().addr().get();
        bytes / size_of::<T>().max(1)
    }

    /// The store, for those in this room who fill it in other ways.
    pub(super) fn store(&self) -> &Store<A> {
        &self.store
    }

    /// The number of values. (It looks at each chunk, of which there are few.)
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// arena.alloc_iter([(), (), ()]);
    /// assert_eq!(arena.len(), 3);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there is no value.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// assert!(arena.is_empty());
    /// arena.alloc(1);
    /// assert!(!arena.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of values that the arena can hold before it asks for another chunk, with those in it.
    ///
    /// ```
    /// let arena = arenula::TypedArena::<u64>::with_capacity(100);
    /// assert!(arena.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.store.capacity()
    }

    /// Makes sure that `count` more values find room without another chunk, side by side too.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// arena.alloc(0);
    /// arena.reserve(1000);
    /// let before = arena.capacity();
    /// arena.alloc_iter(1..=1000);
    /// assert!(arena.capacity() <= before);
    /// ```
    pub fn reserve(&self, count: usize) {
        or_fail(self.store.reserve(count));
    }

    /// [`reserve`](TypedArena::reserve), or an error where there is no such memory.
    ///
    /// ```
    /// let arena = arenula::TypedArena::<u64>::new();
    /// assert!(arena.try_reserve(100).is_ok());
    /// assert!(arena.try_reserve(usize::MAX).is_err());
    /// ```
    pub fn try_reserve(&self, count: usize) -> Result<(), AllocError> {
        Ok(self.store.reserve(count)?)
    }

    /// The values, in the order in which they were completed.
    ///
    /// There is no `iter(&self)`: beside it the `&mut T` that [`alloc`](TypedArena::alloc) gave out would
    /// not be the only way to a value. [`FrozenArena`](crate::FrozenArena) has one.
    ///
    /// ```
    /// let mut arena = arenula::TypedArena::new();
    /// arena.alloc_iter([1, 2]);
    /// arena.alloc(3);
    /// arena.iter_mut().for_each(|n| *n *= 10);
    /// assert!(arena.into_iter().eq([10, 20, 30]));
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        // SAFETY: the arena is borrowed as long as the iterator lives.
        unsafe { IterMut::new(Slots::new(self.store.runs())) }
    }

    /// Takes all values out, in the order in which they were completed. The memory is kept.
    ///
    /// What is not taken is dropped with the iterator.
    ///
    /// ```
    /// let mut arena = arenula::TypedArena::new();
    /// arena.alloc_iter(["a".to_owned(), "b".to_owned()]);
    /// let capacity = arena.capacity();
    /// assert_eq!(arena.drain().next().unwrap(), "a");
    /// assert_eq!((arena.len(), arena.capacity()), (0, capacity));
    /// ```
    pub fn drain(&mut self) -> Drain<'_, T> {
        // SAFETY: the values are the iterator's, and the arena is borrowed as long as it lives.
        unsafe { Drain::new(Slots::new(self.store.take_all())) }
    }

    /// Moves all values into a vector, in the order in which they were completed.
    ///
    /// ```
    /// let arena = arenula::TypedArena::new();
    /// arena.alloc(1);
    /// arena.alloc_iter([2, 3]);
    /// assert_eq!(arena.into_vec(), [1, 2, 3]);
    /// ```
    #[must_use]
    pub fn into_vec(mut self) -> Vec<T> {
        let values = Vec::with_capacity(self.len());
        // SAFETY: the values are taken out of the store, as many as there is room for.
        unsafe { gather(self.store.take_all(), values) }
    }

    /// Drops all values, and keeps the memory.
    ///
    /// If a destructor panics, the others still run, and the arena is empty.
    ///
    /// ```
    /// let mut arena = arenula::TypedArena::new();
    /// arena.alloc("gone".to_owned());
    /// let capacity = arena.capacity();
    /// arena.reset();
    /// assert_eq!((arena.len(), arena.capacity()), (0, capacity));
    /// ```
    pub fn reset(&mut self) {
        self.store.clear();
    }

    /// Gives back the chunks in which there is nothing.
    ///
    /// ```
    /// let mut arena = arenula::TypedArena::with_capacity(100);
    /// arena.alloc(1);
    /// arena.reset();
    /// arena.shrink_to_fit();
    /// assert_eq!(arena.capacity(), 0);
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.store.free_spares();
    }
}

impl<T, A: Allocator + Default> Default for TypedArena<T, A> {
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<T, A: Allocator> fmt::Debug for TypedArena<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedArena")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

impl<T, A: Allocator> Extend<T> for TypedArena<T, A> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        for value in iter {
            self.alloc(value);
        }
    }
}

impl<T> FromIterator<T> for TypedArena<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        let arena = Self::new();
        arena.alloc_iter(iter);
        arena
    }
}

impl<T, A: Allocator> IntoIterator for TypedArena<T, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    fn into_iter(mut self) -> IntoIter<T, A> {
        // SAFETY: the values are the iterator's, and the arena goes along.
        unsafe { IntoIter::new(Slots::new(self.store.take_all()), self) }
    }
}

impl<'a, T, A: Allocator> IntoIterator for &'a mut TypedArena<T, A> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T>;

    fn into_iter(self) -> IterMut<'a, T> {
        self.iter_mut()
    }
}
