//! The memory of an interner for many threads.

use core::alloc::Layout;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};
use std::sync::PoisonError;

use allocator_api2::alloc::{Allocator, Global};

use super::Symbol;
use super::frozen::Block;
use super::memory::sealed::{self, Memory};
use super::record::{Record, Source, is_same_short};
use super::slots;
use crate::arena::{Arena, Failure, Retain};
use crate::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering};
use crate::typed::{BUCKETS, locate, max_len};
use crate::unwind::run_all;

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
    table: AtomicPtr<Table>,
    /// Where the texts are, by their numbers: buckets as those of a `FrozenArena`.
    buckets: [AtomicPtr<Entry>; BUCKETS],
    writing: Apart<Writing<A>>,
}

/// What has cache lines of its own.
#[repr(align(128))]
struct Apart<V>(V);

/// What changes with each text that is added.
struct Writing<A: Allocator> {
    len: AtomicUsize,
    /// Names the thread that has the lock; 0 if none has.
    owner: AtomicUsize,
    lock: Mutex<Writer<A>>,
}

/// What only the thread touches that adds a text.
struct Writer<A: Allocator> {
    texts: Arena<1, A>,
    /// The bytes of tables and buckets.
    index: usize,
    /// The bytes that may be held; `usize::MAX` for no limit.
    limit: usize,
}

/// What stands before the slots of a table.
struct Table {
    /// The number of slots.
    size: usize,
    /// The table that this one replaced.
    older: *mut Table,
    seen: Witness,
}

/// Where a text is; null if it was not published.
struct Entry {
    record: AtomicPtr<u8>,
    seen: Witness,
}

/// What the model checker watches in place of memory that it can't see.
#[derive(Default)]
struct Witness(#[cfg(loom)] loom::cell::UnsafeCell<()>);

impl Witness {
    /// The memory is written.
    #[inline(always)]
    fn write(&self) {
        #[cfg(loom)]
        self.0.with_mut(|_| ());
    }

    /// The memory is read.
    #[inline(always)]
    fn read(&self) {
        #[cfg(loom)]
        self.0.with(|_| ());
    }
}

impl Table {
    /// The block of a table with so many slots, and where in it they begin.
    fn layout(size: usize) -> Result<(Layout, usize), Failure> {
        (Layout::array::<AtomicU64>(size))
            .and_then(|slots| Layout::new::<Table>().extend(slots))
            .map_err(|_| Failure::TooLarge)
    }

    /// Where the slots of a table begin.
    const SLOTS: usize = size_of::<Table>().next_multiple_of(align_of::<AtomicU64>());

    /// # Safety
    ///
    /// The table is live for `'t`, and has that slot.
    #[inline(always)]
    unsafe fn slot<'t>(table: NonNull<Table>, position: usize) -> &'t AtomicU64 {
        // SAFETY: as promised.
        unsafe {
            let slots = table.byte_add(Self::SLOTS).cast::<AtomicU64>();
            slots.add(position).as_ref()
        }
    }

    /// # Safety
    ///
    /// The table is live.
    #[inline(always)]
    unsafe fn size(table: NonNull<Table>) -> usize {
        // SAFETY: as promised; a table that can be reached is not written but for its slots (N6).
        unsafe { table.as_ref() }.size
    }
}

/// The lock, had by this thread.
struct Locked<'s, A: Allocator> {
    writer: MutexGuard<'s, Writer<A>>,
    owner: &'s AtomicUsize,
}

impl<A: Allocator> Drop for Locked<'_, A> {
    fn drop(&mut self) {
        self.owner.store(0, Ordering::Relaxed);
    }
}

impl<A: Allocator> Deref for Locked<'_, A> {
    type Target = Writer<A>;

    fn deref(&self) -> &Writer<A> {
        &self.writer
    }
}

impl<A: Allocator> DerefMut for Locked<'_, A> {
    fn deref_mut(&mut self) -> &mut Writer<A> {
        &mut self.writer
    }
}

/// A number that no other living thread has.
fn this_thread() -> usize {
    std::thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| ptr::from_ref(here).addr())
}

impl<A: Allocator> Writer<A> {
    fn held(&self) -> usize {
        self.texts.capacity() + self.index
    }

