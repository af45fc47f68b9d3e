//! The memory of an interner for many threads.

mod entries;
#[cfg(all(test, loom))]
mod models;
mod table;
mod witness;
mod writer;

use core::alloc::Layout;
use core::mem::ManuallyDrop;
use core::ptr;

use allocator_api2::alloc::{Allocator, Global};

use super::Symbol;
use super::block::Block;
use super::memory::sealed::{self, Given};
use super::record::{Source, is_same_short};
use crate::arena::{Failure, Retain};
use crate::atomic::{AtomicPtr, AtomicUsize, Ordering};
use crate::unwind::run_all;

use entries::Entries;
use table::{First, Header, Table};
use writer::{Guarded, Locked, Writer};

/// The memory of a [`SyncInterner`](crate::sync::SyncInterner), which many threads use at once.
///
/// ```
/// use arenula::intern::{DefaultHasher, InternerOf, Shared};
/// use arenula::sync::SyncInterner;
///
/// let interner: InternerOf<str, DefaultHasher, Shared> = SyncInterner::new();
/// ```
// What readers look at comes first, and is written seldom.
#[repr(C)]
pub struct Shared<A: Allocator = Global> {
    /// The newest table, if there is one.
    table: AtomicPtr<Header>,
    entries: Entries,
    writing: Writing<A>,
}

/// What changes with each text that is added, in cache lines of its own.
#[repr(align(128))]
struct Writing<A: Allocator> {
    len: AtomicUsize,
    guarded: Guarded<A>,
}

impl<A: Allocator> Shared<A> {
    fn lock(&self) -> Locked<'_, A> {
        self.writing.guarded.lock()
    }

    /// The writer, without the lock.
    fn writer(&mut self) -> &mut Writer<A> {
        self.writing.guarded.get_mut()
    }

    /// The newest table that was published.
    #[inline(always)]
    fn table(&self) -> Option<Table> {
        let table = Table::from_ptr(self.table.load(Ordering::Acquire))?;
        // SAFETY: tables stay (N7).
        unsafe { table.is_read() };
        Some(table)
    }

    /// The text with this number, if it is there.
    #[inline(always)]
    fn text_at(&self, index: usize) -> Option<&[u8]> {
        // SAFETY: the record was published, and stays as it is (N6, N7), as the text does (N3).
        Some(unsafe { self.entries.record(index)?.bytes() })
    }

    /// Looks for a text, without a lock.
    #[inline(always)]
    fn find(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        let table = self.table()?;
        // Nearly all searches end at the first text that could be it, or where there is none, and need no call.
        // SAFETY: tables stay (N7).
        match unsafe { table.first(tag) } {
            First::Number(index) => {
                if let Some(found) = self
                    .text_at(index)
                    .filter(|found| is_same_short(found, text))
                {
                    return Some((index, found));
                }
            }
            First::Absence => return None,
            First::Neither => {}
        }
        self.search(table, tag, text).ok()
    }

    /// Looks for a text in a table of this interner's; answers the place where it belongs if it is not there.
    #[inline(never)]
    fn search(&self, table: Table, tag: u32, text: &[u8]) -> Result<(usize, &[u8]), usize> {
        // SAFETY: tables stay (N7).
        unsafe {
            table.find(tag, |index| {
                let found = self.text_at(index).filter(|found| *found == text)?;
                Some((index, found))
            })
        }
    }

    #[inline(never)]
    fn insert(&self, tag: u32, text: impl Source) -> Result<(usize, &[u8]), Failure> {
        let writer = &mut *self.lock();
        let index = self.writing.len.load(Ordering::Relaxed);
        let mut room = None;
        if let Some(table) = self.table() {
            match self.search(table, tag, text.bytes()) {
                // Another thread was first.
                Ok(found) => return Ok(found),
                // SAFETY: tables stay (N7).
                Err(place) if index < unsafe { table.capacity() } => room = Some((table, place)),
                Err(_) => {}
            }
        }
        let (table, place) = match room {
            Some(room) => room,
            None => {
                let table = self.grow(writer, index + 1)?;
                // SAFETY: the table is this interner's, and is not full.
                (table, unsafe { table.free(tag) })
            }
        };
        (self.entries).prepare(index, |layout| writer.allocate(layout))?;
        let size = text.size().ok_or(Failure::TooLarge)?;
        let layout = Layout::from_size_align(size, 1).map_err(|_| Failure::TooLarge)?;
        let block = (writer.texts.try_alloc_layout(layout)).map_err(|_| Failure::Memory(layout))?;
        // SAFETY: the block is new and of that size; the entry and the place are there, and nobody is called from
        // here on. Each is written before it can be seen (N6).
        unsafe {
            let record = text.write(block);
            self.entries.publish(index, record, tag);
            self.writing.len.store(index + 1, Ordering::Release);
            table.enter(place, tag, index);
            Ok((index, record.bytes()))
        }
    }

    /// How many texts the newest table takes.
    fn table_capacity(&self) -> usize {
        // SAFETY: tables stay (N7).
        (self.table()).map_or(0, |table| unsafe { table.capacity() })
    }

    /// Makes a table for so many texts in all, and publishes it.
    #[cold]
    #[inline(never)]
    fn grow(&self, writer: &mut Writer<A>, count: usize) -> Result<Table, Failure> {
        // Twice as many, so that all tables that are kept are smaller than the one in use.
        let wanted = self.table_capacity().saturating_mul(2);
        let groups = Table::groups_for(wanted, count).ok_or(Failure::TooLarge)?;
        let block = writer.allocate(Table::layout_of(groups)?)?;
        let len = self.writing.len.load(Ordering::Relaxed);
        let older = Table::from_ptr(self.table.load(Ordering::Relaxed));
        // SAFETY: the block has that layout, and nobody knows of it. The table takes more than there are, and nobody
        // adds any meanwhile (N5).
        let table = unsafe {
            let table = Table::new(block, groups, older);
            (self.entries.tags(len).enumerate())
                .for_each(|(index, tag)| table.enter(table.free(tag), tag, index));
            table.is_written();
            table
        };
        self.table.store(table.as_ptr(), Ordering::Release);
        Ok(table)
    }

    /// Gives back tables and buckets, of which none is in use.
    fn free_index(&mut self) {
        let mut table = Table::from_ptr(self.table.load(Ordering::Relaxed));
        self.table.store(ptr::null_mut(), Ordering::Relaxed);
        self.writing.len.store(0, Ordering::Relaxed);
        run_all(|| {
            // SAFETY: the tables and buckets can't be reached any more, and came from there.
            unsafe {
                if let Some(old) = table {
                    table = old.take_older();
                    let (block, layout) = old.end();
                    self.writer().deallocate(block, layout);
                    return true;
                }
                let Some((block, layout)) = self.entries.take() else {
                    return false;
                };
                self.writer().deallocate(block, layout);
                true
            }
        });
    }
}

