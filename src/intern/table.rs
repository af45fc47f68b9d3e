//! The table of an interner for one thread: numbers found by a byte of their tags, sixteen places at a time.
//!
//! A place has a control byte, which is 0 while it is free and else tells of the tag, and four bytes for a number.
//! A text is among the sixteen places from the one on that its tag leads to, around the end; or, where they were all
//! taken when it came, among sixteen further on. Nothing is ever taken out, so a search ends at the first sixteen of
//! which one is free.
//!
//! The numbers lie before the control bytes and are counted downwards, so that one pointer leads to both. Behind the
//! control bytes stand copies of the first sixteen, so that as many can be read from each.

use core::alloc::Layout;
use core::ptr::NonNull;

use super::group::{Group, WIDTH};
use crate::arena::Failure;

/// The control bytes of the table that takes nothing, which has two places.
static NO_PLACES: [u8; 2 + WIDTH] = [0; 2 + WIDTH];

/// The places of the smallest table that takes something.
const SMALLEST: usize = 32;

/// The places of the largest table.
const LARGEST: usize = 1 << if usize::BITS < 64 { 28 } else { 32 };

/// Where a table is. It does not own its memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    control: NonNull<u8>,
    /// The number of places, a power of two, less one.
    mask: usize,
    /// What is left of a tag's bits above these leads to a place.
    shift: u32,
}

/// What a search comes to first.
pub(super) enum First {
    /// The number of a text that may be the one.
    Number(usize),
    /// The free place where the text belongs, which is not there.
    Free(usize),
    /// Nothing, among the first sixteen places.
    Neither,
}

/// What the control byte of a place is that a text with this tag has.
#[inline(always)]
fn byte_of(tag: u32) -> u8 {
    // The lower bits: the upper ones lead to the place.
    let byte = tag & 0xFF;
    (byte + u32::from(byte == 0)) as u8
}

impl Table {
    /// The table that takes nothing, which has no memory: two places, which are free for ever.
    pub(super) const NONE: Table = Table {
        // SAFETY: a static is somewhere.
        control: unsafe { NonNull::new_unchecked((&raw const NO_PLACES).cast::<u8>().cast_mut()) },
        mask: 1,
        shift: u32::BITS - 1,
    };

    /// The places of the smallest table that takes `count` texts, if there is one.
    pub(super) fn places_for(count: usize) -> Option<usize> {
        let least = (count.checked_mul(8)?).div_ceil(7);
        let places = least.checked_next_power_of_two()?.max(SMALLEST);
        (places <= LARGEST).then_some(places)
    }

    /// The block of a table with so many places.
    pub(super) fn layout_of(places: usize) -> Result<Layout, Failure> {
        let size = (places.checked_mul(size_of::<u32>() + 1))
            .and_then(|size| size.checked_add(WIDTH))
            .ok_or(Failure::TooLarge)?;
        Layout::from_size_align(size, align_of::<u32>()).map_err(|_| Failure::TooLarge)
    }

    /// A table without texts.
    ///
    /// # Safety
    ///
    /// The block has the [layout](Table::layout_of) for so many places, as [`places_for`](Table::places_for) chose them,
    /// and is used for nothing else as long as this table is.
    pub(super) unsafe fn new(block: NonNull<u8>, places: usize) -> Self {
        // SAFETY: as promised; control bytes come after the numbers.
        unsafe {
            let table = Table {
                control: block.add(places * size_of::<u32>()),
                mask: places - 1,
                shift: u32::BITS - places.ilog2(),
            };
            table.clear();
            table
        }
    }

    /// Makes all places free.
    ///
    /// # Safety
    ///
    /// The table's memory is there, or it is [`NONE`](Table::NONE).
    pub(super) unsafe fn clear(self) {
        if self != Table::NONE {
            // SAFETY: as promised.
            unsafe { self.control.write_bytes(0, self.places() + WIDTH) };
        }
    }

    /// The block of the table, if it has one.
    pub(super) fn block(self) -> Option<(NonNull<u8>, Layout)> {
        if self == Table::NONE {
            return None;
        }
        let layout = Self::layout_of(self.places()).ok()?;
        // SAFETY: the table was made in a block, behind its numbers.
        let start = unsafe { self.control.sub(self.places() * size_of::<u32>()) };
        Some((start, layout))
    }

    fn places(self) -> usize {
        self.mask + 1
    }

