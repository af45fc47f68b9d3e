//! The memory of an interner to which nothing is added any more.

use core::alloc::Layout;
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use super::record::is_same_short;
use super::slots;
use crate::arena::Failure;

/// All that a frozen interner has, in one block, which is there if it is not empty: where each text ends, a slot and a
/// byte of a tag for each place of a table, and the texts, one behind the other.
///
/// In the table, which is searched as [`slots`] tells, a byte is 0 where a place is free. In the others the slot has the
/// number of a text.
pub(super) struct Block {
    start: NonNull<u8>,
    /// The number of texts.
    pub(super) len: usize,
    /// The number of places.
    places: usize,
    parts: Parts,
}

/// Where the parts of a block begin: at its start the ends.
#[derive(Clone, Copy)]
struct Parts {
    /// Whether four bytes are too few for where a text ends.
    is_wide: bool,
    layout: Layout,
    slots: usize,
    tags: usize,
    texts: usize,
}

/// What stands in a table for a tag.
#[inline(always)]
fn byte_of(tag: u32) -> u8 {
    // The lower bits: the place says what the upper ones are.
    tag as u8 | 1
}

impl Parts {
    fn of(len: usize, places: usize, bytes: usize, narrow: usize) -> Option<Self> {
        let is_wide = bytes > narrow;
        let ends = if is_wide {
            Layout::array::<usize>(len)
        } else {
            Layout::array::<u32>(len)
        };
        let (layout, slots) = ends.ok()?.extend(Layout::array::<u32>(places).ok()?).ok()?;
        let (layout, tags) = layout.extend(Layout::array::<u8>(places).ok()?).ok()?;
        let (layout, texts) = layout.extend(Layout::array::<u8>(bytes).ok()?).ok()?;
        Some(Parts {
            is_wide,
            layout,
            slots,
            tags,
            texts,
        })
    }
}

