//! [`String`], of any allocator.
//!
//! # Invariant
//!
//! - **S1, text.** The bytes of a string's vector are UTF-8 whenever the string can be reached. No code of
//!   the user (closures, iterators, ranges, allocators) runs while they are not, but in `retain`, where a
//!   guard sees to it. So what is said of a range is asked once, and memory is had before anything moves.

use core::borrow::{Borrow, BorrowMut};
use core::convert::Infallible;
use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};
use core::iter::FusedIterator;
use core::mem::ManuallyDrop;
use core::ops::{Add, AddAssign, Bound, Deref, DerefMut, Range, RangeBounds};
use core::str::{self, FromStr, Utf8Error};
use core::{cmp, ptr};

use alloc::borrow::Cow;
use alloc::string::String as StdString;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::collections::TryReserveError;
use allocator_api2::vec::Vec;

use super::FromIteratorIn;
use super::freeze::{VecExt, boxed_slice};
use crate::arena::{AllocOrInitError, ArenaRef, Failure, copy_bytes, grow, or_fail};

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
    /// An empty string. Allocates nothing yet.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert!(String::new_in(&arena).is_empty());
    /// assert_eq!(arena.allocated_bytes(), 0);
    /// ```
    #[inline]
    pub const fn new_in(alloc: A) -> Self {
        String {
            vec: Vec::new_in(alloc),
        }
    }

    /// An empty string with room for `capacity` bytes.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert!(String::with_capacity_in(10, &arena).capacity() >= 10);
    /// ```
    #[inline]
    pub fn with_capacity_in(capacity: usize, alloc: A) -> Self {
        String {
            vec: Vec::with_capacity_in(capacity, alloc),
        }
    }

    /// [`with_capacity_in`](String::with_capacity_in), or an error where there is no memory.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert!(String::try_with_capacity_in(usize::MAX, &arena).is_err());
    /// ```
    #[inline]
    pub fn try_with_capacity_in(capacity: usize, alloc: A) -> Result<Self, AllocError> {
        Ok(Self::with_room(capacity, alloc)?)
    }

    #[inline(always)]
    fn with_room(capacity: usize, alloc: A) -> Result<Self, Failure> {
        let mut text = Self::new_in(alloc);
        match text.vec.try_reserve_exact(capacity) {
            Ok(()) => Ok(text),
            Err(_) => Err(why(capacity)),
        }
    }

    /// A copy of a text.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::from_str_in("Ada", &arena), "Ada");
    /// ```
    #[inline]
    pub fn from_str_in(text: &str, alloc: A) -> Self {
        or_fail(Self::copy_in(text, alloc))
    }

    /// [`from_str_in`](String::from_str_in), or an error where there is no memory.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::try_from_str_in("Ada", &arena).unwrap(), "Ada");
    /// ```
    #[inline]
    pub fn try_from_str_in(text: &str, alloc: A) -> Result<Self, AllocError> {
        Ok(Self::copy_in(text, alloc)?)
    }

    #[inline(always)]
    fn copy_in(text: &str, alloc: A) -> Result<Self, Failure> {
        let mut copy = Self::with_room(text.len(), alloc)?;
        // SAFETY: there is room.
        unsafe { copy.put(text) };
        Ok(copy)
    }

    /// Formats into a new string. [`format!`](crate::format!) is short for it.
    ///
    /// # Panics
    ///
    /// If a `Display` or like implementation fails, which none should.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::from_fmt_in(format_args!("{}!", 1), &arena), "1!");
    /// ```
    #[inline]
    pub fn from_fmt_in(arguments: fmt::Arguments<'_>, alloc: A) -> Self {
        done(or_fail(Self::format_in(arguments, alloc)))
    }

    /// [`from_fmt_in`](String::from_fmt_in), or an error where there is no memory, or where a `Display` or
    /// like implementation fails.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(String::try_from_fmt_in(format_args!("{:>100}", 1), &arena).is_ok());
    /// assert!(String::try_from_fmt_in(format_args!("{:>1000}", 1), &arena).is_err());
    /// ```
    #[inline]
    pub fn try_from_fmt_in(arguments: fmt::Arguments<'_>, alloc: A) -> Result<Self, AllocError> {
        Self::format_in(arguments, alloc)?.map_err(|fmt::Error| AllocError)
    }

    #[inline]
    fn format_in(
        arguments: fmt::Arguments<'_>,
        alloc: A,
    ) -> Result<Result<Self, fmt::Error>, Failure> {
        if let Some(text) = arguments.as_str() {
            return Ok(Ok(Self::copy_in(text, alloc)?));
        }
        let mut text = Self::new_in(alloc);
        Ok(text.append_fmt(arguments)?.map(|()| text))
    }

    /// The text that `bytes` are. If they are none, the error gives them back.
    ///
    /// ```
    /// use arenula::string::String;
    /// use arenula::{Arena, vec};
    ///
    /// let arena = Arena::new();
    /// assert_eq!(String::from_utf8(vec![in &arena; b'h', b'i']).unwrap(), "hi");
    ///
    /// let error = String::from_utf8(vec![in &arena; b'h', 0xff]).unwrap_err();
    /// assert_eq!(error.utf8_error().valid_up_to(), 1);
    /// assert_eq!(error.into_bytes(), [b'h', 0xff]);
    /// ```
    #[inline]
    pub fn from_utf8(bytes: Vec<u8, A>) -> Result<Self, FromUtf8Error<A>> {
        match str::from_utf8(&bytes) {
            Ok(_) => Ok(String { vec: bytes }),
            Err(error) => Err(FromUtf8Error { bytes, error }),
        }
    }

    /// The text that `bytes` are.
    ///
    /// # Safety
    ///
    /// They are UTF-8.
    ///
    /// ```
    /// use arenula::string::String;
    /// use arenula::{Arena, vec};
    ///
    /// let arena = Arena::new();
    /// // SAFETY: it is ASCII.
    /// let text = unsafe { String::from_utf8_unchecked(vec![in &arena; b'h', b'i']) };
    /// assert_eq!(text, "hi");
    /// ```
    #[inline]
    pub unsafe fn from_utf8_unchecked(bytes: Vec<u8, A>) -> Self {
        String { vec: bytes }
    }

    /// A copy of `bytes`, with `U+FFFD` for what is no text.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::from_utf8_lossy_in(b"hi \xff!", &arena), "hi \u{FFFD}!");
    /// ```
    pub fn from_utf8_lossy_in(bytes: &[u8], alloc: A) -> Self {
        or_fail(Self::copy_lossy(bytes, alloc))
    }

    /// [`from_utf8_lossy_in`](String::from_utf8_lossy_in), or an error where there is no memory.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::try_from_utf8_lossy_in(b"\xff", &arena).unwrap(), "\u{FFFD}");
    /// ```
    pub fn try_from_utf8_lossy_in(bytes: &[u8], alloc: A) -> Result<Self, AllocError> {
        Ok(Self::copy_lossy(bytes, alloc)?)
    }

    fn copy_lossy(bytes: &[u8], alloc: A) -> Result<Self, Failure> {
        let mut text = Self::with_room(bytes.len(), alloc)?;
        for chunk in bytes.utf8_chunks() {
            text.append(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                text.append_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(text)
    }

    /// A copy of text in UTF-16, or an error if it is none.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// let units: Vec<u16> = "Grüße 𝄞".encode_utf16().collect();
    /// assert_eq!(String::from_utf16_in(&units, &arena).unwrap(), "Grüße 𝄞");
    /// assert!(String::from_utf16_in(&[0xD834], &arena).is_err());
    /// ```
    pub fn from_utf16_in(units: &[u16], alloc: A) -> Result<Self, FromUtf16Error> {
        or_fail(Self::decode(units, alloc, |_| Err(FromUtf16Error(()))))
    }

    /// [`from_utf16_in`](String::from_utf16_in), with an error of its own where there is no memory.
    ///
    /// ```
    /// use arenula::AllocOrInitError;
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::try_from_utf16_in(&[0x41], &arena).unwrap(), "A");
    /// let error = String::try_from_utf16_in(&[0xD834], &arena).unwrap_err();
    /// assert!(matches!(error, AllocOrInitError::Init(_)));
    /// ```
    pub fn try_from_utf16_in(
        units: &[u16],
        alloc: A,
    ) -> Result<Self, AllocOrInitError<FromUtf16Error>> {
        Self::decode(units, alloc, |_| Err(FromUtf16Error(())))?.map_err(AllocOrInitError::Init)
    }

    /// A copy of text in UTF-16, with `U+FFFD` for what is none.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::from_utf16_lossy_in(&[0x41, 0xD834], &arena), "A\u{FFFD}");
    /// ```
    pub fn from_utf16_lossy_in(units: &[u16], alloc: A) -> Self {
        match or_fail(Self::decode(units, alloc, |_| {
            Ok::<_, Infallible>(char::REPLACEMENT_CHARACTER)
        })) {
            Ok(text) => text,
        }
    }

    /// [`from_utf16_lossy_in`](String::from_utf16_lossy_in), or an error where there is no memory.
    ///
    /// ```
    /// use arenula::string::String;
    ///
    /// let arena = arenula::Arena::new();
    /// assert_eq!(String::try_from_utf16_lossy_in(&[0x41], &arena).unwrap(), "A");
    /// ```
    pub fn try_from_utf16_lossy_in(units: &[u16], alloc: A) -> Result<Self, AllocError> {
        match Self::decode(units, alloc, |_| {
            Ok::<_, Infallible>(char::REPLACEMENT_CHARACTER)
        })? {
            Ok(text) => Ok(text),
        }
    }

    fn decode<E>(
        units: &[u16],
        alloc: A,
        otherwise: impl Fn(core::char::DecodeUtf16Error) -> Result<char, E>,
    ) -> Result<Result<Self, E>, Failure> {
        let mut text = Self::with_room(units.len(), alloc)?;
        for decoded in char::decode_utf16(units.iter().copied()) {
            match decoded.or_else(&otherwise) {
                Ok(ch) => text.append_char(ch)?,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(text))
    }

    /// A string of its parts.
    ///
    /// # Safety
    ///
    /// They are those of a `Vec<u8, A>` (see `Vec::from_raw_parts_in`), and the first `len` bytes are UTF-8.
    ///
    /// ```
    /// use arenula::string::String;
    /// use std::mem::ManuallyDrop;
    ///
    /// let arena = arenula::Arena::new();
    /// let mut text = ManuallyDrop::new(String::from_str_in("Ada", &arena));
    /// let (start, len, capacity) = (text.as_mut_ptr(), text.len(), text.capacity());
    /// // SAFETY: the parts are those of a string that is not used any more.
    /// let text = unsafe { String::from_raw_parts_in(start, len, capacity, &arena) };
    /// assert_eq!(text, "Ada");
    /// ```
    #[inline]
    pub unsafe fn from_raw_parts_in(start: *mut u8, len: usize, capacity: usize, alloc: A) -> Self {
        // SAFETY: as promised.
        let vec = unsafe { Vec::from_raw_parts_in(start, len, capacity, alloc) };
        String { vec }
    }

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

    /// Appends a text.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arena.string();
    /// text.push_str("to be ");
    /// text.push_str("or not");
    /// assert_eq!(text, "to be or not");
    /// ```
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        or_fail(self.append(text));
    }

    /// [`push_str`](String::push_str), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1000));
    /// let mut text = arena.string();
    /// while text.try_push_str("to be or not to be").is_ok() {}
    /// assert!(text.ends_with("to be") && text.len() > 300);
    /// ```
    #[inline]
    pub fn try_push_str(&mut self, text: &str) -> Result<(), AllocError> {
        Ok(self.append(text)?)
    }

    #[inline(always)]
    fn append(&mut self, text: &str) -> Result<(), Failure> {
        self.make_room(text.len())?;
        // SAFETY: there is room.
        unsafe { self.put(text) };
        Ok(())
    }

    /// Appends a text for which there is room.
    ///
    /// # Safety
    ///
    /// There is.
    #[inline(always)]
    unsafe fn put(&mut self, text: &str) {
        let len = self.vec.len();
        // SAFETY: behind the text there is room, in which `text` can't lie, since the string is borrowed
        // mutably. Text after text is text (S1).
        unsafe {
            let end = self.vec.as_mut_ptr().add(len);
            copy_bytes(text.as_ptr(), end, text.len());
            self.vec.set_len(len + text.len());
        }
    }

    /// Appends a character.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arena.string();
    /// text.push('a');
    /// text.push('ß');
    /// assert_eq!(text, "aß");
    /// ```
    #[inline(always)]
    pub fn push(&mut self, ch: char) {
        or_fail(self.append_char(ch));
    }

    /// [`push`](String::push), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.string().try_push('a').is_ok());
    /// ```
    #[inline(always)]
    pub fn try_push(&mut self, ch: char) -> Result<(), AllocError> {
        Ok(self.append_char(ch)?)
    }

    #[inline(always)]
    fn append_char(&mut self, ch: char) -> Result<(), Failure> {
        let len = self.vec.len();
        if ch.is_ascii() {
            if len == self.vec.capacity() {
                make_room_slow(&mut self.vec, 1)?;
            }
            // SAFETY: there is room for a byte, and this one is a character (S1).
            unsafe {
                self.vec.as_mut_ptr().add(len).write(ch as u8);
                self.vec.set_len(len + 1);
            }
            return Ok(());
        }
        rare();
        let more = ch.len_utf8();
        self.make_room(more)?;
        // SAFETY: there is room for the bytes of the character, and nobody else has it. Text after text is
        // text (S1).
        unsafe {
            write_utf8(ch, self.vec.as_mut_ptr().add(len));
            self.vec.set_len(len + more);
        }
        Ok(())
    }

    /// Appends what is formatted, as `write!` does.
    ///
    /// # Panics
    ///
    /// If a `Display` or like implementation fails, which none should.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arena.string();
    /// text.push_fmt(format_args!("{}/{}", 1, 2));
    /// assert_eq!(text, "1/2");
    /// ```
    #[inline]
    pub fn push_fmt(&mut self, arguments: fmt::Arguments<'_>) {
        done(or_fail(self.append_fmt(arguments)));
    }

    /// [`push_fmt`](String::push_fmt), or an error where there is no memory, or where a `Display` or like
    /// implementation fails; nothing is appended then.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1000));
    /// let mut text = arena.string();
    /// assert!(text.try_push_fmt(format_args!("{}", 1)).is_ok());
    /// assert!(text.try_push_fmt(format_args!("{}{:>1000}", 2, 3)).is_err());
    /// assert_eq!(text, "1");
    /// ```
    #[inline]
    pub fn try_push_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), AllocError> {
        self.append_fmt(arguments)?.map_err(|fmt::Error| AllocError)
    }

    /// Where it fails, the string is as long as before.
    fn append_fmt(
        &mut self,
        arguments: fmt::Arguments<'_>,
    ) -> Result<Result<(), fmt::Error>, Failure> {
        let len = self.vec.len();
        let mut writing = Writing {
            text: self,
            failure: None,
        };
        let outcome = writing.write_fmt(arguments);
        let failure = writing.failure;
        if outcome.is_err() || failure.is_some() {
            self.vec.truncate(len);
        }
        match failure {
            Some(failure) => Err(failure),
            None => Ok(outcome),
        }
    }

    /// Inserts a character before the byte `at`.
    ///
    /// # Panics
    ///
    /// If no character begins at `at`, nor the text ends.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "bc");
    /// text.insert(0, 'ä');
    /// text.insert(3, '-');
    /// assert_eq!(text, "äb-c");
    /// ```
    #[inline]
    pub fn insert(&mut self, at: usize, ch: char) {
        self.insert_str(at, ch.encode_utf8(&mut [0; 4]));
    }

    /// [`insert`](String::insert), or an error where there is no memory.
    ///
    /// # Panics
    ///
    /// If no character begins at `at`, nor the text ends.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.string().try_insert(0, 'a').is_ok());
    /// ```
    #[inline]
    pub fn try_insert(&mut self, at: usize, ch: char) -> Result<(), AllocError> {
        self.try_insert_str(at, ch.encode_utf8(&mut [0; 4]))
    }

    /// Inserts a text before the byte `at`.
    ///
    /// # Panics
    ///
    /// If no character begins at `at`, nor the text ends.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// text.insert_str(3, "not ");
    /// assert_eq!(text, "to not be");
    /// ```
    #[inline]
    pub fn insert_str(&mut self, at: usize, text: &str) {
        self.assert_boundary(at);
        or_fail(self.replace(at..at, text));
    }

    /// [`insert_str`](String::insert_str), or an error where there is no memory.
    ///
    /// # Panics
    ///
    /// If no character begins at `at`, nor the text ends.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arena.string();
    /// assert!(text.try_insert_str(0, "to be").is_ok());
    /// assert_eq!(text, "to be");
    /// ```
    #[inline]
    pub fn try_insert_str(&mut self, at: usize, text: &str) -> Result<(), AllocError> {
        self.assert_boundary(at);
        Ok(self.replace(at..at, text)?)
    }

    #[track_caller]
    #[inline]
    fn assert_boundary(&self, at: usize) {
        assert!(
            self.is_char_boundary(at),
            "byte {at} is not a character's first, nor the text's end"
        );
    }

    /// The bytes that a range means, in a text that no borrow of the range's owner can reach.
    ///
    /// # Panics
    ///
    /// If it does not lie in the text, or parts a character.
    #[track_caller]
    #[inline]
    fn range(&self, range: impl RangeBounds<usize>) -> Range<usize> {
        // Asked once: it may answer something else the next time.
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(before) => before
                .checked_add(1)
                .expect("range starts after usize::MAX"),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.checked_add(1).expect("range ends after usize::MAX"),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.len(),
        };
        // Panics as slices of text do.
        let _ = &self[start..end];
        start..end
    }

    /// Puts another text in place of a range.
    ///
    /// # Panics
    ///
    /// If the range does not lie in the text, or parts a character.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be or not");
    /// text.replace_range(3..=4, "sleep");
    /// assert_eq!(text, "to sleep or not");
    /// ```
    #[inline]
    pub fn replace_range(&mut self, range: impl RangeBounds<usize>, with: &str) {
        let range = self.range(range);
        or_fail(self.replace(range, with));
    }

    /// [`replace_range`](String::replace_range), or an error where there is no memory.
    ///
    /// # Panics
    ///
    /// If the range does not lie in the text, or parts a character.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// assert!(text.try_replace_range(..2, "let it").is_ok());
    /// assert_eq!(text, "let it be");
    /// ```
    #[inline]
    pub fn try_replace_range(
        &mut self,
        range: impl RangeBounds<usize>,
        with: &str,
    ) -> Result<(), AllocError> {
        let range = self.range(range);
        Ok(self.replace(range, with)?)
    }

    /// The range lies in the text and parts no character: who calls this has looked. It is looked at once
    /// more, which is cheap.
    fn replace(&mut self, range: Range<usize>, with: &str) -> Result<(), Failure> {
        let len = self.len();
        let removed = self[range.clone()].len();
        self.make_room(with.len().saturating_sub(removed))?;
        // SAFETY: the range lies in the text, between characters. There is room for what is added, in which
        // `with` can't lie, since the string is borrowed mutably; so neither is too large the sum. Text
        // between pieces of text is text (S1), and nothing in here calls code of the user.
        unsafe {
            let start = self.vec.as_mut_ptr().add(range.start);
            let tail = len - range.end;
            ptr::copy(start.add(removed), start.add(with.len()), tail);
            ptr::copy_nonoverlapping(with.as_ptr(), start, with.len());
            self.vec.set_len(range.start + with.len() + tail);
        }
        Ok(())
    }

    /// Removes the character that begins at the byte `at`, and answers it.
    ///
    /// # Panics
    ///
    /// If none does.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "aßc");
    /// assert_eq!(text.remove(1), 'ß');
    /// assert_eq!(text, "ac");
    /// ```
    #[inline]
    pub fn remove(&mut self, at: usize) -> char {
        let Some(ch) = self[at..].chars().next() else {
            panic!("there is no character to remove at the text's end");
        };
        self.cut(at..at + ch.len_utf8());
        ch
    }

    /// Removes a range.
    #[inline]
    fn cut(&mut self, range: Range<usize>) {
        // It needs no memory.
        or_fail(self.replace(range, ""));
    }

    /// Removes the last character, and answers it.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "aß");
    /// assert_eq!(text.pop(), Some('ß'));
    /// assert_eq!(text.pop(), Some('a'));
    /// assert_eq!(text.pop(), None);
    /// ```
    #[inline]
    pub fn pop(&mut self) -> Option<char> {
        let ch = self.chars().next_back()?;
        self.vec.truncate(self.vec.len() - ch.len_utf8());
        Some(ch)
    }

    /// Removes what lies behind the first `len` bytes.
    ///
    /// # Panics
    ///
    /// If there are more bytes, and no character begins at `len`.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// text.truncate(2);
    /// text.truncate(10);
    /// assert_eq!(text, "to");
    /// ```
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.assert_boundary(len);
            self.vec.truncate(len);
        }
    }

    /// Removes all of the text, and keeps the room.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// text.clear();
    /// assert!(text.is_empty() && text.capacity() >= 5);
    /// ```
    #[inline]
    pub fn clear(&mut self) {
        self.vec.clear();
    }

    /// Keeps the characters that `f` says `true` of.
    ///
    /// If `f` panics, those that it has not seen are gone.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "d-o-n't");
    /// text.retain(|ch| ch.is_alphabetic());
    /// assert_eq!(text, "dont");
    /// ```
    pub fn retain(&mut self, mut f: impl FnMut(char) -> bool) {
        /// The first `kept` bytes are text, and all that is left if `f` panics.
        struct Retaining<'s, A: Allocator> {
            vec: &'s mut Vec<u8, A>,
            kept: usize,
        }
        impl<A: Allocator> Drop for Retaining<'_, A> {
            fn drop(&mut self) {
                // SAFETY: no more bytes are kept than there were.
                unsafe { self.vec.set_len(self.kept) };
            }
        }

        let len = self.len();
        let mut retaining = Retaining {
            vec: &mut self.vec,
            kept: 0,
        };
        let mut seen = 0;
        while seen < len {
            // SAFETY: what was not seen is as it was, so it is text and begins with a character (S1). Bytes
            // move only down: `kept` is at most `seen`. `f` can't reach the string, and if it panics just
            // what was kept is left.
            unsafe {
                let start = retaining.vec.as_mut_ptr();
                let rest = core::slice::from_raw_parts(start.add(seen), len - seen);
                let ch = str::from_utf8_unchecked(rest).chars().next();
                let ch = ch.unwrap_unchecked();
                if f(ch) {
                    ptr::copy(start.add(seen), start.add(retaining.kept), ch.len_utf8());
                    retaining.kept += ch.len_utf8();
                }
                seen += ch.len_utf8();
            }
        }
    }

    /// Takes a range out, and answers its characters. When the iterator is dropped they are gone, also those
    /// that it was not asked for. (If it is forgotten, they are still there.)
    ///
    /// # Panics
    ///
    /// If the range does not lie in the text, or parts a character.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// let taken: std::string::String = text.drain(..3).rev().collect();
    /// assert_eq!(taken, " ot");
    /// assert_eq!(text, "be");
    /// ```
    #[inline]
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> Drain<'_, A> {
        let range = self.range(range);
        Drain {
            string: self,
            left: range.clone(),
            range,
        }
    }

    /// Splits the text in two before the byte `at`. What lies behind it goes to memory of its own.
    ///
    /// # Panics
    ///
    /// If no character begins at `at`, nor the text ends.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// let verb = text.split_off(3);
    /// assert_eq!((&*text, &*verb), ("to ", "be"));
    /// ```
    #[inline]
    #[must_use = "where the other half is not wanted, `truncate` does it"]
    pub fn split_off(&mut self, at: usize) -> Self
    where
        A: Clone,
    {
        self.assert_boundary(at);
        or_fail(self.split(at))
    }

    /// [`split_off`](String::split_off), or an error where there is no memory.
    ///
    /// # Panics
    ///
    /// If no character begins at `at`, nor the text ends.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// assert_eq!(text.try_split_off(3).unwrap(), "be");
    /// ```
    #[inline]
    pub fn try_split_off(&mut self, at: usize) -> Result<Self, AllocError>
    where
        A: Clone,
    {
        self.assert_boundary(at);
        Ok(self.split(at)?)
    }

    #[inline]
    fn split(&mut self, at: usize) -> Result<Self, Failure>
    where
        A: Clone,
    {
        let other = Self::copy_in(&self[at..], self.allocator().clone())?;
        self.vec.truncate(at);
        Ok(other)
    }

    /// Appends a copy of a range of the text.
    ///
    /// # Panics
    ///
    /// If the range does not lie in the text, or parts a character.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// text.extend_from_within(2..);
    /// assert_eq!(text, "to be be");
    /// ```
    #[inline]
    pub fn extend_from_within(&mut self, range: impl RangeBounds<usize>) {
        let range = self.range(range);
        or_fail(self.append_within(range));
    }

    /// [`extend_from_within`](String::extend_from_within), or an error where there is no memory.
    ///
    /// # Panics
    ///
    /// If the range does not lie in the text, or parts a character.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// assert!(text.try_extend_from_within(..2).is_ok());
    /// assert_eq!(text, "to beto");
    /// ```
    #[inline]
    pub fn try_extend_from_within(
        &mut self,
        range: impl RangeBounds<usize>,
    ) -> Result<(), AllocError> {
        let range = self.range(range);
        Ok(self.append_within(range)?)
    }

    #[inline]
    fn append_within(&mut self, range: Range<usize>) -> Result<(), Failure> {
        let (len, more) = (self.len(), self[range.clone()].len());
        self.make_room(more)?;
        // SAFETY: the range lies in the text, between characters, and behind the text there is room. Text
        // after text is text (S1).
        unsafe {
            let start = self.vec.as_mut_ptr();
            ptr::copy_nonoverlapping(start.add(range.start), start.add(len), more);
            self.vec.set_len(len + more);
        }
        Ok(())
    }

    /// [`clone`](Clone::clone), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let text = arenula::format!(in &arena, "to be");
    /// assert_eq!(text.try_clone().unwrap(), text);
    /// ```
    #[inline]
    pub fn try_clone(&self) -> Result<Self, AllocError>
    where
        A: Clone,
    {
        Self::try_from_str_in(self, self.allocator().clone())
    }
}

