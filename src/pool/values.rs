//! The pool.

use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::memory::Memory;
use super::page::{GiveBack, Shape, value_at};
use super::{PoolBox, Recycle, Recycled};
use crate::AllocOrInitError;
use crate::arena::{Failure, or_fail};

/// Slots for values of one type, which come and go one by one.
///
/// Values go in by `&self` and come out in a [`PoolBox`] of one word, which drops its value and gives the slot back.
/// They never move. To take a slot and to give it back are some ten instructions in all, without any search.
///
/// ```
/// use arenula::pool::Pool;
///
/// let pool = Pool::new();
/// let first = pool.alloc("first".to_owned());
/// let second = pool.alloc("second".to_owned());
/// assert_eq!((first.len(), second.len(), pool.len()), (5, 6, 2));
/// drop(first);
/// assert_eq!(pool.len(), 1);
/// ```
///
/// A pool can't be dropped while there are boxes:
///
/// ```compile_fail,E0505
/// let pool = arenula::pool::Pool::new();
/// let boxed = pool.alloc(1);
/// drop(pool);
/// assert_eq!(*boxed, 1);
/// ```
///
/// It can't be iterated, since its boxes own the values. [`Slots`](super::Slots) can.
///
/// # Memory
///
/// Slots lie in pages of 4 KiB (more for values of more than some 250 bytes, and one for each of more than 4 KiB), which
/// come in blocks that grow with what is held. A slot is as large as its value, or as a pointer. Memory that is free stays with the pool, until
/// [`shrink_to_fit`](Pool::shrink_to_fit) or the end. What lies in a box that was forgotten is never dropped, and
/// its slot not used again; its memory goes back with the pool's.
pub struct Pool<T, A: Allocator = Global> {
    // It drops what is stashed, and does not name the type: so values may refer to each other.
    memory: Memory<A>,
    // Owned values, behind a cell: what is recycled by one who has a shared reference is another's next.
    values: PhantomData<Cell<T>>,
}

// SAFETY: memory and stashed values belong to the pool alone, and boxes borrow it.
unsafe impl<T: Send, A: Allocator + Send> Send for Pool<T, A> {}

// A panic can't leave a pool in a state that matters (P6); values in the stash are as they are elsewhere.
impl<T: UnwindSafe, A: Allocator + UnwindSafe> UnwindSafe for Pool<T, A> {}
impl<T: RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for Pool<T, A> {}

impl<T> Pool<T> {
    /// A pool that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// use arenula::pool::Pool;
    ///
    /// const EMPTY: Pool<u64> = Pool::new();
    /// let pool = EMPTY;
    /// assert_eq!(pool.capacity(), 0);
    /// assert_eq!(*pool.alloc(7), 7);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }

    /// A pool with room for `count` values.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::with_capacity(1000);
    /// let before = pool.capacity();
    /// let boxes: Vec<_> = (0..1000).map(|n| pool.alloc(n)).collect();
    /// assert_eq!(pool.capacity(), before);
    /// ```
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self::with_capacity_in(count, Global)
    }

    /// [`with_capacity`](Pool::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::pool::Pool;
    ///
    /// assert!(Pool::<u64>::try_with_capacity(1000).is_ok());
    /// assert!(Pool::<u64>::try_with_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_capacity(count: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_in(count, Global)
    }
}

impl<T, A: Allocator> Pool<T, A> {
    /// A pool that gets its memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, pool::Pool};
    ///
    /// let arena = Arena::new();
    /// let pool = Pool::new_in(&arena);
    /// assert!(arena.contains(&*pool.alloc(1)));
    /// ```
    #[inline]
    #[must_use]
    pub const fn new_in(backing: A) -> Self {
        Pool {
            memory: Memory::new(Shape::of::<T>(), backing),
            values: PhantomData,
        }
    }

    /// A pool with room for `count` values, in memory from `backing`.
    ///
    /// ```
    /// use arenula::{Arena, pool::Pool};
    ///
    /// let arena = Arena::new();
    /// assert!(Pool::<u64, _>::with_capacity_in(100, &arena).capacity() >= 100);
    /// ```
    #[must_use]
    pub fn with_capacity_in(count: usize, backing: A) -> Self {
        let pool = Self::new_in(backing);
        pool.reserve(count);
        pool
    }

