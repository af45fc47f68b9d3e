//! The memory of an interner for one thread: the texts, and an index of them.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::ManuallyDrop;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};

use super::Symbol;
use super::block::Block;
use super::list::List;
use super::memory::sealed::{self, Given, Memory};
use super::record::{Source, is_same_short};
use super::table::{First, Table};
use crate::arena::{Arena, Failure, Retain};
use crate::unwind::run_all;

/// The memory of an [`Interner`](crate::Interner), which one thread uses at a time.
///
/// ```
/// use arenula::Interner;
/// use arenula::intern::{DefaultHasher, InternerOf, Local};
///
/// let interner: InternerOf<str, DefaultHasher, Local> = Interner::new();
/// ```
// The index is a list of the texts, by their numbers, and a table of the numbers, by their tags. Each is replaced when
// it is full. What holds of all this is N1 to N4.
pub struct Local<A: Allocator = Global> {
    table: Cell<Table>,
    list: Cell<List>,
    len: Cell<usize>,
    /// How many texts both the table and the list take.
    capacity: Cell<usize>,
    /// The bytes that may be held; `usize::MAX` for no limit.
    limit: Cell<usize>,
    texts: Arena<1, A>,
}

impl<A: Allocator> Local<A> {
    #[inline]
    pub(super) fn backing(&self) -> &A {
        self.texts.allocator()
    }

    /// The tags of all texts, in the order of their numbers.
    ///
    /// # Safety
    ///
    /// Nothing is added as long as they are used.
    unsafe fn tags(&self) -> &[u32] {
        // SAFETY: so many were written (N2), and stay as they are meanwhile.
        unsafe { self.list.get().tags(self.len.get()) }
    }

    /// Looks for a text; answers the place where it belongs if it is not there.
    #[inline(always)]
    fn find(&self, tag: u32, text: &[u8]) -> Result<(usize, &[u8]), usize> {
        // Nearly all searches end at the first text that could be it, or where there is none, and need no call.
        // SAFETY: the table is there, and its numbers are those of texts (N1, N2), which stay as they are (N3).
        unsafe {
            match self.table.get().first(tag) {
                First::Number(index) => {
                    let found = self.list.get().record(index).bytes();
                    if is_same_short(found, text) {
                        return Ok((index, found));
                    }
                }
                First::Free(place) => return Err(place),
                First::Neither => {}
            }
        }
        self.search(tag, text)
    }

    #[inline(never)]
    fn search(&self, tag: u32, text: &[u8]) -> Result<(usize, &[u8]), usize> {
        // SAFETY: the table is there, with a free place, and its numbers are those of texts (N1, N2), which stay as
        // they are (N3).
        unsafe {
            self.table.get().find(tag, |index| {
                let found = self.list.get().record(index).bytes();
                (found == text).then_some((index, found))
            })
        }
    }

    /// The texts in the order of their numbers.
    fn texts(&self) -> impl Iterator<Item = &[u8]> + Clone {
        // SAFETY: there are such texts (N2), which stay as they are (N3).
        (0..self.len.get()).map(|index| unsafe { self.list.get().record(index).bytes() })
    }

    /// Adds a text that was just looked for, and belongs at `place`.
    #[inline(never)]
    fn insert(
        &self,
        tag: u32,
        text: impl Source,
        mut place: usize,
    ) -> Result<(usize, &[u8]), Failure> {
        loop {
            let (table, len) = (self.table.get(), self.len.get());
            if len == self.capacity.get() {
                self.grow(len + 1)?;
            } else {
                let size = text.size().ok_or(Failure::TooLarge)?;
                let layout = Layout::from_size_align(size, 1).map_err(|_| Failure::TooLarge)?;
                let block =
                    (self.texts.try_alloc_layout(layout)).map_err(|_| Failure::Memory(layout))?;
                if len == self.len.get() && table == self.table.get() {
                    // SAFETY: the block is new and of that size. Since the text was not found in the table nothing
                    // was added, and there is room for another in both (N1, N2).
                    return Ok(unsafe {
                        let record = text.write(block);
                        self.list.get().write(len, record, tag);
                        table.enter(place, tag, len);
                        self.len.set(len + 1);
                        (len, record.bytes())
                    });
                }
                // SAFETY: the block came from there, and nobody knows of it.
                unsafe { (&self.texts).deallocate(block, layout) };
            }
            // The backing allocator may have used the interner (N4).
            match self.find(tag, text.bytes()) {
                Ok(found) => return Ok(found),
                Err(again) => place = again,
            }
        }
    }