/// Tells the compiler that the branch is for code that stands behind the rest.
#[cold]
#[inline]
fn rare() {}

/// Writes a character as UTF-8. (`encode_utf8` asks for memory that is initialised.)
///
/// # Safety
///
/// `target` is valid for writes of `ch.len_utf8()` bytes.
#[inline(always)]
unsafe fn write_utf8(ch: char, target: *mut u8) {
    let code = ch as u32;
    let first = |mark: u32, shift: u32| (mark | code >> shift) as u8;
    let next = |shift: u32| (0x80 | code >> shift & 0x3f) as u8;
    // SAFETY: as promised.
    unsafe {
        match ch.len_utf8() {
            1 => target.write(code as u8),
            2 => target.cast::<[u8; 2]>().write([first(0xC0, 6), next(0)]),
            3 => (target.cast::<[u8; 3]>()).write([first(0xE0, 12), next(6), next(0)]),
            _ => (target.cast::<[u8; 4]>()).write([first(0xF0, 18), next(12), next(6), next(0)]),
        }
    }
}

/// Why there was no memory for a string of this capacity.
#[cold]
fn why(capacity: usize) -> Failure {
    core::alloc::Layout::array::<u8>(capacity).map_or(Failure::TooLarge, Failure::Memory)
}

/// Makes room where there is too little, for strings that are often locals of a loop.
///
/// The vector is moved to the cold function and back. So its own address goes nowhere, and the compiler
/// may keep it in registers while text is added.
#[inline(always)]
fn make_room_slow<A: Allocator>(vec: &mut Vec<u8, A>, more: usize) -> Result<(), Failure> {
    /// Moves the vector back, also if the allocator panics.
    struct Back<'v, A: Allocator> {
        away: *const ManuallyDrop<Vec<u8, A>>,
        home: &'v mut Vec<u8, A>,
    }
    impl<A: Allocator> Drop for Back<'_, A> {
        #[inline(always)]
        fn drop(&mut self) {
            // SAFETY: the vector was moved away from `home`, and nobody uses it there any more.
            unsafe { ptr::copy_nonoverlapping(self.away.cast(), self.home, 1) };
        }
    }

    // SAFETY: until it is moved back, nobody uses the vector where it was, nor drops it where it is.
    let mut away = ManuallyDrop::new(unsafe { ptr::read(vec) });
    let away: *mut ManuallyDrop<Vec<u8, A>> = &mut away;
    let _back = Back { away, home: vec };
    // SAFETY: just the guard has another pointer to it, and reads it later.
    make_room_cold(unsafe { &mut *away }, more, 0)
}

