//! The memory of an interner for one thread: the texts, and an index of them.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::ManuallyDrop;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};

use super::frozen::Block;
use super::memory::sealed::{self, Memory};
use super::record::{Record, Source, is_same};
use super::slots;
use crate::arena::{Arena, Failure};

/// The slots of an interner without an index: one, which is free. Nobody writes there, as it takes no text.
static NO_SLOTS: [u64; 1] = [0];

/// The memory of an [`Interner`](crate::Interner), which one thread uses at a time.
///
/// ```
/// use arenula::Interner;
/// use arenula::intern::{DefaultHasher, InternerOf, Local};
///
/// let interner: InternerOf<str, DefaultHasher, Local> = Interner::new();
/// ```
// The index is one block: the slots of a table (see [`slots`]), and behind them a record for each text that
// the table can take. It is replaced when it is full. What holds of all this is N1 to N4.
pub struct Local<A: Allocator = Global> {
    slots: Cell<NonNull<u64>>,
    /// The number of slots.
    size: Cell<usize>,
    len: Cell<usize>,
    capacity: Cell<usize>,
    records: Cell<NonNull<Record>>,
    /// The bytes that may be held; `usize::MAX` for no limit.
    limit: Cell<usize>,
    texts: Arena<1, A>,
}

/// What the search for a text ended with, where there was none.
struct Absent {
    /// How many texts there were.
    len: usize,
    /// The number of slots.
    size: usize,
    /// The free slot where it belongs.
    position: usize,
}

impl<A: Allocator> Local<A> {
    #[inline]
    pub(super) fn backing(&self) -> &A {
        self.texts.allocator()
    }

    /// # Safety
    ///
    /// The index is less than the number of texts.
    #[inline(always)]
    unsafe fn record(&self, index: usize) -> Record {
        // SAFETY: as promised (N2).
        unsafe { self.records.get().add(index).read() }
    }

    /// The tags and numbers of all texts, in no order.
    fn tags(&self) -> impl Iterator<Item = (u32, usize)> {
        (0..self.size.get()).filter_map(|position| {
            let slot = self.slot(position);
            (slot != 0).then(|| (slots::tag_of(slot), slot as u32 as usize - 1))
        })
    }

    #[inline(always)]
    fn slot(&self, position: usize) -> u64 {
        debug_assert!(position < self.size.get());
        // SAFETY: all positions that are asked for are below `size` (N1).
        unsafe { self.slots.get().add(position).read() }
    }

    /// Looks for a text.
    #[inline(always)]
    fn find(&self, tag: u32, text: &[u8]) -> Result<(usize, &[u8]), Absent> {
        let size = self.size.get();
        let found = slots::find(
            tag,
            size,
            |position| self.slot(position),
            |index| {
                // SAFETY: the numbers in the slots are those of texts (N1), which stay as they are (N3).
                let found = unsafe { self.record(index).bytes() };
                is_same(found, text).then_some((index, found))
            },
        );
        found.map_err(|position| Absent {
            len: self.len.get(),
            size,
            position,
        })
    }

    #[inline(never)]
    fn insert(
        &self,
        tag: u32,
        text: Source<'_>,
        mut absent: Absent,
    ) -> Result<(usize, &[u8]), Failure> {
        loop {
            if absent.len == self.capacity.get() {
                self.grow(absent.len + 1)?;
            } else {
                let size = text.size().ok_or(Failure::TooLarge)?;
                let layout = Layout::from_size_align(size, 1).map_err(|_| Failure::TooLarge)?;
                let block =
                    (self.texts.try_alloc_layout(layout)).map_err(|_| Failure::Memory(layout))?;
                if absent.len == self.len.get() {
                    // SAFETY: the block is new and of that size; there is room for another text, and it is
                    // not among those that are there: nothing was added since it was looked for.
                    return Ok(unsafe { self.add(tag, text.write(block), &absent) });
                }
                // SAFETY: the block came from there, and nobody knows of it.
                unsafe { (&self.texts).deallocate(block, layout) };
            }
            // The backing allocator may have used the interner (N4).
            if absent.len != self.len.get() {
                match self.find(tag, text.bytes()) {
                    Ok(found) => return Ok(found),
                    Err(again) => absent = again,
                }
            }
        }
    }