    /// Makes room for so many texts in all.
    #[cold]
    #[inline(never)]
    fn grow(&self, count: usize) -> Result<(), Failure> {
        if self.table.get().capacity() < count {
            let places = Table::places_for(count).ok_or(Failure::TooLarge)?;
            self.replace(
                Table::layout_of(places)?,
                || self.table.get().capacity() >= count,
                // SAFETY: the block has that layout, and room for what is there and more (N1).
                |block| unsafe {
                    let table = Table::new(block, places);
                    table.fill(self.tags());
                    self.table.replace(table).block()
                },
            )?;
        }
        if self.list.get().capacity() < count {
            let capacity = List::next_capacity(self.list.get().capacity(), count);
            self.replace(
                List::layout_of(capacity)?,
                || self.list.get().capacity() >= count,
                // SAFETY: the block has that layout, and room for what is there and more (N2).
                |block| unsafe {
                    let list = List::new(block, capacity);
                    list.copy_from(self.list.get(), self.len.get());
                    self.list.replace(list).block()
                },
            )?;
        }
        Ok(())
    }

    /// Makes a block and lets `put` put it in the place of another, which is given back; or none if it turns out that
    /// there `is_enough`.
    fn replace(
        &self,
        layout: Layout,
        is_enough: impl Fn() -> bool,
        put: impl FnOnce(NonNull<u8>) -> Option<(NonNull<u8>, Layout)>,
    ) -> Result<(), Failure> {
        if layout.size() > self.allowance() {
            return Err(Failure::Memory(layout));
        }
        let block = (self.backing().allocate(layout))
            .map_err(|_| Failure::Memory(layout))?
            .cast::<u8>();
        // The backing allocator may have used the interner, and its limit, meanwhile (N4).
        if is_enough() || layout.size() > self.allowance() {
            // SAFETY: the block came from there, with this layout.
            unsafe { self.backing().deallocate(block, layout) };
            return if is_enough() {
                Ok(())
            } else {
                Err(Failure::Memory(layout))
            };
        }
        let old = put(block);
        let (table, list) = (self.table.get().capacity(), self.list.get().capacity());
        self.capacity.set(table.min(list));
        self.share_limit();
        if let Some((block, layout)) = old {
            // SAFETY: the block came from there, with this layout, and is not used any more.
            unsafe { self.backing().deallocate(block, layout) };
        }
        Ok(())
    }

    fn index_size(&self) -> usize {
        let blocks = [self.table.get().block(), self.list.get().block()];
        (blocks.into_iter().flatten())
            .map(|(_, layout)| layout.size())
            .sum()
    }

    /// The bytes that may still be asked for.
    fn allowance(&self) -> usize {
        match self.limit.get() {
            usize::MAX => usize::MAX,
            limit => limit.saturating_sub(self.texts.capacity() + self.index_size()),
        }
    }

    /// Leaves to the texts what the index does not hold.
    fn share_limit(&self) {
        let limit = Some(self.limit.get()).filter(|&limit| limit != usize::MAX);
        if limit.is_some() || self.texts.limit().is_some() {
            (self.texts).set_limit(limit.map(|limit| limit.saturating_sub(self.index_size())));
        }
    }

