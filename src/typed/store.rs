//! The memory of a typed arena: chunks of slots, filled one after the other.

use core::alloc::Layout;
use core::cell::Cell;
use core::num::NonZeroUsize;
use core::panic::RefUnwindSafe;
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use super::Glue;
use crate::arena::{Failure, math};
use crate::unwind::run_all;

/// What stands at the start of each chunk, before its slots.
struct Header {
    /// The chunk that comes after this one. The chunks after the current one are spare.
    next: Cell<Option<Chunk>>,
    /// The values in it, once it is not the current chunk any more.
    len: Cell<usize>,
    /// The slots in it.
    capacity: usize,
    /// What the backing allocator was asked for.
    layout: Layout,
    /// The first slot.
    start: NonNull<u8>,
}

// A panic can't leave a chunk in a state that matters (T6): neither can it what points to one.
impl RefUnwindSafe for Header {}

/// A pointer to a chunk, good for all of its bytes. Who may use it is what the invariants say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk(NonNull<Header>);

impl Chunk {
    /// # Safety
    ///
    /// The chunk stays live for `'a`.
    unsafe fn header<'a>(self) -> &'a Header {
        // SAFETY: a live chunk has a header, of which only shared references are ever made.
        unsafe { self.0.as_ref() }
    }

    /// The first slot.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn start(self) -> NonNull<u8> {
        // SAFETY: the chunk is live.
        unsafe { self.header() }.start
    }

    /// The number of slots.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn capacity(self) -> usize {
        // SAFETY: the chunk is live.
        unsafe { self.header() }.capacity
    }
}

/// The chunks of a typed arena and the values in them, whose type it knows by its [`Glue`] alone.
// The order of the fields is fixed for the reason that `Arena` gives.
#[repr(C)]
pub(super) struct Store<A: Allocator> {
    /// The next free slot.
    pub(super) cursor: Cell<NonNull<u8>>,
    /// The chunk that `cursor` is in.
    pub(super) chunk: Cell<Option<Chunk>>,
    /// Where the free slots end.
    pub(super) end: Cell<usize>,
    first: Cell<Option<Chunk>>,
    /// The bytes of all chunks, also of one that is linked nowhere yet.
    held: Cell<usize>,
    glue: &'static Glue,
    pub(super) backing: A,
}

impl<A: Allocator> Store<A> {
    /// An empty store for values of the type that `glue` is of.
    pub(super) const fn new(glue: &'static Glue, backing: A) -> Self {
        let nowhere = nowhere(glue);
        let end = if glue.layout.size() == 0 {
            usize::MAX
        } else {
            glue.layout.align()
        };
        Store {
            cursor: Cell::new(nowhere),
            chunk: Cell::new(None),
            end: Cell::new(end),
            first: Cell::new(None),
            held: Cell::new(0),
            glue,
            backing,
        }
    }

    /// The free slots behind the cursor.
    pub(super) fn room(&self) -> usize {
        let bytes = self.end.get() - self.cursor.get().addr().get();
        // Without a size, a slot counts as one byte (T5).
        bytes / self.glue.layout.size().max(1)
    }

    /// The values in the current chunk, or all if they have no size.
    fn filled(&self) -> usize {
        let cursor = self.cursor.get().addr().get();
        let Some(size) = NonZeroUsize::new(self.glue.layout.size()) else {
            // It is a number (T5).
            return cursor - 1;
        };
        self.chunk.get().map_or(0, |chunk| {
            // SAFETY: the chunk is live (T2).
            let start = unsafe { chunk.start() };
            (cursor - start.addr().get()) / size
        })
    }

    pub(super) fn len(&self) -> usize {
        let before = self
            .chunks()
            .take_while(|&chunk| Some(chunk) != self.chunk.get());
        // SAFETY: the chunks are live (T2).
        let before: usize = before
            .map(|chunk| unsafe { chunk.header() }.len.get())
            .sum();
        before + self.filled()
    }

    /// The values and the room for further ones.
    pub(super) fn capacity(&self) -> usize {
        // SAFETY: the chunks are live (T2).
        let spare: usize = self.spares().map(|spare| unsafe { spare.capacity() }).sum();
        self.len() + self.room() + spare
    }

    fn chunks(&self) -> impl Iterator<Item = Chunk> {
        after(self.first.get())
    }

    /// The chunks in which there is nothing yet.
    fn spares(&self) -> impl Iterator<Item = Chunk> {
        // SAFETY: the chunk is live (T2).
        let current = self.chunk.get().map(|chunk| unsafe { chunk.header() });
        after(current.and_then(|current| current.next.get()))
    }

    /// Goes on to a chunk with `count` free slots.
    #[cold]
    #[inline(never)]
    pub(super) fn refill(&self, count: usize) -> Result<(), Failure> {
        let chunk = self.take_chunk(count)?;
        // SAFETY: the chunk is live, empty and linked nowhere.
        unsafe { self.open(chunk) };
        Ok(())
    }