/// Makes room where there is too little: `least` bytes, if the string has none at all yet.
#[cold]
#[inline(never)]
fn make_room_cold<A: Allocator>(
    vec: &mut Vec<u8, A>,
    more: usize,
    least: usize,
) -> Result<(), Failure> {
    if vec.capacity() == 0 && more < least && vec.try_reserve_exact(least).is_ok() {
        return Ok(());
    }
    grow(vec, more)
}

#[inline]
fn done<T>(outcome: Result<T, fmt::Error>) -> T {
    outcome.expect("a formatting trait implementation returned an error")
}

#[inline]
fn boxed_str<A: Allocator>(bytes: Box<[u8], A>) -> Box<str, A> {
    let (bytes, alloc) = Box::into_raw_with_allocator(bytes);
    // SAFETY: they are those of a string, so they are UTF-8 (S1), in a block of just their layout.
    unsafe { Box::from_raw_in(bytes as *mut str, alloc) }
}

/// The room that formatted text has at first: it comes in several pieces, of which the first is often short.
const FORMATTED: usize = 32;

/// Text that is being written, and why it could not go on.
struct Writing<'s, A: Allocator> {
    text: &'s mut String<A>,
    failure: Option<Failure>,
}

impl<A: Allocator> Write for Writing<'_, A> {
    #[inline]
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        // A `Display` that goes on after an error would leave a gap.
        if self.failure.is_some() {
            return Err(fmt::Error);
        }
        let vec = &mut self.text.vec;
        if vec.capacity() - vec.len() < piece.len() {
            if let Err(failure) = make_room_cold(vec, piece.len(), FORMATTED) {
                self.failure = Some(failure);
                return Err(fmt::Error);
            }
        }
        // SAFETY: there is room.
        unsafe { self.text.put(piece) };
        Ok(())
    }

    #[inline]
    fn write_char(&mut self, ch: char) -> fmt::Result {
        self.write_str(ch.encode_utf8(&mut [0; 4]))
    }
}

