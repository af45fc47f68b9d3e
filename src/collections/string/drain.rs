//! Taking a range out.

use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;
use core::str;

use allocator_api2::alloc::{Allocator, Global};

use super::String;

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
    pub(super) string: &'a mut String<A>,
    /// What will be removed: it lies in the text, and parts no character.
    pub(super) range: Range<usize>,
    /// What was not answered yet. It lies in `range`, and parts no character.
    pub(super) left: Range<usize>,
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