    /// A block for a table or a bucket.
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        let allowance = match self.limit {
            usize::MAX => usize::MAX,
            limit => limit.saturating_sub(self.held()),
        };
        if layout.size() > allowance {
            return Err(Failure::Memory(layout));
        }
        let block = (self.texts.allocator().allocate(layout))
            .map_err(|_| Failure::Memory(layout))?
            .cast();
        self.index += layout.size();
        self.share_limit();
        Ok(block)
    }

    /// # Safety
    ///
    /// The block came from [`allocate`](Writer::allocate), with this layout, and is not used again.
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        self.index -= layout.size();
        // SAFETY: as promised.
        unsafe { self.texts.allocator().deallocate(block, layout) };
    }

    /// Leaves to the texts what the index does not hold.
    fn share_limit(&self) {
        if self.limit != usize::MAX || self.texts.limit().is_some() {
            let limit = Some(self.limit).filter(|&limit| limit != usize::MAX);
            (self.texts).set_limit(limit.map(|limit| limit.saturating_sub(self.index)));
        }
    }
}

impl<A: Allocator> Shared<A> {
    fn lock(&self) -> Locked<'_, A> {
        let Writing { owner, lock, .. } = &self.writing.0;
        // To the model checker all threads are one.
        let me = if cfg!(loom) { 0 } else { this_thread() };
        // No other thread stores this one's number.
        if me != 0 && owner.load(Ordering::Relaxed) == me {
            panic!("the backing allocator of a SyncInterner can't add to that interner");
        }
        // What panicked was the backing allocator, before anything was published.
        let writer = lock.lock().unwrap_or_else(PoisonError::into_inner);
        owner.store(me, Ordering::Relaxed);
        Locked { writer, owner }
    }

    /// The writer, without the lock.
    fn writer(&mut self) -> &mut Writer<A> {
        (self.writing.0.lock.get_mut()).unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest table that was published.
    #[inline(always)]
    fn table(&self) -> Option<NonNull<Table>> {
        let table = NonNull::new(self.table.load(Ordering::Acquire))?;
        // SAFETY: tables stay (N7).
        unsafe { table.as_ref() }.seen.read();
        Some(table)
    }

    /// Looks for a text in a table; answers the free slot where it belongs if it is not there.
    ///
    /// # Safety
    ///
    /// The table is one of this interner's.
    #[inline(always)]
    unsafe fn find_in(
        &self,
        table: NonNull<Table>,
        tag: u32,
        text: &[u8],
    ) -> Result<(usize, &[u8]), usize> {
        // SAFETY: as promised, and tables stay (N7); a table is searched within its slots.
        unsafe {
            slots::find(
                tag,
                Table::size(table),
                |position| Table::slot(table, position).load(Ordering::Relaxed),
                |index| {
                    let found = self.text_at(index)?;
                    (is_same_short(found, text) || found == text).then_some((index, found))
                },
            )
        }
    }

    /// The text with this number, if it is there.
    #[inline(always)]
    fn text_at(&self, index: usize) -> Option<&[u8]> {
        if index >= max_len(size_of::<Entry>()) {
            return None;
        }
        // SAFETY: it is less than the most. The bucket was published, and so was the record if it is not null; both
        // stay (N6, N7), as the text does (N3).
        unsafe {
            let (bucket, offset, _) = locate(index, size_of::<Entry>());
            let bucket = NonNull::new(self.buckets[bucket].load(Ordering::Acquire))?;
            let entry = bucket.add(offset).as_ref();
            let record = NonNull::new(entry.record.load(Ordering::Acquire))?;
            entry.seen.read();
            Some(Record(record).bytes())
        }
    }

    /// Looks for a text, without a lock.
    #[inline(always)]
    fn find(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        // SAFETY: the table is this interner's.
        unsafe { self.find_in(self.table()?, tag, text).ok() }
    }

    #[inline(never)]
    fn insert(&self, tag: u32, text: Source<'_>) -> Result<(usize, &[u8]), Failure> {
        let writer = &mut *self.lock();
        let index = self.writing.0.len.load(Ordering::Relaxed);
        let mut place = None;
        if let Some(table) = self.table() {
            // SAFETY: the table is this interner's.
            match unsafe { self.find_in(table, tag, text.bytes()) } {
                // Another thread was first.
                Ok(found) => return Ok(found),
                // SAFETY: tables stay (N7).
                Err(position) if index < slots::capacity(unsafe { Table::size(table) }) => {
                    place = Some((table, position));
                }
                Err(_) => {}
            }
        }
        let (table, position) = match place {
            Some(place) => place,
            None => {
                let table = self.grow(writer, index + 1)?;
                // SAFETY: the table is this interner's, is not full, and has a slot at every such position.
                unsafe {
                    let size = Table::size(table);
                    let mut position = slots::home(tag, size);
                    while Table::slot(table, position).load(Ordering::Relaxed) != 0 {
                        position = slots::next(position, size);
                    }
                    (table, position)
                }
            }
        };
        let entry = self.entry(writer, index)?;
        let size = text.size().ok_or(Failure::TooLarge)?;
        let layout = Layout::from_size_align(size, 1).map_err(|_| Failure::TooLarge)?;
        let block = (writer.texts.try_alloc_layout(layout)).map_err(|_| Failure::Memory(layout))?;
        // SAFETY: the block is new and of that size; the entry and the slot are there, and nobody is called from
        // here on. Each is written before it can be seen (N6).
        unsafe {
            let record = text.write(block);
            let entry = entry.as_ref();
            entry.seen.write();
            entry.record.store(record.0.as_ptr(), Ordering::Release);
            self.writing.0.len.store(index + 1, Ordering::Release);
            Table::slot(table, position).store(slots::slot(tag, index), Ordering::Relaxed);
            Ok((index, record.bytes()))
        }
    }

    /// The entry of the text that comes next, whose bucket is made if need be.
    fn entry(&self, writer: &mut Writer<A>, index: usize) -> Result<NonNull<Entry>, Failure> {
        if index >= max_len(size_of::<Entry>()) {
            return Err(Failure::TooLarge);
        }
        // SAFETY: it is less than the most.
        let (number, offset, entries) = unsafe { locate(index, size_of::<Entry>()) };
        let mut bucket = self.buckets[number].load(Ordering::Relaxed);
        if bucket.is_null() {
            let layout = Layout::array::<Entry>(entries).map_err(|_| Failure::TooLarge)?;
            bucket = writer.allocate(layout)?.as_ptr().cast();
            for offset in 0..entries {
                // SAFETY: the block has room for as many.
                unsafe {
                    bucket.add(offset).write(Entry {
                        record: AtomicPtr::new(ptr::null_mut()),
                        seen: Witness::default(),
                    });
                }
            }
            self.buckets[number].store(bucket, Ordering::Release);
        }
        // SAFETY: the bucket has that entry, and is somewhere.
        Ok(unsafe { NonNull::new_unchecked(bucket.add(offset)) })
    }

    /// Makes a table for so many texts in all, and publishes it.
    #[cold]
    #[inline(never)]
    fn grow(&self, writer: &mut Writer<A>, count: usize) -> Result<NonNull<Table>, Failure> {
        // Twice as many, so that all tables that are kept are smaller than the one in use.
        let wanted = self.capacity().saturating_mul(2);
        let size = slots::next_slots(wanted, count).ok_or(Failure::TooLarge)?;
        let (layout, slots_at) = Table::layout(size)?;
        debug_assert_eq!(slots_at, Table::SLOTS);
        let table = writer.allocate(layout)?.cast::<Table>();
        let older = self.table.load(Ordering::Relaxed);
        // SAFETY: the block is large enough for the header and as many slots, of which some stay free, and nobody
        // knows of it. The older table is live (N7), and not written meanwhile (N5).
        unsafe {
            table.write(Table {
                size,
                older,
                seen: Witness::default(),
            });
            for position in 0..size {
                let slot = table.byte_add(Table::SLOTS).cast::<AtomicU64>();
                slot.add(position).write(AtomicU64::new(0));
            }
            if let Some(older) = NonNull::new(older) {
                for slot in slots_of(older) {
                    let mut position = slots::home(slots::tag_of(slot), size);
                    while Table::slot(table, position).load(Ordering::Relaxed) != 0 {
                        position = slots::next(position, size);
                    }
                    Table::slot(table, position).store(slot, Ordering::Relaxed);
                }
            }
            table.as_ref().seen.write();
        }
        self.table.store(table.as_ptr(), Ordering::Release);
        Ok(table)
    }

    /// The tags and numbers of all texts, in no order.
    ///
    /// # Safety
    ///
    /// Nobody adds a text meanwhile.
    pub(super) unsafe fn tags(&self) -> impl Iterator<Item = (u32, usize)> {
        // SAFETY: the table is live (N7), and nobody writes to it, as promised.
        let slots = self.table().map(|table| unsafe { slots_of(table) });
        let taken = slots.into_iter().flatten();
        taken.map(|slot| (slots::tag_of(slot), slot as u32 as usize - 1))
    }

    /// Gives back tables and buckets, of which none is in use.
    fn free_index(&mut self) {
        let mut table = self.table.load(Ordering::Relaxed);
        self.table.store(ptr::null_mut(), Ordering::Relaxed);
        self.writing.0.len.store(0, Ordering::Relaxed);
        let mut number = 0;
        run_all(|| {
            // SAFETY: the tables and buckets can't be reached any more.
            unsafe {
                if let Some(old) = NonNull::new(table) {
                    table = old.as_ref().older;
                    free_table(self.writer(), old);
                    return true;
                }
                let Some(bucket) = self.buckets.get(number) else {
                    return false;
                };
                let entries = 1_usize << number;
                number += 1;
                let start = bucket.load(Ordering::Relaxed);
                bucket.store(ptr::null_mut(), Ordering::Relaxed);
                if let (Some(start), Ok(layout)) =
                    (NonNull::new(start), Layout::array::<Entry>(entries))
                {
                    NonNull::slice_from_raw_parts(start, entries).drop_in_place();
                    self.writer().deallocate(start.cast(), layout);
                }
                true
            }
        });
    }
}