/// Never fails, as the standard library's does not: where there is no memory, it is told as by
/// [`push_str`](String::push_str). See [`try_push_fmt`](String::try_push_fmt).
impl<A: Allocator> Write for String<A> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }

    #[inline]
    fn write_char(&mut self, ch: char) -> fmt::Result {
        self.push(ch);
        Ok(())
    }
}

/// The characters of a range that is taken out: see [`String::drain`].
///
/// ```
/// let arena = arenula::Arena::new();
/// let mut text = arenula::format!(in &arena, "to be");
/// let mut drain = text.drain(..3);
/// assert_eq!(drain.next(), Some('t'));
/// assert_eq!(drain.as_str(), "o ");
/// drop(drain);
/// assert_eq!(text, "be");
/// ```
pub struct Drain<'a, A: Allocator = Global> {
    string: &'a mut String<A>,
    /// What will be removed: it lies in the text, and parts no character.
    range: Range<usize>,
    /// What was not answered yet. It lies in `range`, and parts no character.
    left: Range<usize>,
}

impl<A: Allocator> Drain<'_, A> {
    /// What was not answered yet.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let mut text = arenula::format!(in &arena, "to be");
    /// assert_eq!(text.drain(1..).as_str(), "o be");
    /// ```
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: it lies in the text, which the iterator has borrowed, and parts no character.
        unsafe { self.string.get_unchecked(self.left.clone()) }
    }
}

