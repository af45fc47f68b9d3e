//! What an arena holds and has handed out.

use core::fmt;
use core::mem::MaybeUninit;
use core::slice;

use allocator_api2::alloc::Allocator;

use super::Arena;
use super::chunk::{Chunk, HEADER, walk};

/// What an arena holds and has handed out, in bytes. See [`Arena::stats`].
///
/// ```
/// let arena = arenula::Arena::new();
/// arena.alloc_str("twenty-one bytes long");
/// let stats = arena.stats();
/// assert_eq!(stats.allocated, 24);
/// assert_eq!(stats.capacity, 512);
/// assert_eq!(stats.chunks, 1);
/// assert_eq!(
///     stats.to_string(),
///     "24 bytes allocated (peak 24), 512 held in 1 chunk, 0 wasted"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stats {
    /// Bytes handed out and not given back, with the padding between them.
    pub allocated: usize,
    /// Bytes held: all chunks, with their headers.
    pub capacity: usize,
    /// Bytes that nobody can use before the next reset: the free ends of chunks that were left
    /// because the next request had no room in them.
    pub wasted: usize,
    /// The number of chunks.
    pub chunks: usize,
    /// The highest `allocated` seen at the end of a scope, a rewind, a reset, before and after a change
    /// of chunk, or at a call of [`Arena::stats`]. It never falls.
    pub peak: usize,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stats {
            allocated,
            capacity,
            wasted,
            chunks,
            peak,
        } = self;
        let plural = if *chunks == 1 { "" } else { "s" };
        write!(
            f,
            "{allocated} bytes allocated (peak {peak}), \
             {capacity} held in {chunks} chunk{plural}, {wasted} wasted"
        )
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// The arena's figures at this moment.
    ///
    /// ```
    /// let mut arena = arenula::Arena::new();
    /// arena.alloc([0_u8; 100]);
    /// assert_eq!(arena.stats().allocated, 104);
    /// arena.reset();
    /// assert_eq!(arena.stats().allocated, 0);
    /// assert_eq!(arena.stats().peak, 104);
    /// ```
    pub fn stats(&self) -> Stats {
        self.note_usage();
        let (mut wasted, mut chunks) = (0, 0);
        self.for_each_chunk(|chunk, usage| {
            chunks += 1;
            if let Usage::Left(used) = usage {
                // SAFETY: the chunk is live (I2).
                wasted += unsafe { chunk.size() } - HEADER - used;
            }
        });
        Stats {
            allocated: self.allocated_bytes(),
            capacity: self.capacity(),
            wasted,
            chunks,
            peak: self.peak.get(),
        }
    }

    /// The bytes handed out and not given back, with the padding between them.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.alloc(1_u8);
    /// assert_eq!(arena.allocated_bytes(), 8);
    /// ```
    #[inline]
    pub fn allocated_bytes(&self) -> usize {
        match self.chunk.get() {
            // SAFETY: the chunk is live (I2), and the cursor not below its start.
            Some(chunk) => unsafe {
                chunk.header().allocated_below.get()
                    + (self.cursor.get().addr().get() - chunk.start())
            },
            None => 0,
        }
    }

    /// The bytes held: all chunks, with their headers.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.capacity(), 0);
    /// arena.alloc(1_u8);
    /// assert_eq!(arena.capacity(), 512);
    /// ```
    pub fn capacity(&self) -> usize {
        // SAFETY: the chunks are live (I2).
        self.chunk.get().map_or(0, |chunk| unsafe {
            let spares: usize = walk(self.spares()).map(|spare| spare.size()).sum();
            chunk.header().held.get() + spares
        })
    }

    /// Whether `pointer` points into memory that is handed out.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let inside = arena.alloc(1_u64) as *const u64;
    /// assert!(arena.contains(inside));
    /// assert!(!arena.contains(inside.wrapping_add(1)));
    /// assert!(!arena.contains(&2_u64));
    /// ```
    pub fn contains<T: ?Sized>(&self, pointer: *const T) -> bool {
        let addr = pointer.cast::<u8>().addr();
        let mut found = false;
        self.for_each_chunk(|chunk, usage| {
            found |= (chunk.start()..chunk.start() + usage.used()).contains(&addr);
        });
        found
    }

    /// The memory handed out, chunk by chunk, the newest first.
    ///
    /// Blocks lie in a chunk in the order in which they were allocated, with padding between them.
    ///
    /// ```
    /// let mut arena = arenula::Arena::<1>::with_min_align();
    /// arena.alloc_str("one ");
    /// arena.alloc_str("two");
    /// let chunks: Vec<_> = arena.iter_chunks().collect();
    /// assert_eq!(chunks.len(), 1);
    /// assert_eq!(chunks[0].len(), 7);
    /// ```
    pub fn iter_chunks(&mut self) -> impl Iterator<Item = &[MaybeUninit<u8>]> {
        let mut used = self.allocated_bytes();
        let chunks = self.chunk.get();
        // SAFETY: the chunks are live (I2) and stay as they are while the arena is borrowed; what is
        // used of one ends at or below its end. Blocks can't be written to meanwhile: references to
        // them borrow the arena.
        unsafe {
            walk(chunks).map(move |chunk| {
                let below = chunk.header().allocated_below.get();
                let start = chunk.at(chunk.start()).cast().as_ptr();
                let slice = slice::from_raw_parts(start, used - below);
                used = below;
                slice
            })
        }
    }

    /// Draws the chunks, the newest first, when it is displayed.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.alloc([0_u8; 224]);
    /// assert_eq!(
    ///     arena.chunk_map().to_string(),
    ///     "[================................] 224 of 448 bytes\n"
    /// );
    /// ```
    pub fn chunk_map(&self) -> ChunkMap<'_, MIN_ALIGN, A> {
        ChunkMap(self)
    }

    /// Notes how much is handed out, for the peak and the mark.
    #[inline(always)]
    pub(super) fn note_usage(&self) {
        if self.has_more_usage() {
            self.note_more_usage();
        }
    }

    /// Whether more is handed out than was noted.
    #[inline(always)]
    pub(super) fn has_more_usage(&self) -> bool {
        self.cursor.get().addr().get() > self.high.get()
    }

    #[cold]
    #[inline(never)]
    fn note_more_usage(&self) {
        if self.chunk.get().is_some() {
            self.high.set(self.cursor.get().addr().get());
            self.peak.set(self.peak.get().max(self.allocated_bytes()));
        }
    }

    /// The highest use noted since chunks were last brought together: how much room these should have.
    ///
    /// Without a chunk there is none: whoever takes the last one off asks before.
    pub(super) fn mark(&self) -> usize {
        self.chunk.get().map_or(0, |chunk| {
            // SAFETY: the chunk is live (I2).
            let below = unsafe { chunk.header() }.allocated_below.get();
            below + (self.high.get() - chunk.start())
        })
    }

    /// Sets the mark, to no less than what lies in the chunks below the current one.
    pub(super) fn set_mark(&self, mark: usize) {
        self.high.set(self.chunk.get().map_or(0, |chunk| {
            // SAFETY: the chunk is live (I2).
            let below = unsafe { chunk.header() }.allocated_below.get();
            chunk.start().saturating_add(mark.saturating_sub(below))
        }));
    }

    /// The room in the chunk that is the `n`th from the newest one, and what is used of it.
    fn nth_chunk(&self, n: usize) -> Option<(usize, Usage)> {
        let (mut i, mut found) = (0, None);
        self.for_each_chunk(|chunk, usage| {
            if i == n {
                // SAFETY: the chunk is live (I2).
                found = Some((unsafe { chunk.size() } - HEADER, usage));
            }
            i += 1;
        });
        found
    }

    /// Calls `look` with each chunk, the newest first, the spare ones last. `look` leaves the arena
    /// alone.
    fn for_each_chunk(&self, mut look: impl FnMut(Chunk, Usage)) {
        let mut allocated = self.allocated_bytes();
        // SAFETY: the chunks are live (I2), and nothing is called that could change them.
        unsafe {
            for chunk in walk(self.chunk.get()) {
                let below = chunk.header().allocated_below.get();
                let used = allocated - below;
                allocated = below;
                if Some(chunk) == self.chunk.get() {
                    look(chunk, Usage::Current(used));
                } else {
                    look(chunk, Usage::Left(used));
                }
            }
            for chunk in walk(self.spares()) {
                look(chunk, Usage::Spare);
            }
        }
    }
}

