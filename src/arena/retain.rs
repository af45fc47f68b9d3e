//! Giving everything back, and how much memory is kept when that is done.

use allocator_api2::alloc::Allocator;

use super::chunk::{Chain, Chunk, HEADER, walk};
use super::{Arena, math};

/// How much memory [`Arena::reset_with`] keeps.
///
/// ```
/// use arenula::{Arena, Retain};
///
/// let mut arena = Arena::new();
/// for i in 0..1000_u64 {
///     arena.alloc(i);
/// }
/// let held = arena.capacity();
///
/// arena.reset_with(Retain::All);
/// assert_eq!(arena.capacity(), held);
/// arena.reset_with(Retain::UpTo(4096));
/// assert!(arena.capacity() <= 4096);
/// arena.reset_with(Retain::Nothing);
/// assert_eq!(arena.capacity(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Retain {
    /// Every chunk, as it is: the next use takes the same chunks in the same order, and calls the
    /// backing allocator for nothing that fitted before.
    All,
    /// The largest chunk.
    Largest,
    /// Chunks that hold as many bytes together or fewer, the newest first.
    UpTo(usize),
    /// No memory at all.
    Nothing,
}

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Gives back all that was allocated, and keeps memory for as much again, in one chunk.
    ///
    /// A steady workload is served from that chunk from then on, and the backing allocator is not
    /// called any more. Where several chunks can't be replaced by one, the largest is kept; where
    /// the limit has no room for old and new at the same time, the old ones are freed first.
    ///
    /// How much is kept follows a mark: the highest use seen, which loses a sixteenth of itself at
    /// each reset. A chunk more than half again as large as the mark asks for (and larger than
    /// 4 KiB) is replaced by a smaller one, so that what a burst needed is given back within a few
    /// dozen resets.
    ///
    /// ```
    /// let mut arena = arenula::Arena::new();
    /// for round in 0..3 {
    ///     for i in 0..10_000_u64 {
    ///         arena.alloc(i);
    ///     }
    ///     assert_eq!(arena.stats().chunks == 1, round > 0);
    ///     arena.reset();
    /// }
    /// ```
    #[inline]
    pub fn reset(&mut self) {
        self.note_usage();
        let Some(chunk) = self.chunk.get() else {
            return self.mark.set(math::decayed(self.mark.get()));
        };
        // SAFETY: the chunk is live (I2), and `&mut self` says that nobody can reach what lies in it or
        // in those below (I4).
        unsafe {
            if chunk.header().below.get().is_none() {
                self.rewind_in_chunk(chunk, chunk.start());
            } else {
                self.scrub_above(None);
                self.regroup_all();
            }
        }
        self.ease();
    }

    /// Lets the mark fade, at the end of a round of work (a reset, an outermost scope), and gives back
    /// what is too much by it.
    #[inline]
    pub(super) fn ease(&self) {
        let Some(chunk) = self.chunk.get() else {
            return;
        };
        let in_use = self.allocated_bytes();
        let above = self.mark.get().saturating_sub(in_use);
        self.mark.set(in_use + math::decayed(above));
        // SAFETY: the chunks are live (I2).
        unsafe {
            let spare = chunk.header().spare.get();
            let idle = if in_use == 0 { Some(chunk) } else { spare };
            let Some(idle) = idle else { return };
            if (in_use == 0 && spare.is_some())
                || math::is_too_large(HEADER, idle.size(), above)
                || idle.size() > self.limit.get()
            {
                self.ease_slow(above);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn ease_slow(&self, need: usize) {
        let in_use = self.allocated_bytes() != 0;
        let floor = self.chunk.get().filter(|_| in_use);
        // SAFETY: nothing is in use above the floor: without one nothing is at all.
        unsafe {
            let idle = self.detach(floor);
            self.attach(self.settle(idle, need));
        }
    }

    /// Makes one chunk of all, with room for as much as the mark says.
    ///
    /// # Safety
    ///
    /// Nobody can reach what lies in the arena (I4).
    #[cold]
    #[inline(never)]
    unsafe fn regroup_all(&self) {
        // SAFETY: as promised.
        unsafe {
            let chunks = self.detach(None);
            self.attach(self.settle(chunks, self.mark.get()));
        }
    }

    /// Gives back all that was allocated, and keeps as much memory as `retain` says.
    ///
    /// ```
    /// use arenula::{Arena, Retain};
    ///
    /// let mut arena = Arena::with_capacity(1 << 20);
    /// arena.alloc_str("the last request for today");
    /// arena.reset_with(Retain::Nothing);
    /// assert_eq!(arena.capacity(), 0);
    /// ```
    pub fn reset_with(&mut self, retain: Retain) {
        self.note_usage();
        let mark = match retain {
            Retain::Nothing => 0,
            _ => math::decayed(self.mark.get()),
        };
        self.mark.set(mark);
        self.scrub_above(None);
        // In this order the chunk that was made first comes first.
        // SAFETY: `&mut self` says that nobody can reach what lies in the chunks (I4).
        let mut chunks = unsafe { self.detach(None) };
        // SAFETY: the chunks are unlinked, and `&mut self` says that nobody can reach what lies in
        // them (I4). Kept ones are opened in an arena without a chunk, or become spares.
        unsafe {
            match retain {
                Retain::All => {}
                Retain::Largest => {
                    let largest = Self::take_largest(&mut chunks);
                    self.free(chunks);
                    chunks = largest.map_or(Chain(None), |chunk| Chain::of(chunk));
                }
                Retain::UpTo(bytes) => {
                    let (mut kept, mut dropped, mut left) = (Chain(None), Chain(None), bytes);
                    let mut newest_first = Chain(None);
                    while let Some(chunk) = chunks.pop() {
                        newest_first.push(chunk);
                    }
                    while let Some(chunk) = newest_first.pop() {
                        match left.checked_sub(chunk.size()) {
                            Some(rest) => {
                                left = rest;
                                kept.push(chunk);
                            }
                            None => dropped.push(chunk),
                        }
                    }
                    chunks = kept;
                    self.free(dropped);
                }
                Retain::Nothing => {
                    self.free(chunks);
                    return;
                }
            }
            if let Some(first) = chunks.pop() {
                self.open(first);
                first.header().spare.set(chunks.0);
            }
        }
    }

    /// Makes one chunk of the right size out of `chunks`, for a need of `need` bytes.
    ///
    /// # Safety
    ///
    /// The chunks came from the backing allocator, are live, linked nowhere, and nobody can reach what
    /// lies in them. What is returned is live and empty, and linked nowhere.
    pub(super) unsafe fn settle(&self, mut chunks: Chain, need: usize) -> Option<Chunk> {
        // SAFETY: as promised by the caller; of the chunks just one is kept in hand, the rest are
        // given back. Each is unlinked before the backing allocator is called (I5).
        unsafe {
            let largest = Self::take_largest(&mut chunks)?;
            self.free(chunks);
            let size = largest.size();
            let room = self.allowance();
            let right = math::right_size(HEADER, need)
                .unwrap_or(usize::MAX)
                .min(room);
            let is_enough = size - HEADER >= need || size >= right;
            if size <= room && is_enough && !math::is_too_large(HEADER, size, need) {
                return Some(largest);
            }
            if right < HEADER {
                self.free(Chain::of(largest));
                return None;
            }
            let step = largest.header().step.get().max(math::step_after(right));
            if size > room - right {
                // The limit has no room for both.
                self.free(Chain::of(largest));
                return self.request(right, math::CHUNK_ALIGN, step);
            }
            let Some(merged) = self.request(right, math::CHUNK_ALIGN, step) else {
                return Some(largest);
            };
            self.free(Chain::of(largest));
            Some(merged)
        }
    }

    /// Makes an empty chunk the current one, or a spare if there is a current one.
    ///
    /// # Safety
    ///
    /// The chunk came from the backing allocator, is live, empty, and linked nowhere.
    pub(super) unsafe fn attach(&self, chunk: Option<Chunk>) {
        let Some(chunk) = chunk else { return };
        // SAFETY: as promised; the current chunk is live (I2).
        unsafe {
            match self.chunk.get() {
                None => self.open(chunk),
                Some(current) => {
                    let current = current.header();
                    let mut spares = Chain(current.spare.take());
                    spares.push(chunk);
                    current.spare.set(spares.0);
                }
            }
        }
    }

    /// Takes the largest chunk out of a chain.
    ///
    /// # Safety
    ///
    /// The chunks of the chain are live.
    unsafe fn take_largest(chunks: &mut Chain) -> Option<Chunk> {
        // SAFETY: the chunks are live.
        unsafe {
            let largest = walk(chunks.0).max_by_key(|chunk| chunk.size())?;
            chunks.take(|chunk| chunk == largest)
        }
    }
}