impl<A: Allocator> Iterator for Drain<'_, A> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        let ch = self.as_str().chars().next()?;
        self.left.start += ch.len_utf8();
        Some(ch)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.as_str().chars().size_hint()
    }

    #[inline]
    fn last(mut self) -> Option<char> {
        self.next_back()
    }
}

impl<A: Allocator> DoubleEndedIterator for Drain<'_, A> {
    #[inline]
    fn next_back(&mut self) -> Option<char> {
        let ch = self.as_str().chars().next_back()?;
        self.left.end -= ch.len_utf8();
        Some(ch)
    }
}

impl<A: Allocator> FusedIterator for Drain<'_, A> {}

impl<A: Allocator> Drop for Drain<'_, A> {
    #[inline]
    fn drop(&mut self) {
        self.string.cut(self.range.clone());
    }
}

impl<A: Allocator> fmt::Debug for Drain<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Drain").field(&self.as_str()).finish()
    }
}

impl<A: Allocator> AsRef<str> for Drain<'_, A> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Bytes that are no UTF-8: see [`String::from_utf8`].
pub struct FromUtf8Error<A: Allocator = Global> {
    bytes: Vec<u8, A>,
    error: Utf8Error,
}

impl<A: Allocator> FromUtf8Error<A> {
    /// The bytes.
    ///
    /// ```
    /// use arenula::string::String;
    /// use arenula::{Arena, vec};
    ///
    /// let arena = Arena::new();
    /// let error = String::from_utf8(vec![in &arena; 0xff]).unwrap_err();
    /// assert_eq!(error.as_bytes(), [0xff]);
    /// ```
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, in the vector that they came in.
    ///
    /// ```
    /// use arenula::string::String;
    /// use arenula::{Arena, vec};
    ///
    /// let arena = Arena::new();
    /// let error = String::from_utf8(vec![in &arena; 0xff]).unwrap_err();
    /// assert_eq!(error.into_bytes(), [0xff]);
    /// ```
    pub fn into_bytes(self) -> Vec<u8, A> {
        self.bytes
    }

