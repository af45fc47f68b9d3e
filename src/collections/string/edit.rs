//! Adding text, and taking it away.

use core::fmt::{self, Write};
use core::ops::{Bound, Range, RangeBounds};
use core::ptr;
use core::str;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::vec::Vec;

use crate::arena::{Failure, copy_bytes, or_fail};

use super::String;
use super::drain::Drain;
use super::room::{make_room_slow, rare, write_utf8};
use super::write::{Writing, done};

impl<A: Allocator> String<A> {
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
    pub(super) fn append(&mut self, text: &str) -> Result<(), Failure> {
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
    pub(super) unsafe fn put(&mut self, text: &str) {
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
    pub(super) fn append_char(&mut self, ch: char) -> Result<(), Failure> {
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
    pub(super) fn append_fmt(
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
    pub(super) fn cut(&mut self, range: Range<usize>) {
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