    /// The same texts with the same numbers, in other memory: in no more than there is of this. What the backing
    /// allocator adds meanwhile is left out.
    pub(super) fn copied(&self, backing: A) -> Result<Self, Failure> {
        let len = self.len.get();
        // SAFETY: there are such texts (N2), which stay as they are (N3); for ever if they were lent.
        let records = || (0..len).map(|index| unsafe { self.list.get().record(index) });
        // SAFETY: they were written.
        let size = records().map(|record| unsafe { record.size() }).sum();
        let layout = Layout::from_size_align(size, 1).map_err(|_| Failure::TooLarge)?;

        let copy = <Self as sealed::Memory>::new(Given(backing));
        copy.set_limit(self.limit().map(|limit| limit.max(self.held())));
        copy.grow(len)?;
        let texts = copy.texts.try_alloc_layout(layout);
        let mut rest = texts.map_err(|_| Failure::Memory(layout))?;
        // SAFETY: nobody else knows of the copy, whose list and table are empty and take as many, and whose block is as
        // large as all records (N1, N2). Nothing is added here while the tags are used.
        unsafe {
            let tags = &self.tags()[..len];
            for ((index, record), &tag) in records().enumerate().zip(tags) {
                copy.list.get().write(index, record.copy_to(rest), tag);
                rest = rest.add(record.size());
            }
            copy.table.get().fill(tags);
        }
        copy.len.set(len);
        copy.set_limit(self.limit());
        Ok(copy)
    }

    fn free_index(&self) {
        self.len.set(0);
        self.capacity.set(0);
        let table = self.table.replace(Table::NONE).block();
        let list = self.list.replace(List::NONE).block();
        let mut blocks = [table, list].into_iter().flatten();
        run_all(|| {
            let Some((block, layout)) = blocks.next() else {
                return false;
            };
            // SAFETY: the block came from there, with this layout, and is not used any more.
            unsafe { self.backing().deallocate(block, layout) };
            true
        });
    }
}

// SAFETY: the memory belongs to the interner alone, and references to it borrow the interner, which then can't be
// sent (N2, N3).
unsafe impl<A: Allocator + Send> Send for Local<A> {}

// A panic can't leave an interner in a state that matters (N4).
impl<A: Allocator + UnwindSafe> UnwindSafe for Local<A> {}
impl<A: Allocator + RefUnwindSafe> RefUnwindSafe for Local<A> {}

#[allow(private_interfaces, private_bounds, reason = "as in the trait")]
impl<A: Allocator> sealed::Memory for Local<A> {
    type From = A;

    fn new(Given(backing): Given<A>) -> Self {
        Local {
            table: Cell::new(Table::NONE),
            list: Cell::new(List::NONE),
            len: Cell::new(0),
            capacity: Cell::new(0),
            limit: Cell::new(usize::MAX),
            texts: Arena::with_min_align_in(backing),
        }
    }

    #[inline(always)]
    fn intern(&self, tag: u32, text: impl Source) -> Result<(usize, &[u8]), Failure> {
        match self.find(tag, text.bytes()) {
            Ok(found) => Ok(found),
            Err(place) => self.insert(tag, text, place),
        }
    }

    #[inline(always)]
    fn look_up(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        self.find(tag, text).ok()
    }

    #[inline(always)]
    fn text(&self, symbol: Symbol) -> Option<&[u8]> {
        // Read whether it is used or not, so that loops read it once; and compared as it is.
        let (list, number) = (self.list.get(), symbol.number());
        if number > self.len.get() {
            return None;
        }
        // SAFETY: there is such a text (N2), which stays as it is (N3).
        Some(unsafe { list.record(number - 1).bytes() })
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
        self.grow(in_all)?;
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
        // SAFETY: the table is there (N1), and there are no texts that it could have numbers of.
        unsafe { self.table.get().clear() };
        self.texts.reset();
    }

    fn frozen(&mut self) -> Result<Block, Failure> {
        // SAFETY: nobody else has the interner.
        let tags = unsafe { self.tags() }.iter().copied().zip(0..);
        Block::make(self.texts(), tags, self.backing())
    }

    fn origin(&mut self) -> &A {
        self.texts.allocator()
    }

    fn release(&mut self) {
        let mut steps = 0..2;
        run_all(|| {
            match steps.next() {
                Some(0) => self.free_index(),
                Some(_) => self.texts.reset_with(Retain::Nothing),
                None => return false,
            }
            true
        });
    }

    fn into_backing(mut self) -> A {
        self.release();
        let store = ManuallyDrop::new(self);
        // SAFETY: the store is not used again, nor dropped, and nothing else in it has a destructor.
        unsafe { (&raw const store.texts).read() }.into_allocator()
    }
}

impl<A: Allocator> Drop for Local<A> {
    fn drop(&mut self) {
        self.free_index();
    }
}
