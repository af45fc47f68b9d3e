//! The table of an interner for many threads: numbers found by a byte of their tags, sixteen places at a time.
//!
//! Places come in groups of sixteen. Each has a control byte, which is 0 while it is free and else tells of the tag, and
//! four bytes for a number. A text is in the group that its tag leads to; or, if that was full when it came, in the next
//! one that was not, around the end. Nothing is ever taken out, so a search ends at the first group of which a place is
//! free.
//!
//! Whoever reads may find a control byte and not yet the number, which leads nowhere then, as the number of a text that
//! was not published does.

use core::alloc::Layout;
use core::ptr::NonNull;

use super::witness::Witness;
use crate::arena::Failure;
use crate::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::intern::group::{Group, WIDTH};
use crate::intern::slots;

/// The groups of the smallest table. Few where each is a matter for the model checker.
const SMALLEST: usize = if cfg!(loom) { 1 } else { 4 };

/// The groups of the largest table.
const LARGEST: usize = 1 << if usize::BITS < 64 { 24 } else { 28 };

/// How many of a group's places are taken on average in a full table, so that searching stays short.
pub(super) const TAKEN: usize = if cfg!(loom) { 3 } else { 12 };

/// The control bytes of so many places are read and written at once.
const WORD: usize = size_of::<u64>();

/// The bytes of a group: with the model checker its atomics are larger than what they hold.
const GROUP: usize = WIDTH / WORD * size_of::<AtomicU64>() + WIDTH * size_of::<AtomicU32>();

/// What stands before the groups of a table. The control bytes of none of them lie in two lines of a cache.
#[repr(align(64))]
pub(super) struct Header {
    groups: usize,
    /// The table that this one replaced.
    older: Option<Table>,
    seen: Witness,
}

/// Where a table is. It does not own its memory.
#[derive(Clone, Copy)]
pub(super) struct Table(NonNull<Header>);

/// What a search comes to first.
pub(super) enum First {
    /// The number of a text that may be the one, or of none.
    Number(usize),
    /// That it is not there.
    Absence,
    /// Nothing, in the first group.
    Neither,
}

/// What the control byte of a place is that a text with this tag has.
#[inline(always)]
fn byte_of(tag: u32) -> u8 {
    // The lower bits: the upper ones lead to the group.
    let byte = tag & 0xFF;
    (byte + u32::from(byte == 0)) as u8
}

impl Table {
    /// The groups of the table that comes when one is full: for `wanted` texts, or for `count` at least.
    pub(super) fn groups_for(wanted: usize, count: usize) -> Option<usize> {
        let least = count.div_ceil(TAKEN).max(SMALLEST);
        let groups = wanted.div_ceil(TAKEN).clamp(SMALLEST, LARGEST).max(least);
        (groups <= LARGEST).then_some(groups)
    }

    /// The block of a table with so many groups.
    pub(super) fn layout_of(groups: usize) -> Result<Layout, Failure> {
        let size = (groups.checked_mul(GROUP))
            .and_then(|size| size.checked_add(size_of::<Header>()))
            .ok_or(Failure::TooLarge)?;
        Layout::from_size_align(size, align_of::<Header>()).map_err(|_| Failure::TooLarge)
    }

    /// A table without texts.
    ///
    /// # Safety
    ///
    /// The block has the [layout](Table::layout_of) for so many groups, and is used for nothing else as long as this
    /// table is.
    pub(super) unsafe fn new(block: NonNull<u8>, groups: usize, older: Option<Table>) -> Self {
        let table = Table(block.cast());
        // SAFETY: as promised.
        unsafe {
            table.0.write(Header {
                groups,
                older,
                seen: Witness::default(),
            });
            for word in 0..groups * (WIDTH / WORD) {
                table.words().add(word).write(AtomicU64::new(0));
            }
            for place in 0..groups * WIDTH {
                // No text has this number.
                table.numbers().add(place).write(AtomicU32::new(u32::MAX));
            }
        }
        table
    }

