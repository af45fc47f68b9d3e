//! How interners are made.

use core::marker::PhantomData;

use allocator_api2::alloc::{AllocError, Global};

use super::memory::sealed::Given;
use super::{DefaultHasher, InternerOf, Memory, Text};
use crate::arena::or_fail;

impl<T: Text + ?Sized, M: Memory<Backing = Global>> InternerOf<T, DefaultHasher, M> {
    /// An interner that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert!(interner.is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self::with_hasher(DefaultHasher::default())
    }

    /// An interner with room for `texts` texts in its index.
    ///
    /// [`reserve`](InternerOf::reserve) makes room for what they consist of as well.
    ///
    /// ```
    /// let interner = arenula::Interner::with_capacity(1000);
    /// assert!(interner.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity(texts: usize) -> Self {
        Self::with_capacity_and_hasher(texts, DefaultHasher::default())
    }

    /// [`with_capacity`](InternerOf::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::Interner;
    ///
    /// assert!(Interner::try_with_capacity(1000).is_ok());
    /// assert!(Interner::try_with_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_capacity(texts: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_and_hasher(texts, DefaultHasher::default())
    }
}

impl<T: Text + ?Sized, S, M: Memory<Backing = Global>> InternerOf<T, S, M> {
    /// An interner that hashes with `hasher`. Allocates nothing.
    ///
    /// ```
    /// use arenula::BytesInterner;
    /// use std::hash::RandomState;
    ///
    /// let interner = BytesInterner::with_hasher(RandomState::new());
    /// assert_eq!(interner.intern(b"bytes"), b"bytes");
    /// ```
    #[inline]
    #[must_use]
    pub fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher, Global)
    }

    /// An interner that hashes with `hasher`, with room for `texts` texts in its index.
    ///
    /// ```
    /// use arenula::Interner;
    /// use std::hash::RandomState;
    ///
    /// let interner = Interner::with_capacity_and_hasher(1000, RandomState::new());
    /// assert!(interner.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity_and_hasher(texts: usize, hasher: S) -> Self {
        let interner = Self::with_hasher(hasher);
        or_fail(interner.memory.reserve(texts, 0));
        interner
    }

    /// [`with_capacity_and_hasher`](InternerOf::with_capacity_and_hasher), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::Interner;
    /// use std::hash::RandomState;
    ///
    /// assert!(Interner::try_with_capacity_and_hasher(usize::MAX, RandomState::new()).is_err());
    /// ```
    pub fn try_with_capacity_and_hasher(texts: usize, hasher: S) -> Result<Self, AllocError> {
        let interner = Self::with_hasher(hasher);
        interner.memory.reserve(texts, 0)?;
        Ok(interner)
    }
}

impl<T: Text + ?Sized, M: Memory> InternerOf<T, DefaultHasher, M> {
    /// An interner that gets its memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, Interner};
    ///
    /// let arena = Arena::new();
    /// let interner = Interner::new_in(&arena);
    /// assert!(arena.contains(interner.intern("text").as_ptr()));
    /// ```
    #[inline]
    #[must_use]
    pub fn new_in(backing: M::Backing) -> Self {
        Self::with_hasher_in(DefaultHasher::default(), backing)
    }
}

impl<T: Text + ?Sized, S, M: Memory> InternerOf<T, S, M> {
    /// An interner that hashes with `hasher`, and gets its memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{FixedBuffer, Interner};
    /// use core::mem::MaybeUninit;
    /// use std::hash::RandomState;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let interner = Interner::with_hasher_in(RandomState::new(), FixedBuffer::new(&mut buffer));
    /// assert_eq!(interner.try_intern("on the stack"), Ok("on the stack"));
    /// assert!(interner.try_intern(&"too long".repeat(1000)).is_err());
    /// ```
    #[inline]
    #[must_use]
    pub fn with_hasher_in(hasher: S, backing: M::Backing) -> Self {
        InternerOf {
            memory: M::new(Given(backing)),
            hasher,
            texts: PhantomData,
        }
    }
}

impl<T: Text + ?Sized, S: Default, M: Memory> Default for InternerOf<T, S, M>
where
    M::Backing: Default,
{
    fn default() -> Self {
        Self::with_hasher_in(S::default(), M::Backing::default())
    }
}
