//! Where chunks come from and go to: the slow path of an allocation, the limit, `reserve`.

use core::alloc::Layout;
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};

use super::chunk::{COUNTING, Chain, Chunk, HEADER, walk};
use super::error::{Failure, or_fail};
use super::math::Known;
use super::{Arena, dangling, math};

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Allocates where the current chunk has no room.
    #[cold]
    #[inline(never)]
    pub(super) fn refill(&self, layout: Layout) -> Option<NonNull<u8>> {
        // What most arenas do first: a block that the first chunk begins with, all sizes known.
        let (size, align) = (math::FIRST_STEP, math::CHUNK_ALIGN);
        let is_small = layout.size().wrapping_sub(1) < size - HEADER && layout.align() <= align;
        if self.chunk.get().is_some() || !is_small {
            return self.refill_more(layout, None);
        }
        let Some(chunk) = self.request(size, align, size) else {
            let needed = math::chunk_for(HEADER, layout.size(), align)?;
            let chunk = self.make_smaller_chunk(needed, size, align, size)?;
            return self.refill_more(layout, Some(chunk));
        };
        if self.chunk.get().is_some() {
            // The backing allocator used the arena (I5).
            return self.refill_more(layout, Some(chunk));
        }
        let used = math::round_up(layout.size(), MIN_ALIGN);
        // SAFETY: the chunk is live, empty and linked nowhere, and has room for what is used of it: its
        // start, at which the block stands, is a multiple of 16 (I1).
        unsafe {
            let block = chunk.at(chunk.start());
            let next = chunk.start() + used;
            self.chunk.set(Some(chunk));
            self.cursor.set(chunk.at(next));
            self.end.set(chunk.soft_end());
            self.high.set(next);
            self.peak.set(self.peak.get().max(used));
            Some(block)
        }
    }

    /// Allocates where the first chunk's short path is not the one: from `chunk` if there is one, which is
    /// live, empty and linked nowhere.
    #[inline(never)]
    fn refill_more(&self, layout: Layout, chunk: Option<Chunk>) -> Option<NonNull<u8>> {
        if layout.size() == 0 {
            // SAFETY: a layout's alignment is not 0.
            return Some(unsafe { dangling(layout.align()) });
        }
        let chunk = if let Some(chunk) = chunk {
            chunk
        } else if let Some(block) = self.bump_rest(layout) {
            return Some(block);
        } else if let Some(spare) = self.take_spare(layout) {
            spare
        } else {
            self.make_chunk(layout)?
        };
        // SAFETY: the chunk is live, empty and linked nowhere.
        unsafe { self.open(chunk) };
        let block = self
            .bump(layout, Known::Nothing)
            .or_else(|| self.bump_rest(layout));
        self.note_usage();
        block
    }

    /// Allocates behind the soft end of the current chunk.
    #[inline(never)]
    fn bump_rest(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the chunk is live (I2).
        let end = unsafe { self.chunk.get()?.end() };
        let (cursor, size, align) = (self.cursor.get(), layout.size(), layout.align());
        let cursor = cursor.addr().get();
        math::place::<MIN_ALIGN>(cursor, end, size, align, Known::Nothing)?;
        self.use_rest();
        self.bump(layout, Known::Nothing)
    }

    /// Frees the current chunk for use up to its end, and takes note that it is needed.
    ///
    /// Blocks that come and go in the same chunk leave no trace that a reset could see, and noting each
    /// would cost what this crate is there to save. So `end` stands at a part of the chunk first, and
    /// who passes by there is noted, once.
    pub(super) fn use_rest(&self) {
        if let Some(chunk) = self.chunk.get() {
            // SAFETY: the chunk is live (I2).
            unsafe {
                chunk.header().is_needed.set(true);
                self.end.set(chunk.end());
            }
        }
    }

    /// Makes sure that a request of `bytes` bytes, aligned to 16 at most, calls the backing allocator
    /// no more.
    ///
    /// The memory is added behind the current chunk, none of whose room is lost.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.alloc(1);
    /// arena.reserve(5000);
    /// let capacity = arena.capacity();
    /// arena.alloc_slice_fill_copy(5000, 0_u8);
    /// assert_eq!(arena.capacity(), capacity);
    /// ```
    pub fn reserve(&self, bytes: usize) {
        or_fail(self.make_room(bytes));
    }

    /// [`reserve`](Arena::reserve), or an error where there is no such memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(arena.try_reserve(500).is_ok());
    /// assert!(arena.try_reserve(5000).is_err());
    /// ```
    pub fn try_reserve(&self, bytes: usize) -> Result<(), AllocError> {
        Ok(self.make_room(bytes)?)
    }

    fn make_room(&self, bytes: usize) -> Result<(), Failure> {
        let layout = Layout::from_size_align(bytes, math::CHUNK_ALIGN)
            .ok()
            .filter(|layout| math::chunk_for(HEADER, layout.size(), math::CHUNK_ALIGN).is_some())
            .ok_or(Failure::TooLarge)?;
        if bytes == 0 || self.has_room_for(layout) {
            return Ok(());
        }
        let chunk = self.make_chunk(layout).ok_or(Failure::Memory(layout))?;
        // SAFETY: the chunk is live, linked nowhere and empty.
        unsafe {
            let header = chunk.header();
            // What was asked for counts as used, or it might be given back before it is.
            header.is_needed.set(true);
            let step = math::step_after(chunk.size()) as u32;
            header.step.set(header.step.get().max(step));
            let reserved = self.allocated_bytes().saturating_add(bytes);
            self.attach(Some(chunk));
            if self.chunk.get() != Some(chunk) {
                // A spare chunk has nothing below it: there stands what it was made for.
                header.allocated_below.set(reserved);
            }
        }
        Ok(())
    }

    /// Whether the current chunk or a spare one has room for `layout`. The one that has is then needed,
    /// if it will be used beyond its soft end.
    fn has_room_for(&self, layout: Layout) -> bool {
        let has_room = |chunk: Chunk, from: usize| {
            let (size, align) = (layout.size(), layout.align());
            // SAFETY: the chunks are live (I2).
            unsafe {
                let placed =
                    math::place::<MIN_ALIGN>(from, chunk.end(), size, align, Known::Nothing);
                if placed.is_some_and(|placed| placed.next > chunk.soft_end()) {
                    chunk.header().is_needed.set(true);
                }
                placed.is_some()
            }
        };
        let Some(current) = self.chunk.get() else {
            return false;
        };
        has_room(current, self.cursor.get().addr().get())
            // SAFETY: the chunks are live (I2).
            || unsafe { walk(self.spares()) }.any(|spare| has_room(spare, spare.start()))
    }

    /// Whether `f` says so of any chunk, in use or spare; it is given the start of what the chunk has for values.
    #[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
    pub(crate) fn any_chunk(&self, mut f: impl FnMut(*const u8) -> bool) -> bool {
        // SAFETY: the chunks are live (I2), and their starts lie in them.
        unsafe {
            (walk(self.chunk.get()).chain(walk(self.spares())))
                .any(|chunk| f(chunk.at(chunk.start()).as_ptr()))
        }
    }

    /// The first of the spare chunks.
    pub(super) fn spares(&self) -> Option<Chunk> {
        // SAFETY: the chunk is live (I2).
        unsafe { self.chunk.get()?.header() }.spare.get()
    }

    /// Unlinks the first spare chunk that has room for `layout`.
    fn take_spare(&self, layout: Layout) -> Option<Chunk> {
        let current = self.chunk.get()?;
        // SAFETY: the chunks are live (I2), and checking for room calls nobody.
        unsafe {
            let mut spares = Chain(current.header().spare.get());
            let spare = spares.take(|spare| spare.has_room_for::<MIN_ALIGN>(layout));
            current.header().spare.set(spares.0);
            spare
        }
    }

    /// Makes a chunk for `layout`, of the size that it is the turn of: as large as the limit and the
    /// backing allocator admit, down to what the request needs.
    fn make_chunk(&self, layout: Layout) -> Option<Chunk> {
        let align = layout.align().max(math::CHUNK_ALIGN);
        let needed = math::chunk_for(HEADER, layout.size(), align)?;
        // SAFETY: the chunk is live (I2).
        let step = self
            .chunk
            .get()
            .map_or(0, |chunk| unsafe { chunk.header() }.step.get());
        let step = math::next_step(step as usize);
        let size = needed.max(step);
        self.request(size, align, step)
            .or_else(|| self.make_smaller_chunk(needed, size, align, step))
    }

    /// Makes a chunk where one of `size` bytes was refused: a smaller one, down to `needed`; and if there
    /// is none, once more without the chunks in which nothing is in use.
    #[cold]
    #[inline(never)]
    fn make_smaller_chunk(
        &self,
        needed: usize,
        size: usize,
        align: usize,
        step: usize,
    ) -> Option<Chunk> {
        let was_asked_for = size <= self.allowance();
        let chunk = if !was_asked_for {
            self.request_between(needed, size, align, step)
        } else if size != needed {
            self.request_between(needed, needed.max(size / 2), align, step)
        } else {
            None
        };
        chunk.or_else(|| {
            // What nobody uses may be what stands in the way.
            let unused = self.unused();
            let is_admitted = needed <= self.allowance().saturating_add(unused);
            // Where it was not the limit, little would hardly help.
            let is_little = needed <= self.allowance() && unused < needed / 4;
            if !is_admitted || is_little {
                return None;
            }
            self.free_unused();
            self.request_between(needed, size, align, step)
        })
    }

    /// Asks for a chunk of at most `size` bytes, then for smaller ones, down to `needed`.
    fn request_between(
        &self,
        needed: usize,
        size: usize,
        align: usize,
        step: usize,
    ) -> Option<Chunk> {
        let mut size = math::round_down(size.min(self.allowance()), math::CHUNK_ALIGN);
        while size >= needed {
            if let Some(chunk) = self.request(size, align, step) {
                return Some(chunk);
            }
            if size == needed {
                break;
            }
            size = math::round_up(size / 2, math::CHUNK_ALIGN).max(needed);
        }
        None
    }

    /// The bytes of chunks in which nothing is in use.
    fn unused(&self) -> usize {
        if self.allocated_bytes() == 0 {
            return self.capacity();
        }
        // SAFETY: the chunks are live (I2).
        unsafe { walk(self.spares()).map(|spare| spare.size()).sum() }
    }

    /// Gives back the chunks in which nothing is in use.
    pub(crate) fn free_unused(&self) {
        let in_use = self.allocated_bytes() != 0;
        let floor = self.chunk.get().filter(|_| in_use);
        // SAFETY: nothing is in use above the floor, and without one nothing is at all.
        unsafe {
            let unused = self.detach(floor);
            self.free(unused);
        }
    }

    /// The bytes that may still be held under the limit, in whole units of a chunk's alignment.
    pub(super) fn allowance(&self) -> usize {
        let limit = self.limit.get();
        if limit == usize::MAX {
            return limit;
        }
        math::round_down(limit.saturating_sub(self.capacity()), math::CHUNK_ALIGN)
    }

    /// Asks the backing allocator for a chunk of `size` bytes, if the limit has room for it.
    #[inline(always)]
    pub(super) fn request(&self, size: usize, align: usize, step: usize) -> Option<Chunk> {
        let layout = Layout::from_size_align(size, align).ok()?;
        if size > self.allowance() {
            return None;
        }
        let block: NonNull<u8> = self.backing.allocate(layout).ok()?.cast();
        // The backing allocator may have used the arena, and its limit, meanwhile (I5).
        if !math::is_within_reach(block.addr().get(), size) || size > self.allowance() {
            // SAFETY: the block came from there, with this layout.
            unsafe { self.backing.deallocate(block, layout) };
            return None;
        }
        // SAFETY: the block is as `layout` says, and nobody else's; `size` is a multiple of the
        // chunks' alignment, and not smaller than a header, as all sizes that are asked for.
        Some(unsafe { Chunk::new(block, layout, step) })
    }

    /// Makes `chunk` the current one. Spare chunks stay spare.
    ///
    /// # Safety
    ///
    /// The chunk was made by this arena's backing allocator, is live, empty and linked nowhere.
    #[inline(always)]
    pub(super) unsafe fn open(&self, chunk: Chunk) {
        self.note_usage();
        // SAFETY: the chunk is live, as the one below it (I2), and empty.
        unsafe {
            let mark = self.mark();
            let header = chunk.header();
            let below = self.chunk.get();
            header.below.set(below);
            header.allocated_below.set(self.allocated_bytes());
            header.held.set(chunk.size());
            header.spare.set(None);
            header.calm_from.set(COUNTING);
            if let Some(below) = below {
                let below = below.header();
                header.held.set(below.held.get() + chunk.size());
                header.spare.set(below.spare.take());
                header.step.set(header.step.get().max(below.step.get()));
            }
            // Its start and end are multiples of every `MIN_ALIGN`, within reach since `request` (I1).
            self.cursor.set(chunk.at(chunk.start()));
            self.end.set(chunk.soft_end());
            self.chunk.set(Some(chunk));
            self.set_mark(mark);
        }
    }

    /// Takes all chunks above `floor` out of the arena, with the spare ones. `floor` becomes the
    /// current chunk, filled as far as it was when the next was opened.
    ///
    /// # Safety
    ///
    /// `floor` is one of the chunks in use, and nobody can reach what lies in those above it (I4).
    pub(super) unsafe fn detach(&self, floor: Option<Chunk>) -> Chain {
        let mut detached = Chain(None);
        // SAFETY: all chunks are live (I2), and nobody is called in between; `floor` is among them.
        // The bytes above its cursor were free when the next chunk was opened, and are again.
        unsafe {
            let mark = self.mark();
            if let Some(current) = self.chunk.get() {
                detached.0 = current.header().spare.take();
            }
            while self.chunk.get() != floor {
                let Some(top) = self.chunk.get() else { break };
                let header = top.header();
                let below = header.below.get();
                self.chunk.set(below);
                match below {
                    Some(below) => {
                        let filled =
                            header.allocated_below.get() - below.header().allocated_below.get();
                        self.cursor.set(below.at(below.start() + filled));
                        self.end.set(below.end());
                    }
                    None => {
                        self.cursor.set(Self::NOWHERE);
                        self.end.set(MIN_ALIGN);
                    }
                }
                // What is spare has nothing below it.
                header.allocated_below.set(0);
                detached.push(top);
            }
            self.set_mark(mark);
        }
        detached
    }

    /// Gives chunks back to the backing allocator.
    ///
    /// # Safety
    ///
    /// They came from there, are live, linked nowhere else, and nobody can reach what lies in them.
    pub(super) unsafe fn free(&self, chunks: Chain) {
        drop(InHand {
            arena: self,
            chunks,
        });
    }

    /// Sets how many bytes of chunks the arena may hold, headers included; `None` for no limit.
    ///
    /// The limit is exact: what would exceed it by one byte is refused. Memory in use that already
    /// exceeds it stays; spare chunks, and all if nothing is in use, are given back at once. (A backing
    /// allocator that uses the arena that it backs while it takes chunks back can be asked for more:
    /// the arena no longer holds those.)
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1024));
    /// assert!(arena.try_alloc([0_u8; 900]).is_ok());
    /// assert!(arena.try_alloc([0_u8; 900]).is_err());
    /// assert!(arena.capacity() <= 1024);
    /// ```
    pub fn set_limit(&self, limit: Option<usize>) {
        self.limit.set(limit.unwrap_or(usize::MAX));
        if self.capacity() > self.limit.get() {
            self.free_unused();
            // The next round's end looks at the rest.
            // SAFETY: the chunks are live (I2).
            unsafe {
                walk(self.chunk.get()).for_each(|chunk| {
                    chunk.header().patience.set(1);
                    chunk.header().calm_from.set(COUNTING);
                });
            }
        }
    }

    /// The bytes of chunks that the arena may hold.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.limit(), None);
    /// arena.set_limit(Some(1 << 20));
    /// assert_eq!(arena.limit(), Some(1 << 20));
    /// ```
    pub fn limit(&self) -> Option<usize> {
        Some(self.limit.get()).filter(|&limit| limit != usize::MAX)
    }
}