#[allow(private_interfaces, private_bounds, reason = "as in the trait")]
impl<A: Allocator> sealed::Memory for Shared<A> {
    type From = A;

    fn new(Given(backing): Given<A>) -> Self {
        Shared {
            table: AtomicPtr::new(ptr::null_mut()),
            entries: Entries::new(),
            writing: Writing {
                len: AtomicUsize::new(0),
                guarded: Guarded::new(backing),
            },
        }
    }

    #[inline(always)]
    fn intern(&self, tag: u32, text: impl Source) -> Result<(usize, &[u8]), Failure> {
        match self.find(tag, text.bytes()) {
            Some(found) => Ok(found),
            None => self.insert(tag, text),
        }
    }

    #[inline(always)]
    fn look_up(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        self.find(tag, text)
    }

    #[inline(always)]
    fn text(&self, symbol: Symbol) -> Option<&[u8]> {
        self.text_at(symbol.index())
    }

    fn len(&self) -> usize {
        let mut len = self.writing.len.load(Ordering::Acquire);
        // A text can be seen before it is counted, and who has seen it shall find it counted.
        while self.text_at(len).is_some() {
            len += 1;
        }
        len
    }

    fn capacity(&self) -> usize {
        self.table_capacity().min(self.entries.capacity())
    }

    fn reserve(&self, count: usize, bytes: usize) -> Result<(), Failure> {
        let writer = &mut *self.lock();
        let len = self.writing.len.load(Ordering::Relaxed);
        let in_all = len.checked_add(count).ok_or(Failure::TooLarge)?;
        if in_all > self.table_capacity() {
            self.grow(writer, in_all)?;
        }
        let mut next = len;
        while next < in_all {
            next += 1 + (self.entries).prepare(next, |layout| writer.allocate(layout))?;
        }
        // Each has its length as well.
        let bytes = bytes.checked_add(count).ok_or(Failure::TooLarge)?;
        let layout = Layout::from_size_align(bytes, 1).map_err(|_| Failure::TooLarge)?;
        (writer.texts.try_reserve(bytes)).map_err(|_| Failure::Memory(layout))
    }

    fn held(&self) -> usize {
        self.lock().held()
    }

    fn set_limit(&self, limit: Option<usize>) {
        self.lock().set_limit(limit);
    }

    fn limit(&self) -> Option<usize> {
        self.lock().limit()
    }

    fn reset(&mut self) {
        let len = self.len();
        self.writing.len.store(0, Ordering::Relaxed);
        let mut older = None;
        // SAFETY: the table and the entries of all texts are there, and nobody else looks.
        unsafe {
            if let Some(table) = self.table() {
                older = table.take_older();
                table.clear();
            }
            self.entries.clear(len);
        }
        let writer = self.writer();
        // The texts also if the backing allocator panics over a table.
        let mut is_done = false;
        run_all(|| {
            if let Some(table) = older {
                // SAFETY: the table can't be reached any more, and came from there.
                unsafe {
                    older = table.take_older();
                    let (block, layout) = table.end();
                    writer.deallocate(block, layout);
                }
                return true;
            }
            if !is_done {
                is_done = true;
                writer.texts.reset();
            }
            false
        });
        writer.share_limit();
    }

    fn frozen(&mut self) -> Result<Block, Failure> {
        let texts = (0..self.len()).map_while(|index| self.text_at(index));
        // SAFETY: nobody else has the interner.
        let tags = unsafe { self.entries.tags(self.len()) }.zip(0..);
        Block::make(texts, tags, self.lock().texts.allocator())
    }

    fn origin(&mut self) -> &A {
        self.writer().texts.allocator()
    }

    fn release(&mut self) {
        let mut steps = 0..2;
        run_all(|| {
            match steps.next() {
                Some(0) => self.free_index(),
                Some(_) => self.writer().texts.reset_with(Retain::Nothing),
                None => return false,
            }
            true
        });
    }

    fn into_backing(mut self) -> A {
        self.release();
        let shared = ManuallyDrop::new(self);
        // SAFETY: it is not used again, nor dropped, and nothing else in it has a destructor.
        let guarded = unsafe { (&raw const shared.writing.guarded).read() };
        guarded.into_inner().texts.into_allocator()
    }
}

impl<A: Allocator> Drop for Shared<A> {
    fn drop(&mut self) {
        self.free_index();
    }
}
