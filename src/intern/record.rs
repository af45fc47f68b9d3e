//! A text as it lies in memory: its length, and the bytes behind.

use core::ptr::NonNull;

use crate::arena::copy_bytes;

/// Where a text is: behind its length, which is one byte for most.
///
/// So whoever knows where a text is needs no more than one word for it. A text that is longer, or not copied, has
/// another byte there, and a reference in its place: to what follows, or to where it was.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Record(pub(super) NonNull<u8>);

/// The byte before a reference; that of other texts is less.
const REFERENCE: u8 = u8::MAX;

/// The bytes before a text that has a reference to it.
const REFERRED: usize = 1 + size_of::<&[u8]>();

/// A text to be recorded, in one of two ways.
pub(super) trait Source: Copy {
    fn bytes(&self) -> &[u8];

    /// The bytes of a record, if so many can be at all.
    fn size(&self) -> Option<usize>;

    /// Writes the record.
    ///
    /// # Safety
    ///
    /// The block is the caller's, and has [`size`](Source::size) bytes, none of which are this text's.
    unsafe fn write(self, block: NonNull<u8>) -> Record;
}

/// A text to be copied.
#[derive(Clone, Copy)]
pub(super) struct Copied<'t>(pub(super) &'t [u8]);

/// A text to be referred to.
#[derive(Clone, Copy)]
pub(super) struct Lent(pub(super) &'static [u8]);

impl Source for Copied<'_> {
    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.0
    }

    #[inline(always)]
    fn size(&self) -> Option<usize> {
        if self.0.len() < REFERENCE as usize {
            Some(1 + self.0.len())
        } else {
            self.0.len().checked_add(REFERRED)
        }
    }

    #[inline(always)]
    unsafe fn write(self, block: NonNull<u8>) -> Record {
        let (text, len) = (self.0.as_ptr(), self.0.len());
        // SAFETY: as promised.
        unsafe {
            if len < REFERENCE as usize {
                block.write(len as u8);
                copy_bytes(text, block.add(1).as_ptr(), len);
            } else {
                let copy = block.add(REFERRED);
                copy.as_ptr().copy_from_nonoverlapping(text, len);
                refer(block, NonNull::slice_from_raw_parts(copy, len));
            }
            Record(block.add(1))
        }
    }
}

impl Source for Lent {
    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.0
    }

    #[inline(always)]
    fn size(&self) -> Option<usize> {
        Some(REFERRED)
    }

    #[inline(always)]
    unsafe fn write(self, block: NonNull<u8>) -> Record {
        // SAFETY: as promised.
        unsafe {
            refer(block, NonNull::from(self.0));
            Record(block.add(1))
        }
    }
}

/// Writes a record of a text that is elsewhere.
///
/// # Safety
///
/// The block is the caller's, and has [`REFERRED`] bytes.
unsafe fn refer(block: NonNull<u8>, text: NonNull<[u8]>) {
    // SAFETY: as promised.
    unsafe {
        block.write(REFERENCE);
        block.add(1).cast::<NonNull<[u8]>>().write_unaligned(text);
    }
}

