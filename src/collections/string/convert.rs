//! Strings from other values, and back.

use core::convert::Infallible;
use core::str::{self, FromStr};

use alloc::borrow::Cow;
use alloc::string::String as StdString;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use super::String;

#[inline]
pub(super) fn boxed_str<A: Allocator>(bytes: Box<[u8], A>) -> Box<str, A> {
    let (bytes, alloc) = Box::into_raw_with_allocator(bytes);
    // SAFETY: they are those of a string, so they are UTF-8 (S1), in a block of just their layout.
    unsafe { Box::from_raw_in(bytes as *mut str, alloc) }
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
