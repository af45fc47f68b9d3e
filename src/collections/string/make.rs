//! Making strings.

use core::convert::Infallible;
use core::fmt;
use core::str;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::vec::Vec;

use crate::arena::{AllocOrInitError, Failure, or_fail};

use super::String;
use super::errors::{FromUtf8Error, FromUtf16Error};
use super::room::why;
use super::write::done;

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
    pub(super) fn copy_in(text: &str, alloc: A) -> Result<Self, Failure> {
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
}