/// The slots of a table that are taken.
///
/// # Safety
///
/// The table is live as long as this is used, and nobody writes to it.
unsafe fn slots_of(table: NonNull<Table>) -> impl Iterator<Item = u64> {
    // SAFETY: as promised.
    unsafe {
        (0..Table::size(table))
            .map(move |position| Table::slot(table, position).load(Ordering::Relaxed))
            .filter(|&slot| slot != 0)
    }
}

/// # Safety
///
/// The table is one of the writer's, and is not used again.
unsafe fn free_table<A: Allocator>(writer: &mut Writer<A>, table: NonNull<Table>) {
    // SAFETY: as promised.
    unsafe {
        let size = Table::size(table);
        let slots = table.byte_add(Table::SLOTS).cast::<AtomicU64>();
        NonNull::slice_from_raw_parts(slots, size).drop_in_place();
        table.drop_in_place();
        if let Ok((layout, _)) = Table::layout(size) {
            writer.deallocate(table.cast(), layout);
        }
    }
}

#[allow(private_interfaces, reason = "as in the trait")]
impl<A: Allocator> sealed::Memory for Shared<A> {
    type From = A;

    fn new(backing: A) -> Self {
        Shared {
            table: AtomicPtr::new(ptr::null_mut()),
            buckets: core::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
            writing: Apart(Writing {
                len: AtomicUsize::new(0),
                owner: AtomicUsize::new(0),
                lock: Mutex::new(Writer {
                    texts: Arena::with_min_align_in(backing),
                    index: 0,
                    limit: usize::MAX,
                }),
            }),
        }
    }