    /// Adds a text. Calls nobody.
    ///
    /// # Safety
    ///
    /// The record was written into `texts`. It is of a text that is not there yet, `absent` what the search for it
    /// ended with, and no text was added since. There is room in the index.
    #[inline(always)]
    unsafe fn add(&self, tag: u32, record: Record, absent: &Absent) -> (usize, &[u8]) {
        let (index, size) = (self.len.get(), self.size.get());
        let mut position = absent.position;
        if absent.size != size {
            position = slots::home(tag, size);
            while self.slot(position) != 0 {
                position = slots::next(position, size);
            }
        }
        // SAFETY: the slot is free and below `size`, and there is room for the record (N1, N2).
        unsafe {
            self.records.get().add(index).write(record);
            self.slots
                .get()
                .add(position)
                .write(slots::slot(tag, index));
            self.len.set(index + 1);
            (index, record.bytes())
        }
    }

    /// The block of an index with so many slots, and where in it the records begin.
    fn layout(size: usize) -> Result<(Layout, usize), Failure> {
        (Layout::array::<u64>(size))
            .and_then(|slots| slots.extend(Layout::array::<Record>(slots::capacity(size))?))
            .map_err(|_| Failure::TooLarge)
    }

    /// The block of the index that there is.
    fn index(&self) -> Option<(NonNull<u8>, Layout)> {
        let (layout, _) = Self::layout(self.size.get()).ok()?;
        (self.capacity.get() != 0).then(|| (self.slots.get().cast(), layout))
    }

    /// Makes room for so many texts in all.
    #[cold]
    #[inline(never)]
    fn grow(&self, count: usize) -> Result<(), Failure> {
        // Half as many again, so that what is not used stays little.
        let wanted = self.capacity.get() + self.capacity.get() / 2;
        let size = slots::next_slots(wanted, count).ok_or(Failure::TooLarge)?;
        let (layout, records_at) = Self::layout(size)?;
        if layout.size() > self.allowance() {
            return Err(Failure::Memory(layout));
        }
        let block = (self.backing().allocate(layout))
            .map_err(|_| Failure::Memory(layout))?
            .cast::<u8>();
        // The backing allocator may have used the interner, and its limit, meanwhile (N4).
        let is_admitted = layout.size() <= self.allowance();
        if self.size.get() >= size || !is_admitted {
            // SAFETY: the block came from there, with this layout.
            unsafe { self.backing().deallocate(block, layout) };
            return if self.capacity.get() >= count {
                Ok(())
            } else {
                Err(Failure::Memory(layout))
            };
        }

        let old = self.index();
        let slots = block.cast::<u64>();
        // SAFETY: the block is large enough for as many slots, which are then free, with the records behind.
        // Both tables have a free slot, and nobody is called (N1, N2).
        unsafe {
            slots.write_bytes(0, size);
            // In the order of the slots, which is almost that of their new places.
            for (tag, index) in self.tags() {
                let mut position = slots::home(tag, size);
                while slots.add(position).read() != 0 {
                    position = slots::next(position, size);
                }
                slots.add(position).write(slots::slot(tag, index));
            }
            let records = block.add(records_at).cast::<Record>();
            records.copy_from_nonoverlapping(self.records.get(), self.len.get());
            self.slots.set(slots);
            self.records.set(records);
        }
        self.size.set(size);
        self.capacity.set(slots::capacity(size));
        self.share_limit();
        if let Some((block, layout)) = old {
            // SAFETY: the block came from there, with this layout, and is not used any more.
            unsafe { self.backing().deallocate(block, layout) };
        }
        Ok(())
    }

    fn index_size(&self) -> usize {
        self.index().map_or(0, |(_, layout)| layout.size())
    }

    /// The bytes that may still be asked for.
    fn allowance(&self) -> usize {
        match self.limit.get() {
            usize::MAX => usize::MAX,
            limit => limit.saturating_sub(self.held()),
        }
    }

    /// Leaves to the texts what the index does not hold.
    fn share_limit(&self) {
        let limit = self.limit();
        if limit.is_some() || self.texts.limit().is_some() {
            (self.texts).set_limit(limit.map(|limit| limit.saturating_sub(self.index_size())));
        }
    }