    /// An empty chunk with `count` slots or more, which is linked nowhere.
    pub(super) fn take_chunk(&self, count: usize) -> Result<Chunk, Failure> {
        match self.take_spare(count) {
            Some(spare) => Ok(spare),
            None => self.make_chunk(count),
        }
    }

    /// Links a chunk behind the current one, to be used next.
    ///
    /// # Safety
    ///
    /// The chunk was made by this store, is live, empty and linked nowhere.
    pub(super) unsafe fn add_spare(&self, chunk: Chunk) {
        // SAFETY: as promised; the current chunk is live (T2).
        unsafe {
            match self.chunk.get() {
                Some(current) => insert(chunk, current),
                None => self.open(chunk),
            }
        }
    }

    /// Makes sure that `count` more values find room.
    pub(super) fn reserve(&self, count: usize) -> Result<(), Failure> {
        if self.room() < count {
            let chunk = self.take_chunk(count)?;
            // SAFETY: the chunk is live, empty and linked nowhere.
            unsafe { self.add_spare(chunk) };
        }
        Ok(())
    }

    /// Unlinks the first spare chunk that has `count` slots.
    fn take_spare(&self, count: usize) -> Option<Chunk> {
        let mut before = self.chunk.get()?;
        for spare in self.spares() {
            // SAFETY: the chunks are live (T2).
            unsafe {
                if spare.capacity() >= count {
                    before.header().next.set(spare.header().next.take());
                    return Some(spare);
                }
            }
            before = spare;
        }
        None
    }

    /// Makes a chunk of `count` slots or more, which is linked nowhere yet.
    fn make_chunk(&self, count: usize) -> Result<Chunk, Failure> {
        let Some(size) = NonZeroUsize::new(self.glue.layout.size()) else {
            // Even of these there are no more than can be counted.
            return Err(Failure::TooLarge);
        };
        let align = self.glue.layout.align().max(align_of::<Header>());
        let head = math::round_up(size_of::<Header>(), self.glue.layout.align());
        let needed = (count.checked_mul(size.get()))
            .and_then(|bytes| bytes.checked_add(head))
            .ok_or(Failure::TooLarge)?;
        let least = Layout::from_size_align(needed, align).map_err(|_| Failure::TooLarge)?;
        // The step grows with what is held, as the chunks of an `Arena` do.
        let step = math::next_step(math::step_after(self.held.get())).max(math::FIRST_STEP);
        let count_in_step = step.saturating_sub(head) / size;
        let wanted = Layout::from_size_align(head + count_in_step * size.get(), align)
            .ok()
            .filter(|wanted| wanted.size() > needed);

        let (layout, block) = wanted
            .and_then(|layout| Some((layout, self.backing.allocate(layout).ok()?)))
            .or_else(|| Some((least, self.backing.allocate(least).ok()?)))
            .ok_or(Failure::Memory(least))?;
        let header = block.cast::<Header>();
        // SAFETY: the block is as large and aligned as `layout` says, and ours; `head` bytes from its
        // start the slots begin, of which there are as many as fit.
        unsafe {
            header.write(Header {
                next: Cell::new(None),
                len: Cell::new(0),
                capacity: (layout.size() - head) / size,
                layout,
                start: block.cast::<u8>().add(head),
            });
        }
        self.held.set(self.held.get() + layout.size());
        Ok(Chunk(header))
    }

    /// Makes `chunk` the current one.
    ///
    /// # Safety
    ///
    /// The chunk was made by this store, is live, empty and linked nowhere.
    pub(super) unsafe fn open(&self, chunk: Chunk) {
        // SAFETY: the chunks are live (T2).
        unsafe {
            match self.chunk.get() {
                Some(current) => {
                    current.header().len.set(self.filled());
                    insert(chunk, current);
                }
                None => self.first.set(Some(chunk)),
            }
            self.enter(chunk);
        }
    }

    /// Moves to the start of a chunk.
    ///
    /// # Safety
    ///
    /// The chunk is live, empty, and linked.
    unsafe fn enter(&self, chunk: Chunk) {
        // SAFETY: the chunk is live.
        let start = unsafe { chunk.start() };
        self.cursor.set(start);
        self.end.set(self.end_of(chunk));
        self.chunk.set(Some(chunk));
    }

    /// Where a chunk's slots end.
    pub(super) fn end_of(&self, chunk: Chunk) -> usize {
        // SAFETY: the chunk is live (T2, or because it is in the caller's hand).
        unsafe { chunk.start().addr().get() + chunk.capacity() * self.glue.layout.size() }
    }

    /// Gives a chunk back to the backing allocator.
    ///
    /// # Safety
    ///
    /// The chunk was made by this store, is live, linked nowhere, and not used again.
    unsafe fn free(&self, chunk: Chunk) {
        // SAFETY: as promised.
        unsafe {
            let layout = chunk.header().layout;
            self.held.set(self.held.get() - layout.size());
            self.backing.deallocate(chunk.0.cast(), layout);
        }
    }

