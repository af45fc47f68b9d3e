//! Text.

use core::fmt::{self, Write};

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::vec::Vec;

use super::Arena;
use super::error::{Failure, or_fail};
use super::slices::grow;

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Copies text into the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let name = arena.alloc_str("Ada");
    /// name.make_ascii_uppercase();
    /// assert_eq!(name, "ADA");
    /// ```
    #[inline]
    pub fn alloc_str(&self, text: &str) -> &mut str {
        or_fail(self.copy_str(text))
    }

    /// [`alloc_str`](Arena::alloc_str), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.try_alloc_str("Ada").unwrap(), "Ada");
    /// ```
    #[inline]
    pub fn try_alloc_str(&self, text: &str) -> Result<&mut str, AllocError> {
        Ok(self.copy_str(text)?)
    }

    #[inline(always)]
    fn copy_str(&self, text: &str) -> Result<&mut str, Failure> {
        let bytes = self.copy_slice(text.as_bytes())?;
        // SAFETY: the bytes are those of a `str`.
        Ok(unsafe { core::str::from_utf8_unchecked_mut(bytes) })
    }

    /// Joins pieces of text in the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.alloc_concat(&["a", "::", "b"]), "a::b");
    /// ```
    #[inline]
    pub fn alloc_concat(&self, pieces: &[&str]) -> &mut str {
        or_fail(self.concat(pieces))
    }

    /// [`alloc_concat`](Arena::alloc_concat), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.try_alloc_concat(&[]).unwrap(), "");
    /// ```
    #[inline]
    pub fn try_alloc_concat(&self, pieces: &[&str]) -> Result<&mut str, AllocError> {
        Ok(self.concat(pieces)?)
    }

    fn concat(&self, pieces: &[&str]) -> Result<&mut str, Failure> {
        let len = pieces
            .iter()
            .try_fold(0_usize, |len, piece| len.checked_add(piece.len()))
            .ok_or(Failure::TooLarge)?;
        let start = self.slots::<u8>(len)?;
        let mut end = start;
        // SAFETY: the block has room for just these bytes, and is nobody else's. Text after text is
        // text.
        unsafe {
            for piece in pieces {
                end.copy_from_nonoverlapping(
                    core::ptr::NonNull::new_unchecked(piece.as_ptr().cast_mut()),
                    piece.len(),
                );
                end = end.add(piece.len());
            }
            let bytes = core::slice::from_raw_parts_mut(start.as_ptr(), len);
            Ok(core::str::from_utf8_unchecked_mut(bytes))
        }
    }

    /// Formats into the arena.
    ///
    /// The text grows in place as long as nothing else is allocated meanwhile.
    ///
    /// # Panics
    ///
    /// If a `Display` or like implementation fails, which none should.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let text = arena.alloc_fmt(format_args!("{}+{}={}", 1, 2, 1 + 2));
    /// assert_eq!(text, "1+2=3");
    /// ```
    pub fn alloc_fmt(&self, arguments: fmt::Arguments<'_>) -> &mut str {
        or_fail(self.format(arguments))
            .expect("a formatting trait implementation returned an error")
    }

    /// [`alloc_fmt`](Arena::alloc_fmt), or an error where there is no memory, or where a `Display` or
    /// like implementation fails.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(arena.try_alloc_fmt(format_args!("{:>100}", 1)).is_ok());
    /// assert!(arena.try_alloc_fmt(format_args!("{:>1000}", 1)).is_err());
    /// ```
    pub fn try_alloc_fmt(&self, arguments: fmt::Arguments<'_>) -> Result<&mut str, AllocError> {
        self.format(arguments)?.map_err(|fmt::Error| AllocError)
    }

    fn format(
        &self,
        arguments: fmt::Arguments<'_>,
    ) -> Result<Result<&mut str, fmt::Error>, Failure> {
        if let Some(text) = arguments.as_str() {
            return Ok(Ok(self.copy_str(text)?));
        }
        let mut text = Text {
            bytes: Vec::new_in(self),
            failure: None,
        };
        let outcome = text.write_fmt(arguments);
        if let Some(failure) = text.failure {
            return Err(failure);
        }
        if let Err(error) = outcome {
            return Ok(Err(error));
        }
        let bytes = self.freeze(text.bytes);
        // SAFETY: only whole `str`s were written.
        Ok(Ok(unsafe { core::str::from_utf8_unchecked_mut(bytes) }))
    }
}

/// Text that is being written, and why it could not go on.
struct Text<A: Allocator> {
    bytes: Vec<u8, A>,
    failure: Option<Failure>,
}

impl<A: Allocator> Write for Text<A> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        // A `Display` that goes on after an error would leave a gap.
        if self.failure.is_some() {
            return Err(fmt::Error);
        }
        if self.bytes.capacity() - self.bytes.len() < piece.len() {
            if let Err(failure) = grow(&mut self.bytes, piece.len()) {
                self.failure = Some(failure);
                return Err(fmt::Error);
            }
        }
        // SAFETY: there is room for the piece, which can't lie in it.
        unsafe {
            let end = self.bytes.as_mut_ptr().add(self.bytes.len());
            end.copy_from_nonoverlapping(piece.as_ptr(), piece.len());
            self.bytes.set_len(self.bytes.len() + piece.len());
        }
        Ok(())
    }
}