    #[inline(always)]
    fn intern(&self, tag: u32, text: Source<'_>) -> Result<(usize, &[u8]), Failure> {
        match self.find(tag, text.bytes()) {
            Some(found) => Ok(found),
            None => self.insert(tag, text),
        }
    }

    #[inline(always)]
    fn text(&self, symbol: Symbol) -> Option<&[u8]> {
        self.text_at(symbol.index())
    }

    fn len(&self) -> usize {
        let mut len = self.writing.0.len.load(Ordering::Acquire);
        // A text can be seen before it is counted, and who has seen it shall find it counted.
        while self.text_at(len).is_some() {
            len += 1;
        }
        len
    }

    fn reserve(&self, count: usize, bytes: usize) -> Result<(), Failure> {
        let writer = &mut *self.lock();
        let len = self.writing.0.len.load(Ordering::Relaxed);
        let in_all = len.checked_add(count).ok_or(Failure::TooLarge)?;
        if in_all > self.capacity() {
            self.grow(writer, in_all)?;
        }
        let mut next = len;
        while next < in_all {
            self.entry(writer, next)?;
            // SAFETY: there is an entry with this number.
            let (_, offset, entries) = unsafe { locate(next, size_of::<Entry>()) };
            next += entries - offset;
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
        let mut writer = self.lock();
        writer.limit = limit.unwrap_or(usize::MAX);
        writer.share_limit();
    }

    fn limit(&self) -> Option<usize> {
        Some(self.lock().limit).filter(|&limit| limit != usize::MAX)
    }

    fn reset(&mut self) {
        let len = self.len();
        self.writing.0.len.store(0, Ordering::Relaxed);
        // SAFETY: the table and the entries of all texts are there, and nobody else looks.
        unsafe {
            let mut older = ptr::null_mut();
            if let Some(mut table) = self.table() {
                older = core::mem::replace(&mut table.as_mut().older, ptr::null_mut());
                for position in 0..Table::size(table) {
                    Table::slot(table, position).store(0, Ordering::Relaxed);
                }
            }
            for index in 0..len {
                let (bucket, offset, _) = locate(index, size_of::<Entry>());
                let bucket = self.buckets[bucket].load(Ordering::Relaxed);
                (*bucket.add(offset))
                    .record
                    .store(ptr::null_mut(), Ordering::Relaxed);
            }
            let writer = self.writer();
            // The texts also if the backing allocator panics over a table.
            let mut is_done = false;
            run_all(|| {
                if let Some(table) = NonNull::new(older) {
                    older = table.as_ref().older;
                    free_table(writer, table);
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
        let lock = unsafe { (&raw const shared.writing.0.lock).read() };
        let writer = lock.into_inner().unwrap_or_else(PoisonError::into_inner);
        writer.texts.into_allocator()
    }

    #[inline(always)]
    fn look_up(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        self.find(tag, text)
    }

    fn capacity(&self) -> usize {
        // SAFETY: tables stay (N7).
        (self.table()).map_or(0, |table| slots::capacity(unsafe { Table::size(table) }))
    }

    fn frozen(&mut self) -> Result<Block, Failure> {
        // SAFETY: nobody else has the interner.
        let tags = unsafe { self.tags() };
        let texts = (0..self.len()).map_while(|index| self.text_at(index));
        Block::make(texts, tags, self.lock().texts.allocator())
    }
}

impl<A: Allocator> Drop for Shared<A> {
    fn drop(&mut self) {
        self.free_index();
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::super::Symbol;
    use super::super::SyncInterner;
    use core::hash::{BuildHasher, Hasher};
    use loom::sync::Arc;
    use loom::thread;

    /// Texts of the same first byte have the same hash.
    #[derive(Clone, Copy)]
    struct First;

    struct FirstHasher(u64);

    impl Hasher for FirstHasher {
        fn write(&mut self, bytes: &[u8]) {
            self.0 = bytes.first().copied().unwrap_or_default().into();
        }

        fn finish(&self) -> u64 {
            self.0
        }
    }

    impl BuildHasher for First {
        type Hasher = FirstHasher;

        fn build_hasher(&self) -> FirstHasher {
            FirstHasher(0)
        }
    }

    fn with(texts: &[&str]) -> Arc<SyncInterner<First>> {
        let interner = SyncInterner::with_hasher(First);
        for text in texts {
            interner.symbol(text);
        }
        Arc::new(interner)
    }

    /// What holds of an interner whenever nobody uses it.
    fn check(interner: &SyncInterner<First>, texts: &[&str]) {
        assert_eq!(interner.len(), texts.len());
        for text in texts {
            let symbol = interner.get_symbol(text).expect("no text is lost");
            assert_eq!(interner.resolve(symbol), *text);
        }
        assert_eq!(interner.iter().count(), texts.len());
    }

    #[test]
    fn insert_against_insert_of_the_same() {
        loom::model(|| {
            let interner = with(&[]);
            let other = interner.clone();
            let thread = thread::spawn(move || other.symbol("a"));
            let symbol = interner.symbol("a");
            assert_eq!(thread.join().unwrap(), symbol);
            check(&interner, &["a"]);
        });
    }

    #[test]
    fn insert_against_insert_of_another_in_the_same_place() {
        loom::model(|| {
            let interner = with(&[]);
            let other = interner.clone();
            let thread = thread::spawn(move || (other.symbol("ab"), other.symbol("a")));
            let symbol = interner.symbol("a");
            assert_eq!(thread.join().unwrap().1, symbol);
            check(&interner, &["a", "ab"]);
        });
    }

    // Of the two that meet, the one that reads is the thread that is started: so it finds all that was ever
    // written, from the oldest on.

    #[test]
    fn insert_against_resolve() {
        loom::model(|| {
            let interner = with(&[]);
            let other = interner.clone();
            let first = Symbol::from_index(0).unwrap();
            let thread = thread::spawn(move || {
                // There is no telling whether it is there, but if so, it is whole, and stays.
                if let Some(text) = other.get_text(first) {
                    assert_eq!(text, "a");
                    assert_eq!(other.get_text(first), Some("a"));
                }
            });
            assert_eq!(interner.symbol("a"), first);
            thread.join().unwrap();
            check(&interner, &["a"]);
        });
    }

    #[test]
    fn insert_against_len() {
        loom::model(|| {
            let interner = with(&["a"]);
            let other = interner.clone();
            let thread = thread::spawn(move || {
                // What is counted is there.
                let last = Symbol::from_index(other.len() - 1).unwrap();
                other.resolve(last).len()
            });
            interner.symbol("ab");
            assert!(thread.join().unwrap() <= 2);
            check(&interner, &["a", "ab"]);
        });
    }

    #[test]
    fn insert_against_symbol_and_len() {
        loom::model(|| {
            let interner = with(&["a"]);
            let other = interner.clone();
            let thread = thread::spawn(move || {
                // What was seen is counted.
                if let Some(symbol) = other.get_symbol("ab") {
                    assert!(other.len() > symbol.index());
                }
            });
            interner.symbol("ab");
            thread.join().unwrap();
            check(&interner, &["a", "ab"]);
        });
    }

    #[test]
    fn insert_against_iteration() {
        loom::model(|| {
            let interner = with(&["a"]);
            let other = interner.clone();
            let thread = thread::spawn(move || {
                let mut iter = other.iter();
                while let Some((symbol, _)) = iter.next() {
                    assert!(iter.size_hint().0 <= 1 - symbol.index());
                }
                // There are never three.
                assert!(other.iter().nth(2).is_none());
            });
            interner.symbol("ab");
            thread.join().unwrap();
            check(&interner, &["a", "ab"]);
        });
    }

    #[test]
    fn insert_against_look_up() {
        loom::model(|| {
            let interner = with(&[]);
            let other = interner.clone();
            let thread = thread::spawn(move || {
                if let Some(symbol) = other.get_symbol("a") {
                    assert_eq!((symbol.index(), other.resolve(symbol)), (0, "a"));
                }
            });
            interner.symbol("a");
            thread.join().unwrap();
            check(&interner, &["a"]);
        });
    }

    #[test]
    fn growth_against_look_up() {
        loom::model(|| {
            let texts = ["a", "b", "c", "d"];
            // One more is too many for the first table.
            assert_eq!(super::slots::capacity(super::slots::SMALLEST), 3);
            let interner = with(&texts[..3]);
            let other = interner.clone();
            let thread = thread::spawn(move || {
                // Either table has what was there before.
                assert_eq!(other.get_symbol("c").map(Symbol::index), Some(2));
                if let Some(symbol) = other.get_symbol("d") {
                    assert_eq!((symbol.index(), other.resolve(symbol)), (3, "d"));
                }
            });
            assert_eq!(interner.symbol("d").index(), 3);
            thread.join().unwrap();
            check(&interner, &texts);
        });
    }

    #[test]
    fn growth_against_insert() {
        loom::model(|| {
            let interner = with(&["a", "b", "c"]);
            let other = interner.clone();
            let thread = thread::spawn(move || other.symbol("d"));
            let symbol = interner.symbol("e");
            assert_ne!(thread.join().unwrap(), symbol);
            check(&interner, &["a", "b", "c", "d", "e"]);
        });
    }
}
