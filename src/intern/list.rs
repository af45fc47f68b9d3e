//! The list of an interner for one thread: where each text is, by its number, and its tag.

use core::alloc::Layout;
use core::ptr::NonNull;

use super::record::Record;
use crate::arena::Failure;

/// How many texts the shortest list takes.
const SHORTEST: usize = 32;

/// Where a list is: records, and behind them as many tags. It does not own its memory.
#[derive(Clone, Copy)]
pub(super) struct List {
    records: NonNull<Record>,
    capacity: usize,
}

impl List {
    /// The list that takes nothing, which has no memory.
    pub(super) const NONE: List = List {
        records: NonNull::dangling(),
        capacity: 0,
    };

    /// How many texts a list takes that replaces one of so many because it has to take `count`.
    pub(super) fn next_capacity(capacity: usize, count: usize) -> usize {
        count.max(capacity.saturating_mul(2)).max(SHORTEST)
    }

    /// The block of a list for so many texts.
    pub(super) fn layout_of(capacity: usize) -> Result<Layout, Failure> {
        let size = capacity.checked_mul(size_of::<Record>() + size_of::<u32>());
        (size.and_then(|size| Layout::from_size_align(size, align_of::<Record>()).ok()))
            .ok_or(Failure::TooLarge)
    }

    /// A list in which nothing is written yet.
    ///
    /// # Safety
    ///
    /// The block has the [layout](List::layout_of) for so many texts, and is used for nothing else as long as this
    /// list is.
    pub(super) unsafe fn new(block: NonNull<u8>, capacity: usize) -> Self {
        List {
            records: block.cast(),
            capacity,
        }
    }

    /// The block of the list, if it has one.
    pub(super) fn block(self) -> Option<(NonNull<u8>, Layout)> {
        let layout = Self::layout_of(self.capacity).ok()?;
        (self.capacity != 0).then(|| (self.records.cast(), layout))
    }

    pub(super) fn capacity(self) -> usize {
        self.capacity
    }

    /// Where the tags are.
    ///
    /// # Safety
    ///
    /// The list's memory is there.
    #[inline(always)]
    unsafe fn start_of_tags(self) -> NonNull<u32> {
        // SAFETY: as promised; a list without memory has no records to be behind of.
        unsafe { self.records.add(self.capacity).cast() }
    }

    /// # Safety
    ///
    /// The list's memory is there, and this record was written.
    #[inline(always)]
    pub(super) unsafe fn record(self, index: usize) -> Record {
        debug_assert!(index < self.capacity);
        // SAFETY: as promised.
        unsafe { self.records.add(index).read() }
    }

    /// The first tags.
    ///
    /// # Safety
    ///
    /// The list's memory is there, and so many were written. It is not written as long as they are used.
    pub(super) unsafe fn tags<'l>(self, count: usize) -> &'l [u32] {
        debug_assert!(count <= self.capacity);
        // SAFETY: as promised.
        unsafe { core::slice::from_raw_parts(self.start_of_tags().as_ptr(), count) }
    }

    /// # Safety
    ///
    /// The list's memory is there, and takes a text with this number.
    #[inline(always)]
    pub(super) unsafe fn write(self, index: usize, record: Record, tag: u32) {
        debug_assert!(index < self.capacity);
        // SAFETY: as promised.
        unsafe {
            self.records.add(index).write(record);
            self.start_of_tags().add(index).write(tag);
        }
    }

    /// Copies the first texts of another list.
    ///
    /// # Safety
    ///
    /// Both have their memory, and room for as many, which were written in the other one.
    pub(super) unsafe fn copy_from(self, other: List, count: usize) {
        // SAFETY: as promised; the two are different blocks.
        unsafe {
            let (records, tags) = (self.records, self.start_of_tags());
            records.copy_from_nonoverlapping(other.records, count);
            tags.copy_from_nonoverlapping(other.start_of_tags(), count);
        }
    }
}
