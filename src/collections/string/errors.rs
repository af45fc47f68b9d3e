//! What bytes and units are not text.

use core::fmt;
use core::str::Utf8Error;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

/// Bytes that are no UTF-8: see [`String::from_utf8`](super::String::from_utf8).
pub struct FromUtf8Error<A: Allocator = Global> {
    pub(super) bytes: Vec<u8, A>,
    pub(super) error: Utf8Error,
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

/// Numbers that are no UTF-16: see [`String::from_utf16_in`](super::String::from_utf16_in).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromUtf16Error(pub(super) ());

impl fmt::Display for FromUtf16Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid utf-16: lone surrogate found")
    }
}

impl core::error::Error for FromUtf16Error {}