/// How far a chunk is used.
#[derive(Clone, Copy)]
enum Usage {
    Current(usize),
    Left(usize),
    Spare,
}

impl Usage {
    fn used(self) -> usize {
        match self {
            Usage::Current(used) | Usage::Left(used) => used,
            Usage::Spare => 0,
        }
    }
}

/// A drawing of an arena's chunks, made by [`Arena::chunk_map`]: a line for each, with how much of
/// its memory is handed out.
pub struct ChunkMap<'a, const MIN_ALIGN: usize, A: Allocator>(&'a Arena<MIN_ALIGN, A>);

impl<const MIN_ALIGN: usize, A: Allocator> fmt::Display for ChunkMap<'_, MIN_ALIGN, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 32;
        // What is written to may live in this very arena, and change it line by line (I5).
        for n in 0..self.0.stats().chunks {
            let Some((size, usage)) = self.0.nth_chunk(n) else {
                break;
            };
            let used = usage.used();
            let filled = (used as u128 * WIDTH as u128 / size.max(1) as u128) as usize;
            let note = match usage {
                Usage::Current(_) => "",
                Usage::Left(_) => ", left",
                Usage::Spare => ", spare",
            };
            writeln!(
                f,
                "[{:=<filled$}{:.<empty$}] {used} of {size} bytes{note}",
                "",
                "",
                empty = WIDTH - filled,
            )?;
        }
        Ok(())
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> fmt::Debug for ChunkMap<'_, MIN_ALIGN, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> fmt::Debug for Arena<MIN_ALIGN, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena")
            .field("min_align", &MIN_ALIGN)
            .field("limit", &self.limit())
            .field("stats", &self.stats())
            .finish()
    }
}