    /// How many texts it takes, so that searching stays short: seven eighths of its places.
    pub(super) fn capacity(self) -> usize {
        if self == Table::NONE {
            return 0;
        }
        self.places() / 8 * 7
    }

    /// The place that a tag leads to.
    #[inline(always)]
    fn home(self, tag: u32) -> usize {
        (tag >> self.shift) as usize
    }

    /// The control bytes of the places from this one on.
    ///
    /// # Safety
    ///
    /// The table's memory is there, or it is [`NONE`](Table::NONE). There is such a place.
    #[inline(always)]
    unsafe fn group(self, place: usize) -> Group {
        debug_assert!(place <= self.mask);
        // SAFETY: as promised: so as many bytes follow.
        unsafe { self.control.add(place).cast::<Group>().read() }
    }

    /// # Safety
    ///
    /// The table's memory is there. There is such a place.
    #[inline(always)]
    unsafe fn number(self, place: usize) -> NonNull<u32> {
        debug_assert!(place <= self.mask);
        // SAFETY: as promised: so there is a number, as far before the control bytes, and aligned as the block is.
        unsafe { self.control.cast::<u32>().sub(place + 1) }
    }

    /// Begins to look for a text.
    ///
    /// # Safety
    ///
    /// The table's memory is there, or it is [`NONE`](Table::NONE).
    #[inline(always)]
    pub(super) unsafe fn first(self, tag: u32) -> First {
        let at = self.home(tag);
        // SAFETY: there is such a place, and a number at each that is not free.
        unsafe {
            let group = self.group(at);
            if let Some(lane) = group.equal(byte_of(tag)).next() {
                return First::Number(self.number((at + lane) & self.mask).read() as usize);
            }
            match group.equal(0).next() {
                Some(lane) => First::Free((at + lane) & self.mask),
                None => First::Neither,
            }
        }
    }

    /// Looks for a text: answers what `matches` says of the number of the first one of which it says something, or
    /// else the place where it belongs, which is free.
    ///
    /// # Safety
    ///
    /// The table's memory is there, or it is [`NONE`](Table::NONE), and some place is free.
    #[inline(always)]
    pub(super) unsafe fn find<R>(
        self,
        tag: u32,
        mut matches: impl FnMut(usize) -> Option<R>,
    ) -> Result<R, usize> {
        let byte = byte_of(tag);
        let (mut at, mut step) = (self.home(tag), 0);
        loop {
            // SAFETY: there is such a place, and a number at each that is not free.
            unsafe {
                let group = self.group(at);
                for lane in group.equal(byte) {
                    let number = self.number((at + lane) & self.mask).read();
                    if let Some(found) = matches(number as usize) {
                        return Ok(found);
                    }
                }
                if let Some(lane) = group.equal(0).next() {
                    return Err((at + lane) & self.mask);
                }
            }
            // So it comes to all places before it comes to one again.
            step += WIDTH;
            at = (at + step) & self.mask;
        }
    }

    /// The free place where a text belongs that is not there.
    ///
    /// # Safety
    ///
    /// As for [`find`](Table::find).
    #[inline(always)]
    unsafe fn free(self, tag: u32) -> usize {
        let (mut at, mut step) = (self.home(tag), 0);
        loop {
            // SAFETY: there is such a place.
            if let Some(lane) = unsafe { self.group(at) }.equal(0).next() {
                return (at + lane) & self.mask;
            }
            step += WIDTH;
            at = (at + step) & self.mask;
        }
    }

    /// Enters a text where it belongs.
    ///
    /// # Safety
    ///
    /// The table's memory is there. The place is the one that a search for the tag ended with, and nothing was entered
    /// since.
    #[inline(always)]
    pub(super) unsafe fn enter(self, place: usize, tag: u32, index: usize) {
        let copy = (place.wrapping_sub(WIDTH) & self.mask) + WIDTH;
        // SAFETY: as promised. The copy is behind the control bytes for one of the first places, else it is the place.
        unsafe {
            self.control.add(place).write(byte_of(tag));
            self.control.add(copy).write(byte_of(tag));
            self.number(place).write(index as u32);
        }
    }