    /// What is wrong with them.
    ///
    /// ```
    /// use arenula::string::String;
    /// use arenula::{Arena, vec};
    ///
    /// let arena = Arena::new();
    /// let error = String::from_utf8(vec![in &arena; b'a', 0xff]).unwrap_err();
    /// assert_eq!(error.utf8_error().valid_up_to(), 1);
    /// ```
    pub fn utf8_error(&self) -> Utf8Error {
        self.error
    }
}

impl<A: Allocator> PartialEq for FromUtf8Error<A> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.error == other.error
    }
}

impl<A: Allocator> Eq for FromUtf8Error<A> {}

impl<A: Allocator + Clone> Clone for FromUtf8Error<A> {
    fn clone(&self) -> Self {
        FromUtf8Error {
            bytes: self.bytes.clone(),
            error: self.error,
        }
    }
}

impl<A: Allocator> fmt::Debug for FromUtf8Error<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromUtf8Error")
            .field("bytes", &self.bytes)
            .field("error", &self.error)
            .finish()
    }
}

impl<A: Allocator> fmt::Display for FromUtf8Error<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl<A: Allocator> core::error::Error for FromUtf8Error<A> {}

/// Numbers that are no UTF-16: see [`String::from_utf16_in`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromUtf16Error(());

impl fmt::Display for FromUtf16Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid utf-16: lone surrogate found")
    }
}

