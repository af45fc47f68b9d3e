//! [`String`], of any allocator.
//!
//! # Invariant
//!
//! - **S1, text.** The bytes of a string's vector are UTF-8 whenever the string can be reached. No code of
//!   the user (closures, iterators, ranges, allocators) runs while they are not, but in `retain`, where a
//!   guard sees to it. So what is said of a range is asked once, and memory is had before anything moves.

mod convert;
mod drain;
mod edit;
mod errors;
mod extend;
mod make;
mod room;
mod traits;
mod write;

pub use self::drain::Drain;
pub use self::errors::{FromUtf8Error, FromUtf16Error};

use core::str;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::collections::TryReserveError;
use allocator_api2::vec::Vec;

use super::freeze::{VecExt, boxed_slice};
use crate::arena::{ArenaRef, Failure, or_fail};

use self::convert::boxed_str;
use self::room::make_room_slow;

/// Text that can grow: the standard library's `String`, in memory of any allocator.
///
/// As the last thing in an [`Arena`](crate::Arena) it grows in place, without copying. Methods that the
/// standard library's has not: those that end in `_in` take an allocator, those that begin with `try_`
/// answer an error where there is no memory, and leave the string as it was.
/// [`into_str`](String::into_str) freezes it; as a key of a map it is best frozen, since then there is no
/// destructor to run.
///
/// ```
/// use arenula::Arena;
/// use std::fmt::Write;
///
/// let arena = Arena::new();
/// let mut text = arena.string();
/// for n in 1..4 {
///     write!(text, "{n}, ").unwrap();
/// }
/// text.truncate(text.len() - 2);
/// let text: &mut str = text.into_str();
/// assert_eq!(text, "1, 2, 3");
/// ```
pub struct String<A: Allocator = Global> {
    /// UTF-8 (S1).
    vec: Vec<u8, A>,
}

impl String {
    /// An empty string on the heap. Allocates nothing yet.
    ///
    /// ```
    /// assert_eq!(arenula::string::String::new(), "");
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }

    /// An empty string on the heap, with room for `capacity` bytes.
    ///
    /// ```
    /// assert!(arenula::string::String::with_capacity(10).capacity() >= 10);
    /// ```
    #[inline]
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_in(capacity, Global)
    }
}

impl<A: Allocator> String<A> {
    /// The bytes of the text.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arenula::format!(in &arena, "hi").into_bytes(), [b'h', b'i']);
    /// ```
    #[inline]
    pub fn into_bytes(self) -> Vec<u8, A> {
        self.vec
    }

    /// The text as a box. Spare capacity goes back.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(&*arenula::format!(in &arena, "hi").into_boxed_str(), "hi");
    /// ```
    #[inline]
    pub fn into_boxed_str(self) -> Box<str, A> {
        boxed_str(self.vec.into_boxed_slice())
    }

    /// [`into_boxed_str`](String::into_boxed_str), or an error where it must be moved, and there is no
    /// memory. In an arena it is not moved.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let boxed = arenula::format!(in &arena, "hi").try_into_boxed_str();
    /// assert_eq!(&*boxed.unwrap(), "hi");
    /// ```
    #[inline]
    pub fn try_into_boxed_str(self) -> Result<Box<str, A>, AllocError> {
        Ok(boxed_str(boxed_slice(self.vec)?))
    }

    /// Freezes the string: what is left is plain text, that lives as long as the arena is borrowed, or until
    /// the scope's end. Its spare capacity goes back, if it lies at the arena's end.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// let arena = Arena::<1>::with_min_align();
    /// let mut text = arena.string();
    /// text.push_str("done ");
    /// text.push_str("growing");
    /// let text: &mut str = text.into_str();
    /// assert_eq!(text, "done growing");
    /// assert_eq!(arena.allocated_bytes(), 12);
    /// ```
    #[inline]
    pub fn into_str<'a>(self) -> &'a mut str
    where
        A: ArenaRef<'a>,
    {
        let bytes = self.vec.into_slice();
        // SAFETY: they are UTF-8 (S1).
        unsafe { str::from_utf8_unchecked_mut(bytes) }
    }

    /// Gives up the string for a reference to its text, without giving any memory back.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let text: &mut str = arenula::format!(in &arena, "hi").leak();
    /// assert_eq!(text, "hi");
    /// ```
    #[inline]
    pub fn leak<'a>(self) -> &'a mut str
    where
        A: 'a,
    {
        let bytes = self.vec.leak();
        // SAFETY: they are UTF-8 (S1).
        unsafe { str::from_utf8_unchecked_mut(bytes) }
    }