    /// Takes all values out of the store, which is then empty and keeps its memory. Who holds the runs
    /// owns the values, and must be done with them before the store is used again.
    pub(super) fn take_all(&mut self) -> Runs {
        let runs = self.runs();
        match self.first.get() {
            // SAFETY: the chunk is live (T2), and what lies in it belongs to the runs.
            Some(first) => unsafe { self.enter(first) },
            None => self.cursor.set(nowhere(self.glue)),
        }
        runs
    }

    /// The values, where they lie.
    pub(super) fn runs(&self) -> Runs {
        let filled = self.filled();
        if let Some(current) = self.chunk.get() {
            // SAFETY: the chunk is live (T2).
            unsafe { current.header() }.len.set(filled);
        }
        Runs {
            next: self.first.get(),
            last: self.chunk.get(),
            without_size: if self.glue.layout.size() == 0 {
                filled
            } else {
                0
            },
            align: self.glue.layout.align(),
        }
    }

    /// Drops all values; if one of the destructors panics, the others still run.
    pub(super) fn clear(&mut self) {
        let runs = self.take_all();
        // SAFETY: the values are of the glue's type (T1, T3), and were taken out of the store.
        unsafe { self.glue.drop_runs(runs) };
    }

    /// Gives back the spare chunks.
    pub(super) fn free_spares(&mut self) {
        let Some(current) = self.chunk.get() else {
            return;
        };
        // SAFETY: the chunk is live (T2).
        let spares = unsafe { current.header() }.next.take();
        drop(Freeing(self, spares));
        if self.first.get() == Some(current) && self.filled() == 0 {
            // Nothing is in use at all.
            self.first.set(None);
            self.chunk.set(None);
            self.cursor.set(nowhere(self.glue));
            self.end.set(self.glue.layout.align());
            drop(Freeing(self, Some(current)));
        }
    }
}

impl<A: Allocator> Drop for Store<A> {
    fn drop(&mut self) {
        let first = self.first.get();
        // The values go first, in the order in which they came; the chunks also if a destructor panics.
        let runs = self.take_all();
        self.first.set(None);
        self.chunk.set(None);
        let freeing = Freeing(self, first);
        // SAFETY: the values are of the glue's type (T1, T3), and were taken out of the store.
        unsafe { freeing.0.glue.drop_runs(runs) };
    }
}

/// Chunks that go back to the backing allocator when this is dropped. They are live, linked to each
/// other alone, and nothing in them is used again.
struct Freeing<'a, A: Allocator>(&'a Store<A>, Option<Chunk>);

impl<A: Allocator> Drop for Freeing<'_, A> {
    fn drop(&mut self) {
        run_all(|| match self.1 {
            // SAFETY: the chunks are live until they are freed, each once.
            Some(chunk) => unsafe {
                self.1 = chunk.header().next.get();
                self.0.free(chunk);
                true
            },
            None => false,
        });
    }
}

/// Where the cursor of a store without a chunk stands: an address at which no memory is, and the count
/// of no values where they have no size (T5).
const fn nowhere(glue: &Glue) -> NonNull<u8> {
    let addr = if glue.layout.size() == 0 {
        1
    } else {
        glue.layout.align()
    };
    // SAFETY: an alignment is not 0.
    unsafe { NonNull::new_unchecked(core::ptr::without_provenance_mut(addr)) }
}

/// The chunks from `first` on.
fn after(first: Option<Chunk>) -> impl Iterator<Item = Chunk> {
    // SAFETY: the chunks are live (T2) as long as nobody is called who could free them.
    core::iter::successors(first, |chunk| unsafe { chunk.header() }.next.get())
}

/// Links `chunk` behind `before`.
///
/// # Safety
///
/// Both are live; `chunk` is linked nowhere.
unsafe fn insert(chunk: Chunk, before: Chunk) {
    // SAFETY: as promised.
    unsafe {
        let next = &before.header().next;
        chunk.header().next.set(next.get());
        next.set(Some(chunk));
    }
}

/// The places where a store's values lie, in order: the start of each run, and how many they are.
pub(super) struct Runs {
    next: Option<Chunk>,
    /// The last chunk that has values; what its header says is right as well.
    last: Option<Chunk>,
    /// The values that have no size, and so no place.
    without_size: usize,
    align: usize,
}

impl Runs {
    /// How many values are still to come.
    pub(super) fn len(&self) -> usize {
        let mut count = self.without_size;
        let (mut next, last) = (self.next, self.last);
        while let Some(chunk) = next {
            // SAFETY: as in `next`.
            let header = unsafe { chunk.header() };
            count += header.len.get();
            next = header.next.get().filter(|_| Some(chunk) != last);
        }
        count
    }
}

impl Iterator for Runs {
    type Item = (NonNull<u8>, usize);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Some(chunk) = self.next else {
            let count = core::mem::take(&mut self.without_size);
            let nowhere = NonNull::new(core::ptr::without_provenance_mut(self.align))?;
            return (count != 0).then_some((nowhere, count));
        };
        // SAFETY: the store is borrowed, or owned, by who uses the runs, and frees nothing meanwhile (T2).
        let header = unsafe { chunk.header() };
        self.next = header.next.get().filter(|_| Some(chunk) != self.last);
        Some((header.start, header.len.get()))
    }
}
