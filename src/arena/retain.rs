//! Giving everything back, and how much memory is kept when that is done.

use core::mem;

use allocator_api2::alloc::Allocator;

use super::chunk::{COUNTING, Chain, Chunk, HEADER, PATIENCE, walk};
use super::refill::InHand;
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
    /// backing allocator for nothing that fitted before. (The arena's limit, if it was lowered, still
    /// holds; this and [`Largest`](Retain::Largest) then keep nothing larger.)
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
    /// What a burst needed is not held for ever. Every eight rounds of work, of which each ends with a
    /// reset or with a scope that is not inside another, a chunk of more than 4 KiB of which less than
    /// five eighths was used in all of them is replaced by one of that size. So half of a burst's memory
    /// is back after some twenty rounds, and nine tenths after fifty. (A scope does not count where the
    /// arena has one chunk that stays anyway, because it is small or something was in use in it before.)
    /// Who uses an arena neither with
    /// resets nor with scopes says with [`reset_with`](Arena::reset_with) what it should let go.
    ///
    /// ```
    /// let mut arena = arenula::Arena::new();
    /// for round in 0..3 {
    ///     for i in 0..1000_u64 {
    ///         arena.alloc(i);
    ///     }
    ///     assert_eq!(arena.stats().chunks == 1, round > 0);
    ///     arena.reset();
    /// }
    /// ```
    #[inline]
    pub fn reset(&mut self) {
        self.empty();
        if let Some(chunk) = self.chunk.get() {
            self.end_round(chunk);
        }
    }

    /// [`reset`](Arena::reset) that counts no round: what is in one chunk then stays.
    #[inline]
    pub(crate) fn empty(&mut self) {
        self.note_usage();
        if let Some(chunk) = self.chunk.get() {
            // SAFETY: the chunk is live (I2), and `&mut self` says that nobody can reach what lies in it
            // or in those below (I4).
            unsafe {
                if chunk.is_alone() {
                    self.rewind_in_chunk(chunk, chunk.start());
                } else {
                    self.scrub_above(None);
                    self.regroup(None);
                }
            }
        }
    }

    /// Counts the rounds of work: resets, and outermost scopes, but those that `calm_from` excepts.
    /// `chunk` is the current one.
    #[inline(always)]
    pub(super) fn end_round(&self, chunk: Chunk) {
        // SAFETY: the chunk is live (I2).
        let patience = unsafe { &chunk.header().patience };
        let left = patience.get().wrapping_sub(1);
        patience.set(left);
        if left == 0 {
            self.review(chunk);
        }
    }

    /// Looks at whether the arena holds too much, after some rounds of work.
    #[cold]
    #[inline(never)]
    fn review(&self, current: Chunk) {
        // SAFETY: the chunks are live (I2). Nothing is in use above the floor; without one nothing is
        // at all (I4). The end stays above the cursor, in the chunk (I1).
        unsafe {
            current.header().patience.set(PATIENCE);
            let is_empty = self.allocated_bytes() == 0;
            let floor = if is_empty { None } else { Some(current) };
            let spare = self.spares();
            let unused = if is_empty { Some(current) } else { spare };
            if let Some(unused) = unused {
                let (room, enough) = (unused.room(), math::enough_use(unused.room()));
                let was_needed = unused.header().is_needed.replace(false);
                if unused.size() > self.limit.get() || (is_empty && !current.is_alone()) {
                    return self.regroup(floor);
                }
                if !was_needed && enough < room {
                    let chunks = self.detach(floor);
                    self.set_mark(0);
                    return self.replace(chunks, HEADER + enough);
                }
            }
            if self.cursor.get().addr().get() <= current.soft_end() {
                self.end.set(current.soft_end());
            }
            current.calm_down(self.limit.get());
        }
    }

    /// Makes one chunk of all above `floor`, with room for as much as was used of them.
    ///
    /// # Safety
    ///
    /// Nobody can reach what lies in them (I4). `floor` is one of the chunks in use.
    #[cold]
    #[inline(never)]
    unsafe fn regroup(&self, floor: Option<Chunk>) {
        // SAFETY: as promised.
        unsafe {
            let mark = self.mark();
            let chunks = self.detach(floor);
            let need = mark.saturating_sub(self.allocated_bytes());
            self.set_mark(0);
            self.note_usage();
            self.settle(chunks, need);
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
        self.scrub_above(None);
        let limit = self.limit.get();
        let (bytes, is_one_enough) = match retain {
            Retain::All => (limit, false),
            Retain::Largest => (limit, true),
            Retain::UpTo(bytes) => (bytes.min(limit), false),
            Retain::Nothing => (0, false),
        };
        // SAFETY: `&mut self` says that nobody can reach what lies in the chunks (I4). They are unlinked,
        // sorted into those that are kept and those that are not, and linked or freed.
        unsafe {
            let mut chunks = self.detach(None);
            self.set_mark(0);
            let (mut kept, mut dropped) = (Chain(None), Chain(None));
            if is_one_enough {
                if let Some(largest) = Self::take_largest(&mut chunks) {
                    dropped = mem::replace(&mut chunks, Chain::of(largest));
                }
            }
            // The chain begins with the chunk that was made first: turned round, with the newest.
            let mut newest_first = Chain(None);
            while let Some(chunk) = chunks.pop() {
                newest_first.push(chunk);
            }
            let mut left = bytes;
            while let Some(chunk) = newest_first.pop() {
                match left.checked_sub(chunk.size()) {
                    Some(rest) => {
                        left = rest;
                        chunk.header().allocated_below.set(0);
                        kept.push(chunk);
                    }
                    None => dropped.push(chunk),
                }
            }
            if let Some(first) = kept.pop() {
                self.open(first);
                first.header().spare.set(kept.0);
            }
            self.free(dropped);
        }
    }

    /// Keeps one chunk, for a need of `need` bytes: the largest of `chunks`, or if that is too small a new
    /// one in the place of all.
    ///
    /// # Safety
    ///
    /// The chunks came from the backing allocator, are live, linked nowhere, and nobody can reach what
    /// lies in them.
    pub(super) unsafe fn settle(&self, mut chunks: Chain, need: usize) {
        // SAFETY: as promised; the chunks stay linked nowhere else.
        unsafe {
            let Some(largest) = Self::take_largest(&mut chunks) else {
                return;
            };
            chunks.push(largest);
            // What was reserved counts as used (see `reserve`).
            let reserved = walk(chunks.0)
                .map(|chunk| chunk.header().allocated_below.get())
                .max();
            let reserved = reserved.unwrap_or(0).saturating_sub(self.allocated_bytes());
            let need = need.max(reserved);
            // What is impossible is not asked for.
            let right = math::right_size(HEADER, need).unwrap_or(0);
            self.replace(chunks, right.max(largest.size()));
        }
    }

    /// Keeps one chunk of `size` bytes, or of what the limit admits: the first of `chunks` if it has that
    /// size, or else a new one in the place of all. Where there is no new one, the first is kept.
    ///
    /// # Safety
    ///
    /// As for [`settle`](Self::settle).
    unsafe fn replace(&self, mut chunks: Chain, size: usize) {
        // SAFETY: as promised by the caller. Each chunk is either attached, or freed by its owner in this
        // function when that returns or the backing allocator panics (I5).
        unsafe {
            let align = walk(chunks.0)
                .map(|chunk| chunk.layout().align())
                .filter(|&align| align <= math::LARGEST_KEPT_ALIGN)
                .fold(math::CHUNK_ALIGN, usize::max);
            let Some(first) = chunks.pop() else { return };
            let mut hand = InHand {
                arena: self,
                chunks: Chain::of(first),
            };
            self.free(chunks);
            let room = self.allowance();
            let size = size.min(room);
            if size == first.size() {
                return self.attach(hand.take());
            }
            if size < HEADER {
                return;
            }
            let step = math::step_after(size);
            if first.size() > room - size {
                // The limit has no room for both.
                drop(hand);
                return self.attach(self.request(size, align, step));
            }
            if let Some(new) = self.request(size, align, step) {
                self.attach(Some(new));
            } else if first.size() <= self.allowance() {
                self.attach(hand.take());
            }
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
                    chunk.header().allocated_below.set(0);
                    let current = current.header();
                    current.calm_from.set(COUNTING);
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