    /// [`with_capacity_in`](Pool::with_capacity_in), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::{Arena, pool::Pool};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(Pool::<u64, _>::try_with_capacity_in(1000, &arena).is_err());
    /// ```
    pub fn try_with_capacity_in(count: usize, backing: A) -> Result<Self, AllocError> {
        let pool = Self::new_in(backing);
        pool.try_reserve(count)?;
        Ok(pool)
    }

    /// Where the pool's memory comes from.
    ///
    /// ```
    /// use arenula::{Arena, pool::Pool};
    ///
    /// let arena = Arena::new();
    /// let pool = Pool::new_in(&arena);
    /// let boxed = pool.alloc(1);
    /// assert!(pool.allocator().allocated_bytes() > 0);
    /// ```
    pub fn allocator(&self) -> &A {
        &self.memory.backing
    }

    /// Moves a value into the pool.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// let mut number = pool.alloc(1);
    /// *number += 1;
    /// assert_eq!(*number, 2);
    /// ```
    #[inline]
    pub fn alloc(&self, value: T) -> PoolBox<'_, T> {
        // SAFETY: the slot was taken, and is ours.
        unsafe { Self::fill(self.slot_or_fail(), value) }
    }

    /// [`alloc`](Pool::alloc), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// use arenula::{Arena, pool::Pool};
    ///
    /// let pool = Pool::new();
    /// pool.set_limit(Some(0));
    /// assert!(pool.try_alloc(1).is_err());
    /// ```
    #[inline]
    pub fn try_alloc(&self, value: T) -> Result<PoolBox<'_, T>, AllocError> {
        // SAFETY: the slot was taken, and is ours.
        Ok(unsafe { Self::fill(self.slot()?, value) })
    }

    /// Takes a slot, or fails loudly.
    #[inline(always)]
    fn slot_or_fail(&self) -> NonNull<u8> {
        match self.memory.core().take() {
            Some(slot) => slot,
            None => self.slot_after_all(),
        }
    }

    #[cold]
    #[inline(never)]
    fn slot_after_all(&self) -> NonNull<u8> {
        or_fail(self.slot_slow())
    }

    /// Takes a slot.
    #[inline(always)]
    fn slot(&self) -> Result<NonNull<u8>, Failure> {
        match self.memory.core().take() {
            Some(slot) => Ok(slot),
            None => self.slot_slow(),
        }
    }

    #[cold]
    #[inline(never)]
    fn slot_slow(&self) -> Result<NonNull<u8>, Failure> {
        if size_of::<T>() == 0 {
            return self.memory.take_without_size();
        }
        loop {
            self.memory.refill()?;
            // A backing allocator that uses this pool could have taken all of it already (P6).
            if let Some(slot) = self.memory.core().take() {
                return Ok(slot);
            }
        }
    }

    /// # Safety
    ///
    /// The slot was taken from this pool, and is the caller's.
    #[inline(always)]
    unsafe fn fill<'p>(slot: NonNull<u8>, value: T) -> PoolBox<'p, T> {
        // SAFETY: the slot is live, and large enough for its value (P2).
        unsafe {
            value_at::<T>(slot).write(value);
            PoolBox::new(slot)
        }
    }

    /// Makes a value in its place in the pool.
    ///
    /// The closure may use the pool: the slot is taken before.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// let large = pool.alloc_with(|| [0_u8; 1000]);
    /// assert_eq!(large.len(), 1000);
    /// ```
    #[inline]
    pub fn alloc_with(&self, f: impl FnOnce() -> T) -> PoolBox<'_, T> {
        // SAFETY: the slot was taken, and is ours.
        unsafe { Self::fill_with(self.slot_or_fail(), f) }
    }

    /// [`alloc_with`](Pool::alloc_with), or an error where there is no memory; the closure is then not called.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// pool.set_limit(Some(0));
    /// assert!(pool.try_alloc_with(|| -> u8 { unreachable!() }).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_with(&self, f: impl FnOnce() -> T) -> Result<PoolBox<'_, T>, AllocError> {
        // SAFETY: the slot was taken, and is ours.
        Ok(unsafe { Self::fill_with(self.slot()?, f) })
    }

    /// # Safety
    ///
    /// The slot was taken from this pool, and is the caller's.
    #[inline(always)]
    unsafe fn fill_with<'p>(slot: NonNull<u8>, f: impl FnOnce() -> T) -> PoolBox<'p, T> {
        // SAFETY: the slot is live, and large enough for its value (P2); it goes back if there is none.
        unsafe {
            let give_back = GiveBack::<T>::new(slot);
            value_at::<T>(slot).write(f());
            core::mem::forget(give_back);
            PoolBox::new(slot)
        }
    }

    /// Makes a value in the pool, unless that fails; the slot is then free again.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// let number = pool.alloc_try_with(|| "12".parse::<i32>());
    /// assert_eq!(*number.unwrap(), 12);
    /// assert!(pool.alloc_try_with(|| "12x".parse::<i32>()).is_err());
    /// assert!(pool.is_empty());
    /// ```
    #[inline]
    pub fn alloc_try_with<E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<PoolBox<'_, T>, E> {
        // SAFETY: the slot was taken, and is ours.
        unsafe { Self::try_fill_with(self.slot_or_fail(), f) }
    }

    /// [`alloc_try_with`](Pool::alloc_try_with), or an error where there is no memory.
    ///
    /// ```
    /// use arenula::{AllocOrInitError, pool::Pool};
    ///
    /// let pool = Pool::new();
    /// let failed = pool.try_alloc_try_with(|| "12x".parse::<i32>());
    /// assert!(matches!(failed, Err(AllocOrInitError::Init(_))));
    /// ```
    #[inline]
    pub fn try_alloc_try_with<E>(
        &self,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<PoolBox<'_, T>, AllocOrInitError<E>> {
        // SAFETY: the slot was taken, and is ours.
        unsafe { Self::try_fill_with(self.slot()?, f) }.map_err(AllocOrInitError::Init)
    }

    /// # Safety
    ///
    /// The slot was taken from this pool, and is the caller's.
    #[inline(always)]
    unsafe fn try_fill_with<'p, E>(
        slot: NonNull<u8>,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<PoolBox<'p, T>, E> {
        // SAFETY: the slot is live, and large enough for its value (P2); it goes back if there is none.
        unsafe {
            let give_back = GiveBack::<T>::new(slot);
            value_at::<T>(slot).write(f()?);
            core::mem::forget(give_back);
            Ok(PoolBox::new(slot))
        }
    }

    /// Makes `count` values, numbered from 0: all, or none if one panics.
    ///
    /// The memory for them is asked for at once.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// let squares = pool.alloc_batch(4, |n| n * n);
    /// assert!(squares.iter().map(|square| **square).eq([0, 1, 4, 9]));
    /// ```
    pub fn alloc_batch(&self, count: usize, f: impl FnMut(usize) -> T) -> Vec<PoolBox<'_, T>> {
        or_fail(self.batch(count, f))
    }

    /// [`alloc_batch`](Pool::alloc_batch), or an error where there is no memory for all.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// pool.set_limit(Some(10_000));
    /// assert!(pool.try_alloc_batch(10_000, |n| n).is_err());
    /// assert!(pool.is_empty());
    /// ```
    pub fn try_alloc_batch(
        &self,
        count: usize,
        f: impl FnMut(usize) -> T,
    ) -> Result<Vec<PoolBox<'_, T>>, AllocError> {
        Ok(self.batch(count, f)?)
    }

    fn batch(
        &self,
        count: usize,
        mut f: impl FnMut(usize) -> T,
    ) -> Result<Vec<PoolBox<'_, T>>, Failure> {
        self.memory.reserve(count)?;
        let layout = core::alloc::Layout::array::<PoolBox<T>>(count);
        let mut boxes = Vec::new();
        (boxes.try_reserve_exact(count))
            .map_err(|_| layout.map_or(Failure::TooLarge, Failure::Memory))?;
        for index in 0..count {
            // The closure may have taken what was reserved.
            let slot = self.slot()?;
            // SAFETY: the slot was taken, and is ours.
            boxes.push(unsafe { Self::fill_with(slot, || f(index)) });
        }
        Ok(boxes)
    }

    /// A value that was given back and [`recycle`](Recycle::recycle)d, or one that `make` makes if there is none.
    ///
    /// ```
    /// use arenula::pool::Pool;
    ///
    /// let buffers = Pool::<Vec<u8>>::new();
    /// for _ in 0..10 {
    ///     let mut buffer = buffers.alloc_recycled(|| Vec::with_capacity(1000));
    ///     buffer.extend([1, 2, 3]);
    /// }
    /// ```
    #[inline]
    pub fn alloc_recycled(&self, make: impl FnOnce() -> T) -> Recycled<'_, T>
    where
        T: Recycle,
    {
        or_fail(self.recycled(make))
    }

    /// [`alloc_recycled`](Pool::alloc_recycled), or an error where there is no memory.
    ///
    /// ```
    /// use arenula::pool::Pool;
    ///
    /// let pool = Pool::<String>::new();
    /// pool.set_limit(Some(0));
    /// assert!(pool.try_alloc_recycled(String::new).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_recycled(
        &self,
        make: impl FnOnce() -> T,
    ) -> Result<Recycled<'_, T>, AllocError>
    where
        T: Recycle,
    {
        Ok(self.recycled(make)?)
    }

    #[inline]
    fn recycled(&self, make: impl FnOnce() -> T) -> Result<Recycled<'_, T>, Failure>
    where
        T: Recycle,
    {
        if let Some(slot) = self.memory.core().unstash() {
            // SAFETY: the slot has a value, both are ours from here on, and its room in the stash stays (P3, P5).
            return Ok(unsafe { Recycled::new(slot) });
        }
        /// Gives up the room in the stash, unless there is a box for it.
        struct Promise<'c>(&'c super::page::Core);
        impl Drop for Promise<'_> {
            fn drop(&mut self) {
                self.0.break_promise();
            }
        }
        let promise = Promise(self.memory.promise()?);
        let slot = self.slot()?;
        // SAFETY: the slot was taken, and is ours; so is the promise.
        unsafe {
            core::mem::forget(Self::fill_with(slot, make));
            core::mem::forget(promise);
            Ok(Recycled::new(slot))
        }
    }

    /// The number of values in boxes, with those that were leaked or forgotten.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// let boxed = pool.alloc(1);
    /// assert_eq!(pool.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.memory.len()
    }

    /// Whether there are no values in boxes.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// drop(pool.alloc(1));
    /// assert!(pool.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of slots, taken or not.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::<u64>::with_capacity(100);
    /// assert!(pool.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.memory.capacity()
    }

    /// Makes sure that `count` more values find room.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::<u64>::new();
    /// pool.reserve(100);
    /// assert!(pool.capacity() >= 100);
    /// ```
    pub fn reserve(&self, count: usize) {
        or_fail(self.memory.reserve(count));
    }

    /// [`reserve`](Pool::reserve), or an error where there is no such memory.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::<u64>::new();
    /// assert!(pool.try_reserve(usize::MAX).is_err());
    /// ```
    pub fn try_reserve(&self, count: usize) -> Result<(), AllocError> {
        Ok(self.memory.reserve(count)?)
    }

    /// Sets how many bytes the pool may hold. What it holds already it keeps.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::new();
    /// pool.set_limit(Some(10_000));
    /// let boxes: Vec<_> = std::iter::from_fn(|| pool.try_alloc([0_u8; 100]).ok()).collect();
    /// assert!(boxes.len() > 50 && boxes.len() <= 100);
    /// ```
    pub fn set_limit(&self, limit: Option<usize>) {
        self.memory.limit().set(limit.unwrap_or(usize::MAX));
    }

    /// How many bytes the pool may hold, if that is limited.
    ///
    /// ```
    /// let pool = arenula::pool::Pool::<u8>::new();
    /// assert_eq!(pool.limit(), None);
    /// ```
    #[must_use]
    pub fn limit(&self) -> Option<usize> {
        Some(self.memory.limit().get()).filter(|limit| *limit != usize::MAX)
    }

    /// Drops the values that are kept to be used again, and gives the blocks back in which no slot is taken.
    ///
    /// If a destructor panics, the others still run, and the blocks go back nevertheless.
    ///
    /// ```
    /// use arenula::pool::Pool;
    ///
    /// let mut pool = Pool::<u64>::with_capacity(1000);
    /// drop(pool.alloc(1));
    /// pool.shrink_to_fit();
    /// assert_eq!(pool.capacity(), 0);
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.memory.shrink();
    }
}

impl<T, A: Allocator + Default> Default for Pool<T, A> {
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<T, A: Allocator> fmt::Debug for Pool<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