    /// The text.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arenula::format!(in &arena, "hi").as_str(), "hi");
    /// ```
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: the bytes are UTF-8 (S1).
        unsafe { str::from_utf8_unchecked(&self.vec) }
    }

    /// The text, to be changed.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "hi");
    /// text.as_mut_str().make_ascii_uppercase();
    /// assert_eq!(text, "HI");
    /// ```
    #[inline]
    pub fn as_mut_str(&mut self) -> &mut str {
        // SAFETY: the bytes are UTF-8 (S1).
        unsafe { str::from_utf8_unchecked_mut(&mut self.vec) }
    }

    /// The bytes of the text.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arenula::format!(in &arena, "hi").as_bytes(), b"hi");
    /// ```
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.vec
    }

    /// The vector that the text is kept in.
    ///
    /// # Safety
    ///
    /// When the borrow ends it holds UTF-8, however that comes about.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "hi");
    /// // SAFETY: it is reversed, and ASCII.
    /// unsafe { text.as_mut_vec() }.reverse();
    /// assert_eq!(text, "ih");
    /// ```
    #[inline]
    pub unsafe fn as_mut_vec(&mut self) -> &mut Vec<u8, A> {
        &mut self.vec
    }

    /// The allocator that the memory is from.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let text = arena.string();
    /// assert!(std::ptr::eq(*text.allocator(), &arena));
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        self.vec.allocator()
    }

    /// How many bytes the text has.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arenula::format!(in &arena, "ü").len(), 2);
    /// ```
    #[inline]
    pub fn len(&self) -> usize {
        self.vec.len()
    }

    /// Whether there is no text.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.string().is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.vec.is_empty()
    }

    /// How many bytes there is room for.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.string().capacity(), 0);
    /// ```
    #[inline]
    pub fn capacity(&self) -> usize {
        self.vec.capacity()
    }

    /// Makes room for `more` further bytes, or for some more than that.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arena.string();
    /// text.reserve(10);
    /// assert!(text.capacity() >= 10);
    /// ```
    #[inline]
    pub fn reserve(&mut self, more: usize) {
        or_fail(self.make_room(more));
    }

    /// [`reserve`](String::reserve), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.string().try_reserve(10).is_ok());
    /// assert!(arena.string().try_reserve(usize::MAX).is_err());
    /// ```
    #[inline]
    pub fn try_reserve(&mut self, more: usize) -> Result<(), TryReserveError> {
        self.vec.try_reserve(more)
    }

    /// Makes room for `more` further bytes, and no more than that.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arena.string();
    /// text.reserve_exact(10);
    /// assert_eq!(text.capacity(), 10);
    /// ```
    #[inline]
    pub fn reserve_exact(&mut self, more: usize) {
        self.vec.reserve_exact(more);
    }

    /// [`reserve_exact`](String::reserve_exact), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.string().try_reserve_exact(usize::MAX).is_err());
    /// ```
    #[inline]
    pub fn try_reserve_exact(&mut self, more: usize) -> Result<(), TryReserveError> {
        self.vec.try_reserve_exact(more)
    }

    /// Gives spare capacity back; what lies at an arena's end can be used again.
    ///
    /// ```
    /// let arena = arenula::Arena::<1>::with_min_align();
    /// let mut text = arenula::string::String::with_capacity_in(100, &arena);
    /// text.push_str("hi");
    /// text.shrink_to_fit();
    /// assert_eq!((text.capacity(), arena.allocated_bytes()), (2, 2));
    /// ```
    #[inline]
    pub fn shrink_to_fit(&mut self) {
        self.vec.shrink_to_fit();
    }

    /// Gives spare capacity back, but for that of `capacity` bytes in all.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::string::String::with_capacity_in(100, &arena);
    /// text.shrink_to(10);
    /// assert_eq!(text.capacity(), 10);
    /// ```
    #[inline]
    pub fn shrink_to(&mut self, capacity: usize) {
        self.vec.shrink_to(capacity);
    }

    #[inline(always)]
    fn make_room(&mut self, more: usize) -> Result<(), Failure> {
        if self.vec.capacity() - self.vec.len() < more {
            return make_room_slow(&mut self.vec, more);
        }
        Ok(())
    }
}