impl core::error::Error for FromUtf16Error {}

impl<A: Allocator> Deref for String<A> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<A: Allocator> DerefMut for String<A> {
    #[inline]
    fn deref_mut(&mut self) -> &mut str {
        self.as_mut_str()
    }
}

impl<A: Allocator> AsRef<str> for String<A> {
    #[inline]
    fn as_ref(&self) -> &str {
        self
    }
}

impl<A: Allocator> AsMut<str> for String<A> {
    #[inline]
    fn as_mut(&mut self) -> &mut str {
        self
    }
}

impl<A: Allocator> AsRef<[u8]> for String<A> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

#[cfg(feature = "std")]
impl<A: Allocator> AsRef<std::ffi::OsStr> for String<A> {
    #[inline]
    fn as_ref(&self) -> &std::ffi::OsStr {
        self.as_str().as_ref()
    }
}

#[cfg(feature = "std")]
impl<A: Allocator> AsRef<std::path::Path> for String<A> {
    #[inline]
    fn as_ref(&self) -> &std::path::Path {
        self.as_str().as_ref()
    }
}

impl<A: Allocator> Borrow<str> for String<A> {
    #[inline]
    fn borrow(&self) -> &str {
        self
    }
}

impl<A: Allocator> BorrowMut<str> for String<A> {
    #[inline]
    fn borrow_mut(&mut self) -> &mut str {
        self
    }
}