impl Block {
    /// Makes a block of texts in the order of their numbers, and their tags in any order.
    pub(super) fn make<'t, A: Allocator>(
        texts: impl Iterator<Item = &'t [u8]> + Clone,
        tags: impl Iterator<Item = (u32, usize)>,
        backing: &A,
    ) -> Result<Self, Failure> {
        Self::make_with(texts, tags, backing, u32::MAX as usize)
    }

    /// The same, where four bytes suffice for ends up to `narrow`.
    fn make_with<'t, A: Allocator>(
        texts: impl Iterator<Item = &'t [u8]> + Clone,
        tags: impl Iterator<Item = (u32, usize)>,
        backing: &A,
        narrow: usize,
    ) -> Result<Self, Failure> {
        let (mut len, mut bytes) = (0, 0_usize);
        for text in texts.clone() {
            len += 1;
            // Static texts may be counted more than once.
            bytes = bytes.checked_add(text.len()).ok_or(Failure::TooLarge)?;
        }
        let places = slots::slots_for(len).ok_or(Failure::TooLarge)?;
        let parts = Parts::of(len, places, bytes, narrow).ok_or(Failure::TooLarge)?;
        let layout = parts.layout;
        let mut block = Block {
            start: NonNull::dangling(),
            len,
            places,
            parts,
        };
        if len == 0 {
            return Ok(block);
        }
        block.start = (backing.allocate(layout))
            .map_err(|_| Failure::Memory(layout))?
            .cast();
        // SAFETY: the block is as large as `parts` says, and nobody is called but the iterators, which are this module's
        // own. The texts are as many, and as long, as before.
        unsafe {
            let mut end = 0;
            for (index, text) in texts.enumerate().take(len) {
                let place = block.start.add(parts.texts + end);
                place.copy_from_nonoverlapping(NonNull::from(text).cast(), text.len());
                end += text.len();
                if parts.is_wide {
                    block.start.cast::<usize>().add(index).write(end);
                } else {
                    block.start.cast::<u32>().add(index).write(end as u32);
                }
            }
            let table = block.start.add(parts.tags);
            table.write_bytes(0, block.places);
            for (tag, index) in tags {
                let mut place = slots::home(tag, block.places);
                while table.add(place).read() != 0 {
                    place = slots::next(place, block.places);
                }
                table.add(place).write(byte_of(tag));
                let slot = block.start.add(parts.slots).cast::<u32>().add(place);
                slot.write(index as u32);
            }
        }
        Ok(block)
    }

    /// The same in memory of its own.
    pub(super) fn copied<A: Allocator>(&self, backing: &A) -> Result<Self, Failure> {
        let mut copy = Block { ..*self };
        let layout = self.parts.layout;
        if self.len != 0 {
            copy.start = (backing.allocate(layout))
                .map_err(|_| Failure::Memory(layout))?
                .cast();
            // SAFETY: both blocks have that layout, and one of them is new.
            unsafe {
                copy.start
                    .copy_from_nonoverlapping(self.start, layout.size())
            };
        }
        Ok(copy)
    }

    /// The bytes of the block.
    pub(super) fn size(&self) -> usize {
        if self.len == 0 {
            return 0;
        }
        self.parts.layout.size()
    }

    /// # Safety
    ///
    /// The block came from `backing`, and is not used again.
    pub(super) unsafe fn free<A: Allocator>(&self, backing: &A) {
        if self.len != 0 {
            // SAFETY: as promised.
            unsafe { backing.deallocate(self.start, self.parts.layout) };
        }
    }

    /// Where the text before this number ends.
    ///
    /// # Safety
    ///
    /// The index is at most the number of texts, which is not 0.
    #[inline(always)]
    unsafe fn start_of(&self, index: usize) -> usize {
        let Some(before) = index.checked_sub(1) else {
            return 0;
        };
        // SAFETY: the ends of all texts were written.
        unsafe {
            if self.parts.is_wide {
                self.start.cast::<usize>().add(before).read()
            } else {
                self.start.cast::<u32>().add(before).read() as usize
            }
        }
    }

    /// The text with this number, if there is one.
    #[inline(always)]
    pub(super) fn text(&self, index: usize) -> Option<&[u8]> {
        if index >= self.len {
            return None;
        }
        // SAFETY: the text was written, and stays as it is.
        unsafe {
            let (start, end) = (self.start_of(index), self.start_of(index + 1));
            let place = self.start.add(self.parts.texts + start);
            Some(core::slice::from_raw_parts(place.as_ptr(), end - start))
        }
    }

    /// Looks for a text.
    #[inline]
    pub(super) fn find(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        if self.len == 0 {
            return None;
        }
        let parts = &self.parts;
        let mut place = slots::home(tag, self.places);
        loop {
            // SAFETY: the place is below `places`; the bytes were written, and the slot if its byte is not 0.
            let index = unsafe {
                let byte = self.start.add(parts.tags + place).read();
                if byte == 0 {
                    return None;
                }
                let slot = self.start.add(parts.slots).cast::<u32>().add(place);
                (byte == byte_of(tag)).then(|| slot.read() as usize)
            };
            if let Some(index) = index {
                if let Some(found) = self
                    .text(index)
                    .filter(|found| is_same_short(found, text) || *found == text)
                {
                    return Some((index, found));
                }
            }
            place = slots::next(place, self.places);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use allocator_api2::alloc::Global;
    use std::vec::Vec;

    #[test]
    fn a_block_is_the_same_whether_it_is_wide_or_not() {
        let texts: Vec<Vec<u8>> = (0..300_u32)
            .map(|n| std::format!("{n:>width$}", width = n as usize % 40).into_bytes())
            .collect();
        // Some tags are the same.
        let tag = |index: usize| slots::tag(index as u64 / 2);
        for (narrow, is_wide) in [(usize::MAX, false), (u32::MAX as usize, false), (100, true)] {
            let tags = (0..texts.len()).map(|index| (tag(index), index));
            let all = texts.iter().map(Vec::as_slice);
            let block = Block::make_with(all, tags, &Global, narrow).expect("there is memory");
            assert_eq!(block.parts.is_wide, is_wide);
            for (index, text) in texts.iter().enumerate() {
                assert_eq!(block.text(index), Some(&**text));
                assert_eq!(block.find(tag(index), text), Some((index, &**text)));
                assert_eq!(block.find(tag(index), b"none"), None);
            }
            assert_eq!(block.text(texts.len()), None);
            // SAFETY: the block came from there.
            unsafe { block.free(&Global) };
        }
    }
}