/// Chunks that belong to nobody but the code that holds them. Dropped, also by a panic, they go back to
/// the backing allocator.
///
/// Made only of chunks that came from there, are live, linked nowhere else, and in which nobody can
/// reach anything.
pub(super) struct InHand<'a, const MIN_ALIGN: usize, A: Allocator> {
    pub(super) arena: &'a Arena<MIN_ALIGN, A>,
    pub(super) chunks: Chain,
}

impl<const MIN_ALIGN: usize, A: Allocator> InHand<'_, MIN_ALIGN, A> {
    /// The first chunk, for somebody else to own.
    pub(super) fn take(&mut self) -> Option<Chunk> {
        // SAFETY: the chunks are live and ours.
        unsafe { self.chunks.pop() }
    }

    fn free_all(&mut self) {
        // SAFETY: the chunks are live and ours; none is touched after it was given back, and its layout
        // is the one that it was asked for with.
        unsafe {
            while let Some(chunk) = self.chunks.pop() {
                let layout = chunk.layout();
                self.arena.backing.deallocate(chunk.block(), layout);
            }
        }
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Drop for InHand<'_, MIN_ALIGN, A> {
    fn drop(&mut self) {
        /// Goes on where the backing allocator panicked.
        struct GoOn<'h, 'a, const MIN_ALIGN: usize, A: Allocator>(&'h mut InHand<'a, MIN_ALIGN, A>);
        impl<const MIN_ALIGN: usize, A: Allocator> Drop for GoOn<'_, '_, MIN_ALIGN, A> {
            fn drop(&mut self) {
                self.0.free_all();
            }
        }
        GoOn(self).0.free_all();
    }
}