    /// Enters texts with the numbers from 0 on, by their tags.
    ///
    /// # Safety
    ///
    /// The table's memory is there, and it is empty and takes as many.
    pub(super) unsafe fn fill(self, tags: &[u32]) {
        for (index, &tag) in tags.iter().enumerate() {
            let home = self.home(tag);
            // SAFETY: as promised, so that some place stays free.
            unsafe {
                // Most are, and sixteen bytes can't be read at once where one was just written, without waiting.
                let is_free = self.control.add(home).read() == 0;
                let place = if is_free { home } else { self.free(tag) };
                self.enter(place, tag, index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use allocator_api2::alloc::{Allocator, Global};
    use proptest::prelude::*;
    use std::vec::Vec;

    /// A table in a block of its own.
    struct Owned(Table);

    impl Owned {
        fn new(places: usize) -> Self {
            let layout = Table::layout_of(places).unwrap();
            let block = Global.allocate(layout).unwrap().cast();
            // SAFETY: the block has that layout.
            let table = unsafe { Table::new(block, places) };
            assert_eq!(table.block(), Some((block, layout)));
            Owned(table)
        }
    }

    impl Drop for Owned {
        fn drop(&mut self) {
            let (block, layout) = self.0.block().unwrap();
            // SAFETY: the block came from there.
            unsafe { Global.deallocate(block, layout) };
        }
    }

    /// Checks that the texts with these tags are found, and no others.
    fn check(table: Table, tags: &[u32]) {
        for (index, &tag) in tags.iter().enumerate() {
            // SAFETY: the table's memory is there, and some place is free.
            unsafe {
                let found = table.find(tag, |number| (number == index).then_some(number));
                assert_eq!(found, Ok(index));
                // Every number that comes up is one that was entered, and none comes twice.
                let mut seen = Vec::new();
                let place = table.find::<()>(tag, |number| {
                    seen.push(number);
                    None
                });
                assert_eq!(table.free(tag), place.unwrap_err());
                seen.sort_unstable();
                let count = seen.len();
                seen.dedup();
                assert_eq!(seen.len(), count);
                assert!(
                    seen.iter()
                        .all(|&number| byte_of(tags[number]) == byte_of(tag))
                );
            }
        }
    }

    proptest! {
        #![proptest_config(crate::properties::properties())]

        #[test]
        fn a_full_table_has_what_was_entered(
            tags in prop::collection::vec(prop_oneof![any::<u32>(), 0..40_u32, Just(u32::MAX), any::<u32>().prop_map(|tag| tag << 24), any::<u32>().prop_map(|tag| tag >> 24)], 0..if cfg!(miri) { 150 } else { 900 }),
        ) {
            let places = Table::places_for(tags.len()).unwrap();
            let (one, other) = (Owned::new(places), Owned::new(places));
            for (index, &tag) in tags.iter().enumerate() {
                // SAFETY: the table's memory is there, and some place is free.
                unsafe {
                    let place = one.0.find::<()>(tag, |_| None).unwrap_err();
                    one.0.enter(place, tag, index);
                }
            }
            // SAFETY: the table is empty, and takes as many.
            unsafe { other.0.fill(&tags) };
            check(one.0, &tags);
            check(other.0, &tags);
            // SAFETY: the table's memory is there.
            unsafe {
                one.0.clear();
                for &tag in &tags {
                    prop_assert_eq!(one.0.find::<()>(tag, |_| unreachable!()), Err(one.0.home(tag)));
                }
            }
        }
    }

    #[test]
    fn a_table_takes_what_it_was_chosen_for_and_has_a_free_place() {
        for count in 1..5000 {
            let places = Table::places_for(count).unwrap();
            let taken = places / 8 * 7;
            assert!(taken >= count && taken < places);
            // It is not larger than it has to be.
            assert!(places == SMALLEST || places / 16 * 7 < count);
        }
        let most = LARGEST / 8 * 7;
        assert_eq!(Table::places_for(most), Some(LARGEST));
        for count in [most + 1, usize::MAX / 8, usize::MAX / 2, usize::MAX] {
            assert_eq!(Table::places_for(count), None);
        }
    }

    #[test]
    fn nothing_is_in_no_table() {
        assert_eq!((Table::NONE.capacity(), Table::NONE.block()), (0, None));
        for tag in [0, 1, u32::MAX] {
            // SAFETY: nothing is written to it.
            let found = unsafe { Table::NONE.find::<()>(tag, |_| unreachable!()) };
            assert_eq!(found, Err((tag >> 31) as usize));
        }
    }
}