impl Record {
    /// The text.
    ///
    /// # Safety
    ///
    /// The record was written, and stays for `'a` as it is.
    #[inline(always)]
    pub(super) unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: as promised: what is referred to stays as long.
        unsafe {
            let len = self.0.sub(1).read();
            if len == REFERENCE {
                return self.0.cast::<NonNull<[u8]>>().read_unaligned().as_ref();
            }
            core::slice::from_raw_parts(self.0.as_ptr(), len as usize)
        }
    }

    /// Whether the text was not copied, and so is static.
    ///
    /// # Safety
    ///
    /// As for [`bytes`](Record::bytes).
    unsafe fn is_lent(self) -> bool {
        let follows = self.0.as_ptr().wrapping_add(size_of::<&[u8]>());
        // SAFETY: as promised.
        unsafe {
            self.0.sub(1).read() == REFERENCE && self.bytes().as_ptr() != follows.cast_const()
        }
    }

    /// The bytes of the record.
    ///
    /// # Safety
    ///
    /// As for [`bytes`](Record::bytes).
    pub(super) unsafe fn size(self) -> usize {
        // SAFETY: as promised; a text that was lent is static.
        let size = unsafe {
            if self.is_lent() {
                Lent(self.bytes()).size()
            } else {
                Copied(self.bytes()).size()
            }
        };
        size.expect("a record that was written has a size")
    }

    /// Writes a record of the same text, to which a static one is lent again.
    ///
    /// # Safety
    ///
    /// As for [`bytes`](Record::bytes), and of the block as for [`Source::write`].
    pub(super) unsafe fn copy_to(self, block: NonNull<u8>) -> Record {
        // SAFETY: as promised; a text that was lent is static.
        unsafe {
            if self.is_lent() {
                Lent(self.bytes()).write(block)
            } else {
                Copied(self.bytes()).write(block)
            }
        }
    }
}

/// Whether two texts are the same and short, as most are: found out without a call.
#[inline(always)]
pub(super) fn is_same_short(one: &[u8], other: &[u8]) -> bool {
    /// Whether the first `N` bytes are the same, and the last `N`.
    #[inline(always)]
    fn ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
        match (
            one.first_chunk::<N>(),
            other.first_chunk::<N>(),
            one.last_chunk::<N>(),
            other.last_chunk::<N>(),
        ) {
            (Some(first), Some(other_first), Some(last), Some(other_last)) => {
                (first == other_first) & (last == other_last)
            }
            _ => false,
        }
    }

    let len = one.len();
    if len != other.len() {
        return false;
    }
    // Hashers for short texts tell the lengths apart in the same way, so that it is foreseen which it will be.
    if len >= 8 {
        if len <= 16 {
            ends::<8>(one, other)
        } else {
            len <= SHORT && ends::<16>(one, other)
        }
    } else if len >= 4 {
        ends::<4>(one, other)
    } else if len >= 2 {
        ends::<2>(one, other)
    } else {
        len == 0 || ends::<1>(one, other)
    }
}

/// The length of the longest text that is short.
const SHORT: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn records_of_all_lengths_and_places_hold_their_text() {
        for len in (0..70).chain([252, 253, 254, 255, 256, 1000]) {
            for shift in 0..8 {
                let text: Vec<u8> = (0..len).map(|n: usize| n as u8).collect();
                check(Copied(&text), shift, false);
                check(Lent(b"lent"), shift, true);
            }
        }
    }

    fn check(source: impl Source, shift: usize, is_lent: bool) {
        let mut block = std::vec![0xAA_u8; source.size().unwrap() + shift + 1];
        let start = NonNull::new(&raw mut block[..]).unwrap().cast::<u8>();
        // SAFETY: the block has the room, and is not touched meanwhile.
        unsafe {
            let record = source.write(start.add(shift));
            assert_eq!(
                (record.bytes(), record.is_lent()),
                (source.bytes(), is_lent)
            );
            assert_eq!(record.bytes().as_ptr() == source.bytes().as_ptr(), is_lent);
        }
        assert!(block[..shift].iter().all(|&byte| byte == 0xAA));
        assert_eq!(block.last(), Some(&0xAA));
    }

    #[test]
    fn short_texts_are_the_same_if_all_bytes_are() {
        for len in 0..80 {
            let text: Vec<u8> = (0..len).map(|n: usize| n as u8).collect();
            assert_eq!(is_same_short(&text, &text.clone()), len <= SHORT);
            for at in 0..len {
                let mut other = text.clone();
                other[at] ^= 1;
                assert!(!is_same_short(&text, &other));
                assert!(!is_same_short(&text, &text[..at]));
            }
        }
    }
}
