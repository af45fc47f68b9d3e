//! Formatted text.

use core::fmt::{self, Write};
use core::str;

use allocator_api2::alloc::Allocator;

use crate::arena::Failure;

use super::String;
use super::room::make_room_cold;

#[inline]
pub(super) fn done<T>(outcome: Result<T, fmt::Error>) -> T {
    outcome.expect("a formatting trait implementation returned an error")
}

/// The room that formatted text has at first: it comes in several pieces, of which the first is often short.
pub(super) const FORMATTED: usize = 32;

/// Text that is being written, and why it could not go on.
pub(super) struct Writing<'s, A: Allocator> {
    pub(super) text: &'s mut String<A>,
    pub(super) failure: Option<Failure>,
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
