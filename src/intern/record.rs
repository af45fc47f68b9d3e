//! A text as it lies in memory: its length, and the bytes behind.

use core::ptr::NonNull;

use super::Text;
use crate::arena::copy_bytes;

/// Where a text is: at its length, which is one byte for most.
///
/// So whoever knows where a text is needs no more than one word for it. A longer text has this byte and eight
/// more; a text that is not copied has another one, and a reference to it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Record(pub(super) NonNull<u8>);

/// The first byte of a text that is longer than what is less than this.
const LONG: u8 = 254;

/// The first byte where a reference follows.
const LENT: u8 = 255;

/// A text to be recorded.
#[derive(Clone, Copy)]
pub(super) enum Source<'t> {
    /// To be copied.
    Copied(&'t [u8]),
    /// To be referred to.
    Lent(&'static [u8]),
}

impl<'t> Source<'t> {
    #[inline(always)]
    pub(super) fn of<T: Text + ?Sized>(text: &'t T) -> Self {
        Source::Copied(text.as_bytes())
    }

    #[inline(always)]
    pub(super) fn bytes(self) -> &'t [u8] {
        match self {
            Source::Copied(bytes) => bytes,
            Source::Lent(bytes) => bytes,
        }
    }

    /// The bytes of a record, if so many can be at all.
    #[inline(always)]
    pub(super) fn size(self) -> Option<usize> {
        match self {
            Source::Copied(bytes) if bytes.len() < LONG as usize => Some(1 + bytes.len()),
            Source::Copied(bytes) => bytes.len().checked_add(1 + size_of::<usize>()),
            Source::Lent(_) => Some(1 + size_of::<&[u8]>()),
        }
    }

    /// Writes the record.
    ///
    /// # Safety
    ///
    /// The block is the caller's, and has [`size`](Source::size) bytes, none of which are this text's.
    #[inline(always)]
    pub(super) unsafe fn write(self, block: NonNull<u8>) -> Record {
        // SAFETY: as promised.
        unsafe {
            match self {
                Source::Copied(bytes) if bytes.len() < LONG as usize => {
                    block.write(bytes.len() as u8);
                    copy_bytes(bytes.as_ptr(), block.add(1).as_ptr(), bytes.len());
                }
                Source::Copied(bytes) => {
                    block.write(LONG);
                    let len = block.add(1);
                    len.cast::<usize>().write_unaligned(bytes.len());
                    let start = len.add(size_of::<usize>()).as_ptr();
                    start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                }
                Source::Lent(bytes) => {
                    block.write(LENT);
                    let place = block.add(1).cast::<&'static [u8]>();
                    place.write_unaligned(bytes);
                }
            }
        }
        Record(block)
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
        // SAFETY: as promised.
        unsafe {
            let len = self.0.read();
            if len < LONG {
                return core::slice::from_raw_parts(self.0.add(1).as_ptr(), len as usize);
            }
            self.other_bytes(len)
        }
    }

    /// # Safety
    ///
    /// As for [`bytes`](Record::bytes), and `kind` is the record's first byte, [`LONG`] or [`LENT`].
    #[cold]
    #[inline(never)]
    unsafe fn other_bytes<'a>(self, kind: u8) -> &'a [u8] {
        // SAFETY: as promised.
        unsafe {
            let rest = self.0.add(1);
            if kind == LENT {
                return rest.cast::<&'static [u8]>().read_unaligned();
            }
            let len = rest.cast::<usize>().read_unaligned();
            core::slice::from_raw_parts(rest.add(size_of::<usize>()).as_ptr(), len)
        }
    }
}

/// Whether two texts are the same. Most of those that are compared are, and short: so without a call.
#[inline(always)]
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
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

    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0 => true,
        1 => ends::<1>(one, other),
        2..=4 => ends::<2>(one, other),
        5..=8 => ends::<4>(one, other),
        9..=16 => ends::<8>(one, other),
        17..=32 => ends::<16>(one, other),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn records_of_all_lengths_and_places_hold_their_text() {
        for len in (0..70).chain([252, 253, 254, 255, 256, 1000]) {
            for shift in 0..8 {
                let text: Vec<u8> = (0..len).map(|n: usize| n as u8).collect();
                let lent: &'static [u8] = b"lent";
                for (source, bytes) in [(Source::Copied(&text), &*text), (Source::Lent(lent), lent)]
                {
                    let mut block = std::vec![0xAA_u8; source.size().unwrap() + shift + 1];
                    let start = NonNull::new(&raw mut block[..]).unwrap().cast::<u8>();
                    // SAFETY: the block has the room, and is not touched meanwhile.
                    unsafe {
                        let record = source.write(start.add(shift));
                        assert_eq!(record.bytes(), bytes);
                        assert_eq!(record.bytes().as_ptr() == bytes.as_ptr(), bytes == lent);
                    }
                    assert!(block[..shift].iter().all(|&byte| byte == 0xAA));
                    assert_eq!(block.last(), Some(&0xAA));
                }
            }
        }
    }

    #[test]
    fn texts_are_the_same_if_all_bytes_are() {
        for len in 0..80 {
            let text: Vec<u8> = (0..len).map(|n: usize| n as u8).collect();
            assert!(is_same(&text, &text.clone()));
            for at in 0..len {
                let mut other = text.clone();
                other[at] ^= 1;
                assert!(!is_same(&text, &other));
                assert!(!is_same(&text, &text[..at]));
            }
        }
    }
}