    /// Where the table is.
    pub(super) fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }

    /// The table that is there, if there is one.
    #[inline(always)]
    pub(super) fn from_ptr(table: *mut Header) -> Option<Self> {
        NonNull::new(table).map(Table)
    }

    /// Where the control bytes are.
    ///
    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    unsafe fn words(self) -> NonNull<AtomicU64> {
        // SAFETY: as promised.
        unsafe { self.0.add(1).cast() }
    }

    /// Where the numbers are.
    ///
    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    unsafe fn numbers(self) -> NonNull<AtomicU32> {
        // SAFETY: as promised; they are behind the control bytes.
        unsafe { (self.words().add(self.groups() * (WIDTH / WORD))).cast() }
    }

    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    unsafe fn groups(self) -> usize {
        // SAFETY: as promised; what stands before the groups is not written while it can be reached (N6).
        unsafe { self.0.as_ref() }.groups
    }

    /// How many texts it takes.
    ///
    /// # Safety
    ///
    /// The table is live.
    pub(super) unsafe fn capacity(self) -> usize {
        // SAFETY: as promised.
        unsafe { self.groups() * TAKEN }
    }

    /// Forgets the table that this one replaced, and hands it out.
    ///
    /// # Safety
    ///
    /// The table is live, and nobody else has it.
    pub(super) unsafe fn take_older(self) -> Option<Self> {
        // SAFETY: as promised.
        unsafe { (*self.0.as_ptr()).older.take() }
    }

    /// The table is about to be published.
    ///
    /// # Safety
    ///
    /// The table is live.
    pub(super) unsafe fn is_written(self) {
        // SAFETY: as promised.
        unsafe { self.0.as_ref() }.seen.write();
    }

    /// The table was found.
    ///
    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    pub(super) unsafe fn is_read(self) {
        // SAFETY: as promised.
        unsafe { self.0.as_ref() }.seen.read();
    }

    /// The control bytes of a group.
    ///
    /// # Safety
    ///
    /// The table is live, and has that group.
    #[inline(always)]
    unsafe fn group(self, group: usize) -> Group {
        // SAFETY: as promised: so it has these words.
        unsafe {
            let low = self.words().add(group * (WIDTH / WORD));
            let (low, high) = (low.as_ref(), low.add(1).as_ref());
            Group::of(low.load(Ordering::Relaxed), high.load(Ordering::Relaxed))
        }
    }

    /// The number at a place, which may be that of no text.
    ///
    /// # Safety
    ///
    /// The table is live, and has that place.
    #[inline(always)]
    unsafe fn number<'t>(self, place: usize) -> &'t AtomicU32 {
        // SAFETY: as promised.
        unsafe {
            debug_assert!(place < self.groups() * WIDTH);
            self.numbers().add(place).as_ref()
        }
    }

    /// Begins to look for a text.
    ///
    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    pub(super) unsafe fn first(self, tag: u32) -> First {
        // SAFETY: as promised; a tag leads to a group that is there.
        unsafe {
            let at = slots::home(tag, self.groups());
            let group = self.group(at);
            match group.equal(byte_of(tag)).next() {
                Some(lane) => {
                    let number = self.number(at * WIDTH + lane).load(Ordering::Relaxed);
                    First::Number(number as usize)
                }
                None if group.equal(0).next().is_some() => First::Absence,
                None => First::Neither,
            }
        }
    }

    /// Looks for a text: answers what `matches` says of the number of the first one of which it says something, or
    /// else the place where it belongs, which is free. Some numbers may be those of no text.
    ///
    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    pub(super) unsafe fn find<R>(
        self,
        tag: u32,
        mut matches: impl FnMut(usize) -> Option<R>,
    ) -> Result<R, usize> {
        // SAFETY: as promised; a tag leads to a group that is there.
        unsafe {
            let groups = self.groups();
            let mut at = slots::home(tag, groups);
            loop {
                let group = self.group(at);
                for lane in group.equal(byte_of(tag)) {
                    let number = self.number(at * WIDTH + lane).load(Ordering::Relaxed);
                    if let Some(found) = matches(number as usize) {
                        return Ok(found);
                    }
                }
                if let Some(lane) = group.equal(0).next() {
                    return Err(at * WIDTH + lane);
                }
                at = slots::next(at, groups);
            }
        }
    }

    /// The free place where a text belongs that is not there.
    ///
    /// # Safety
    ///
    /// The table is live, and some place is free.
    #[inline(always)]
    pub(super) unsafe fn free(self, tag: u32) -> usize {
        // SAFETY: as promised; a tag leads to a group that is there.
        unsafe {
            let groups = self.groups();
            let mut at = slots::home(tag, groups);
            loop {
                if let Some(lane) = self.group(at).equal(0).next() {
                    return at * WIDTH + lane;
                }
                at = slots::next(at, groups);
            }
        }
    }

    /// Enters a text at the place that a search for its tag ended with.
    ///
    /// # Safety
    ///
    /// The table is live, nobody else writes to it, and nothing was entered since.
    #[inline(always)]
    pub(super) unsafe fn enter(self, place: usize, tag: u32, index: usize) {
        // SAFETY: as promised.
        unsafe {
            self.number(place).store(index as u32, Ordering::Relaxed);
            let word = self.words().add(place / WORD).as_ref();
            let byte = u64::from(byte_of(tag)) << (place % WORD * 8);
            word.store(word.load(Ordering::Relaxed) | byte, Ordering::Relaxed);
        }
    }

    /// Makes all places free.
    ///
    /// # Safety
    ///
    /// The table is live, and nobody else has it.
    pub(super) unsafe fn clear(self) {
        // SAFETY: as promised.
        unsafe {
            for word in 0..self.groups() * (WIDTH / WORD) {
                (self.words().add(word).as_ref()).store(0, Ordering::Relaxed);
            }
        }
    }

    /// Ends the table, and answers what its block is.
    ///
    /// # Safety
    ///
    /// The table is live, and is not used again.
    pub(super) unsafe fn end(self) -> (NonNull<u8>, Layout) {
        // SAFETY: as promised.
        unsafe {
            let groups = self.groups();
            let (words, numbers) = (self.words(), self.numbers());
            NonNull::slice_from_raw_parts(words, groups * (WIDTH / WORD)).drop_in_place();
            NonNull::slice_from_raw_parts(numbers, groups * WIDTH).drop_in_place();
            self.0.drop_in_place();
            let size = size_of::<Header>() + groups * GROUP;
            (
                self.0.cast(),
                Layout::from_size_align_unchecked(size, align_of::<Header>()),
            )
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use allocator_api2::alloc::{Allocator, Global};
    use std::vec::Vec;

    #[test]
    fn a_table_takes_what_it_was_chosen_for_and_has_a_free_place() {
        for count in 1..5000 {
            let groups = Table::groups_for(0, count).unwrap();
            assert!(groups * TAKEN >= count && TAKEN < WIDTH);
            // It is not larger than it has to be.
            assert!(groups == SMALLEST || (groups - 1) * TAKEN < count);
            assert_eq!(Table::groups_for(count, 1), Some(groups));
        }
        let most = LARGEST * TAKEN;
        assert_eq!(Table::groups_for(usize::MAX, most), Some(LARGEST));
        for count in [most + 1, usize::MAX / 2, usize::MAX] {
            assert_eq!(Table::groups_for(count, count), None);
            assert_eq!(Table::groups_for(count, 7), Some(LARGEST));
        }
    }

    #[test]
    fn a_full_table_has_what_was_entered_whatever_the_tags() {
        let tags: [fn(u32) -> u32; 5] = [
            |n| n.wrapping_mul(0x9E37_79B9),
            |n| n,
            |n| u32::MAX - n % 3,
            |n| n << 24,
            |_| 0,
        ];
        for tag in tags {
            for groups in [1, 2, 5, 16] {
                let layout = Table::layout_of(groups).unwrap();
                let block = Global.allocate(layout).unwrap().cast();
                // SAFETY: the block has that layout, and the table takes as many.
                unsafe {
                    let table = Table::new(block, groups, None);
                    for round in 0..2 {
                        for index in 0..groups * TAKEN {
                            let place = table.find::<()>(tag(index as u32), |_| None);
                            table.enter(place.unwrap_err(), tag(index as u32), index);
                        }
                        for index in 0..groups * TAKEN {
                            let mut seen = Vec::new();
                            let found = table.find(tag(index as u32), |number| {
                                seen.push(number);
                                (number == index).then_some(number)
                            });
                            assert_eq!(found, Ok(index), "in round {round}");
                            // Those of the first group come first, and none comes twice.
                            match table.first(tag(index as u32)) {
                                First::Number(number) => assert_eq!(number, seen[0]),
                                First::Absence => panic!("it is there"),
                                First::Neither => {}
                            }
                            seen.sort_unstable();
                            assert!(seen.windows(2).all(|two| two[0] < two[1]));
                        }
                        table.clear();
                        assert!(matches!(table.first(tag(0)), First::Absence));
                    }
                    assert!(table.take_older().is_none());
                    assert_eq!(table.end(), (block, layout));
                    Global.deallocate(block, layout);
                }
            }
        }
    }
}