impl<A: Allocator> fmt::Display for String<A> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl<A: Allocator> fmt::Debug for String<A> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<A: Allocator> Hash for String<A> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<A: Allocator + Default> Default for String<A> {
    #[inline]
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<A: Allocator + Clone> Clone for String<A> {
    #[inline]
    fn clone(&self) -> Self {
        Self::from_str_in(self, self.allocator().clone())
    }

    /// Keeps the room that there is, and the allocator.
    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.clear();
        self.push_str(source);
    }
}

impl<A: Allocator> Eq for String<A> {}

impl<A: Allocator> Ord for String<A> {
    #[inline]
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.as_str().cmp(other)
    }
}

impl<A: Allocator, B: Allocator> PartialEq<String<B>> for String<A> {
    #[inline]
    fn eq(&self, other: &String<B>) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<A: Allocator, B: Allocator> PartialOrd<String<B>> for String<A> {
    #[inline]
    fn partial_cmp(&self, other: &String<B>) -> Option<cmp::Ordering> {
        self.as_str().partial_cmp(other.as_str())
    }
}

/// Compares with other kinds of text, both ways.
macro_rules! compare {
    ($([$($generic:tt)*] $other:ty;)*) => {$(
        impl<$($generic)* A: Allocator> PartialEq<$other> for String<A> {
            #[inline]
            fn eq(&self, other: &$other) -> bool {
                self[..] == other[..]
            }
        }

        impl<$($generic)* A: Allocator> PartialEq<String<A>> for $other {
            #[inline]
            fn eq(&self, other: &String<A>) -> bool {
                self[..] == other[..]
            }
        }

        impl<$($generic)* A: Allocator> PartialOrd<$other> for String<A> {
            #[inline]
            fn partial_cmp(&self, other: &$other) -> Option<cmp::Ordering> {
                self[..].partial_cmp(&other[..])
            }
        }

        impl<$($generic)* A: Allocator> PartialOrd<String<A>> for $other {
            #[inline]
            fn partial_cmp(&self, other: &String<A>) -> Option<cmp::Ordering> {
                self[..].partial_cmp(&other[..])
            }
        }
    )*};
}

compare! {
    [] str;
    ['s,] &'s str;
    ['s,] &'s mut str;
    ['s,] Cow<'s, str>;
    [] StdString;
}

impl<A: Allocator> Add<&str> for String<A> {
    type Output = Self;

    #[inline]
    fn add(mut self, text: &str) -> Self {
        self.push_str(text);
        self
    }
}

impl<A: Allocator> AddAssign<&str> for String<A> {
    #[inline]
    fn add_assign(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// What strings are made of.
trait Piece {
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

impl FromStr for String {
    type Err = Infallible;

    #[inline]
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<&str> for String {
    #[inline]
    fn from(text: &str) -> Self {
        Self::from_str_in(text, Global)
    }
}

impl From<&mut str> for String {
    #[inline]
    fn from(text: &mut str) -> Self {
        Self::from_str_in(text, Global)
    }
}

impl From<char> for String {
    #[inline]
    fn from(ch: char) -> Self {
        Self::from_str_in(ch.encode_utf8(&mut [0; 4]), Global)
    }
}

impl From<&StdString> for String {
    #[inline]
    fn from(text: &StdString) -> Self {
        Self::from_str_in(text, Global)
    }
}

impl From<Cow<'_, str>> for String {
    /// Copies, also what is owned.
    #[inline]
    fn from(text: Cow<'_, str>) -> Self {
        Self::from_str_in(&text, Global)
    }
}

impl From<StdString> for String {
    /// Copies.
    #[inline]
    fn from(text: StdString) -> Self {
        Self::from_str_in(&text, Global)
    }
}

impl<A: Allocator> From<String<A>> for StdString {
    /// Copies.
    #[inline]
    fn from(text: String<A>) -> Self {
        text.as_str().into()
    }
}

impl<A: Allocator> From<Box<str, A>> for String<A> {
    #[inline]
    fn from(text: Box<str, A>) -> Self {
        // The bytes of text are UTF-8 (S1).
        String {
            vec: Box::<[u8], A>::from(text).into_vec(),
        }
    }
}

impl<A: Allocator> From<String<A>> for Box<str, A> {
    #[inline]
    fn from(text: String<A>) -> Self {
        text.into_boxed_str()
    }
}

impl<A: Allocator> From<String<A>> for Vec<u8, A> {
    #[inline]
    fn from(text: String<A>) -> Self {
        text.into_bytes()
    }
}

impl<'s, A: Allocator> From<&'s String<A>> for Cow<'s, str> {
    #[inline]
    fn from(text: &'s String<A>) -> Self {
        Cow::Borrowed(text)
    }
}