    fn free_index(&self) {
        if let Some((block, layout)) = self.index() {
            self.len.set(0);
            self.capacity.set(0);
            self.size.set(NO_SLOTS.len());
            self.slots.set(no_slots());
            // SAFETY: the block came from there, with this layout, and is not used any more.
            unsafe { self.backing().deallocate(block, layout) };
        }
    }
}

// SAFETY: the memory belongs to the interner alone, and references to it borrow the interner, which then can't be
// sent (N2, N3).
unsafe impl<A: Allocator + Send> Send for Local<A> {}

// A panic can't leave an interner in a state that matters (N4).
impl<A: Allocator + UnwindSafe> UnwindSafe for Local<A> {}
impl<A: Allocator + RefUnwindSafe> RefUnwindSafe for Local<A> {}

#[allow(private_interfaces, reason = "as in the trait")]
impl<A: Allocator> sealed::Memory for Local<A> {
    type From = A;

    fn new(backing: A) -> Self {
        Local {
            slots: Cell::new(no_slots()),
            size: Cell::new(NO_SLOTS.len()),
            len: Cell::new(0),
            capacity: Cell::new(0),
            records: Cell::new(NonNull::dangling()),
            limit: Cell::new(usize::MAX),
            texts: Arena::with_min_align_in(backing),
        }
    }

    #[inline(always)]
    fn intern(&self, tag: u32, text: Source<'_>) -> Result<(usize, &[u8]), Failure> {
        match self.find(tag, text.bytes()) {
            Ok(found) => Ok(found),
            Err(absent) => self.insert(tag, text, absent),
        }
    }

    #[inline(always)]
    fn text(&self, index: usize) -> Option<&[u8]> {
        if index >= self.len.get() {
            return None;
        }
        // SAFETY: there is such a text (N2), which stays as it is (N3).
        Some(unsafe { self.record(index).bytes() })
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.len.get()
    }

    fn capacity(&self) -> usize {
        self.capacity.get()
    }

    fn reserve(&self, count: usize, bytes: usize) -> Result<(), Failure> {
        let in_all = self.len().checked_add(count).ok_or(Failure::TooLarge)?;
        if in_all > self.capacity.get() {
            self.grow(in_all)?;
        }
        // Each has its length as well.
        let bytes = (bytes.checked_add(count)).ok_or(Failure::TooLarge)?;
        let layout = Layout::from_size_align(bytes, 1).map_err(|_| Failure::TooLarge)?;
        (self.texts.try_reserve(bytes)).map_err(|_| Failure::Memory(layout))
    }

    fn held(&self) -> usize {
        self.texts.capacity() + self.index_size()
    }

    fn set_limit(&self, limit: Option<usize>) {
        self.limit.set(limit.unwrap_or(usize::MAX));
        self.share_limit();
    }

    fn limit(&self) -> Option<usize> {
        Some(self.limit.get()).filter(|&limit| limit != usize::MAX)
    }

    fn reset(&mut self) {
        self.len.set(0);
        if self.capacity.get() != 0 {
            // SAFETY: there are so many slots (N1), and no texts that they could name.
            unsafe { self.slots.get().write_bytes(0, self.size.get()) };
        }
        self.texts.reset();
    }

    fn into_backing(self) -> A {
        self.free_index();
        let store = ManuallyDrop::new(self);
        // SAFETY: the store is not used again, nor dropped, and nothing else in it has a destructor.
        unsafe { (&raw const store.texts).read() }.into_allocator()
    }

    #[inline(always)]
    fn look_up(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        self.find(tag, text).ok()
    }

    fn frozen(&mut self) -> Result<Block, Failure> {
        let texts = (0..self.len()).map_while(|index| self.text(index));
        Block::make(texts, self.tags(), self.backing())
    }
}

impl<A: Allocator> Drop for Local<A> {
    fn drop(&mut self) {
        self.free_index();
    }
}

const fn no_slots() -> NonNull<u64> {
    // SAFETY: a static is somewhere.
    unsafe { NonNull::new_unchecked((&raw const NO_SLOTS).cast::<u64>().cast_mut()) }
}
