//! Memory for a while: scopes, which the borrow checker watches over, and checkpoints.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ops::Deref;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::Arena;
use super::chunk::{Chunk, walk};
use super::lend::lend_family;

/// A part of an arena's life: what is allocated in it is gone when it ends.
///
/// Lent by [`Arena::scope`] and [`Scope::scope`]. It allocates like the arena itself, with references
/// that live for `'s`, and derefs to the arena, so that code written for `&Arena` runs in a scope.
///
/// ```
/// use arenula::Arena;
///
/// let mut arena = Arena::new();
/// let kept = arena.scope(|outer| {
///     let name = outer.alloc_str("outer");
///     let length = outer.scope(|inner| {
///         let twice = inner.alloc_concat(&[name, name]);
///         twice.len()
///     });
///     name.len() + length
/// });
/// assert_eq!(kept, 15);
/// assert_eq!(arena.allocated_bytes(), 0);
/// ```
///
/// Nothing that was allocated in a scope leaves it:
///
/// ```compile_fail
/// let mut arena = arenula::Arena::new();
/// let dangling = arena.scope(|s| s.alloc(1));
/// ```
// Covariant in `'s`. It can't be swapped for the scope of another arena, nor outlive its own, because
// it is only ever lent as `&mut Scope<'_>` to a closure that must accept any lifetime: there is no way
// to make, clone or own one.
pub struct Scope<'s, const MIN_ALIGN: usize = 8, A: Allocator = Global> {
    arena: &'s Arena<MIN_ALIGN, A>,
}

/// A moment in an arena's life that [`Arena::rewind`] can bring back.
///
/// ```
/// use arenula::Arena;
///
/// let arena = Arena::new();
/// let start = arena.checkpoint();
/// arena.alloc(1);
/// // SAFETY: nobody uses what was allocated since.
/// unsafe { arena.rewind(start) };
/// assert_eq!(arena.allocated_bytes(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The address of the chunk that was in use; 0 if nothing was allocated, which is the same moment
    /// in any chunk.
    chunk: usize,
    /// Where the cursor stood; 0 if nothing was allocated.
    cursor: usize,
}

impl Checkpoint {
    /// Whether this can be a checkpoint in `chunk`.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    unsafe fn is_in<const MIN_ALIGN: usize>(self, chunk: Chunk) -> bool {
        // SAFETY: as promised.
        let end = unsafe { chunk.end() };
        chunk.start() <= self.cursor && self.cursor <= end && self.cursor % MIN_ALIGN == 0
    }
}

const FOREIGN: &str =
    "the checkpoint belongs to another arena, or the arena was reset since it was taken";

/// The address of a chunk, or 0: compared as such, two of them take one instruction.
#[inline(always)]
fn addr(chunk: Option<Chunk>) -> usize {
    chunk.map_or(0, Chunk::addr)
}

/// The start of a scope, and the guard that ends it where the scope's closure panics. (Small, and without
/// the short path that `finish` has, so that the compiler keeps it in registers.)
struct Start<'a, const MIN_ALIGN: usize, A: Allocator> {
    arena: &'a Arena<MIN_ALIGN, A>,
    /// The chunk, with what lay in those below, and the cursor.
    chunk: Option<Chunk>,
    allocated_below: usize,
    cursor: usize,
    is_outermost: bool,
}

impl<const MIN_ALIGN: usize, A: Allocator> Start<'_, MIN_ALIGN, A> {
    /// Ends the scope.
    #[inline(always)]
    fn finish(self) {
        let arena = self.arena;
        let start = ManuallyDrop::new(self);
        // SAFETY: all that was allocated since the scope's start was lent with the lifetime of a `Scope`
        // that has ended, or of a borrow of it, and the arena could not be reached in another way (I4).
        // A chunk that something lay in at the start is still there, unless that was given back by hand.
        // An empty one may have been given back; if another has its address, nothing below that is in
        // use either, or it is noticed: by what lies below, or because it is not calm, since one that
        // is has been there since before the scope. In any case the cursor only moves down, in its own chunk. Where
        // no more is in use than was noted there is a chunk, since without one `high` is 0.
        unsafe {
            if !arena.has_more_usage() && addr(start.chunk) == addr(arena.chunk.get()) {
                let chunk = start.chunk.unwrap_unchecked();
                let (header, below) = (chunk.header(), start.allocated_below);
                if start.is_outermost && start.cursor >= header.calm_from.get() {
                    return arena.rewind_in_chunk(chunk, start.cursor);
                }
                if header.allocated_below.get() == below {
                    arena.rewind_in_chunk(chunk, start.cursor);
                    if start.is_outermost {
                        arena.end_round(chunk);
                    }
                    return;
                }
            }
            drop(ManuallyDrop::into_inner(start));
        }
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Drop for Start<'_, MIN_ALIGN, A> {
    #[inline]
    fn drop(&mut self) {
        let (chunk, below) = (self.chunk, self.allocated_below);
        // SAFETY: as in `finish`.
        unsafe {
            self.arena
                .end_scope_slow(chunk, below, self.cursor, self.is_outermost);
        }
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Calls `f` with a [`Scope`]: what is allocated in it is given back when `f` returns or panics.
    ///
    /// ```
    /// let mut arena = arenula::Arena::new();
    /// let sum: u64 = arena.scope(|s| {
    ///     let numbers = s.alloc_iter((1..=100).filter(|n| n % 3 == 0));
    ///     numbers.iter().sum()
    /// });
    /// assert_eq!(sum, 1683);
    /// assert_eq!(arena.allocated_bytes(), 0);
    /// ```
    #[inline]
    pub fn scope<R>(&mut self, f: impl FnOnce(&mut Scope<'_, MIN_ALIGN, A>) -> R) -> R {
        scoped(self, true, f)
    }

    /// Remembers what is allocated at this moment.
    ///
    /// Prefer [`scope`](Arena::scope), which needs no promise from you.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let empty = arena.checkpoint();
    /// arena.alloc(1);
    /// assert_ne!(arena.checkpoint(), empty);
    /// ```
    #[inline]
    pub fn checkpoint(&self) -> Checkpoint {
        match self.chunk.get() {
            Some(chunk) if self.allocated_bytes() != 0 => Checkpoint {
                chunk: chunk.addr(),
                cursor: self.cursor.get().addr().get(),
            },
            _ => Checkpoint {
                chunk: 0,
                cursor: 0,
            },
        }
    }

    /// Gives back all that was allocated since `to`.
    ///
    /// If more has been given back already, nothing happens. One chunk with room for what was
    /// allocated since is kept for the next time, until a [`reset`](Arena::reset) or the end of a
    /// scope finds it too large.
    ///
    /// # Safety
    ///
    /// `to` is a checkpoint of this arena. Since it was taken the arena was not reset, not rewound to an
    /// earlier checkpoint (the end of a scope is a rewind to its start), and has not been empty,
    /// unless it was so then. If a scope is open, `to` was taken in the innermost one. Nothing that was
    /// allocated since is used any more; a block from before that grew since was allocated since.
    ///
    /// # Panics
    ///
    /// In debug builds, where `to` can be seen not to be such a checkpoint.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let kept = arena.alloc(1);
    /// let here = arena.checkpoint();
    /// let scrap = arena.alloc([0_u8; 10_000]);
    /// assert_eq!(scrap.len(), 10_000);
    /// // SAFETY: `scrap` is not used from here on.
    /// unsafe { arena.rewind(here) };
    /// assert_eq!(arena.allocated_bytes(), 8);
    /// assert_eq!(*kept, 1);
    /// ```
    #[inline]
    pub unsafe fn rewind(&self, to: Checkpoint) {
        self.note_usage();
        let Some(chunk) = self.chunk.get() else {
            return;
        };
        // SAFETY: the chunk is live (I2), and the caller promised the rest (I4).
        unsafe {
            if chunk.addr() == to.chunk {
                debug_assert!(to.is_in::<MIN_ALIGN>(chunk), "{FOREIGN}");
                return self.rewind_in_chunk(chunk, to.cursor);
            }
            if to.chunk == 0 && chunk.header().below.get().is_none() {
                return self.rewind_in_chunk(chunk, chunk.start());
            }
        }
        // SAFETY: the caller promised it.
        unsafe { self.rewind_slow(to) }
    }

    /// Moves the cursor down to `cursor` in the current chunk, unless it is below already.
    ///
    /// # Safety
    ///
    /// `chunk` is the current chunk, `cursor` a multiple of `MIN_ALIGN` not below its start, and nobody
    /// can reach what lies above it (I4).
    #[inline(always)]
    pub(super) unsafe fn rewind_in_chunk(&self, chunk: Chunk, cursor: usize) {
        let current = self.cursor.get();
        if cursor < current.addr().get() {
            // SAFETY: the address lies in the same chunk (I1, I2), nobody can reach what is above.
            unsafe {
                self.cursor.set(chunk.at(cursor));
                scrub(self.cursor.get().as_ptr(), current.addr().get() - cursor);
            }
        }
    }

    /// [`rewind`](Arena::rewind) to another chunk than the current one.
    ///
    /// # Safety
    ///
    /// The same.
    #[cold]
    #[inline(never)]
    unsafe fn rewind_slow(&self, to: Checkpoint) {
        let floor = self.chunk_at(to.chunk);
        if floor.is_none() && to.chunk != 0 {
            debug_assert!(self.allocated_bytes() == 0, "{FOREIGN}");
            return;
        }
        // SAFETY: the caller promised it; the chunk is live (I2).
        unsafe {
            debug_assert!(
                floor.is_none_or(|floor| to.is_in::<MIN_ALIGN>(floor)),
                "{FOREIGN}"
            );
            self.rewind_chunks(floor, to.cursor);
        }
    }

    /// The end of a scope, wherever it started.
    ///
    /// # Safety
    ///
    /// Nobody can reach what was allocated since (I4).
    #[cold]
    #[inline(never)]
    unsafe fn end_scope_slow(
        &self,
        chunk: Option<Chunk>,
        below: usize,
        cursor: usize,
        is_outermost: bool,
    ) {
        if self.chunk.get().is_none() {
            return;
        }
        self.note_usage();
        // Where nothing was in use at the start, the scope ends as a reset does, with one chunk.
        let floor = chunk.and_then(|chunk| {
            let was_in_use = below + (cursor - chunk.start()) != 0;
            let floor = self.chunk_at(chunk.addr())?;
            // SAFETY: the chunk is live (I2).
            let is_below_same = unsafe { floor.header() }.allocated_below.get() == below;
            let is_in_chunk = self.chunk.get() == Some(floor) && is_below_same;
            (was_in_use || is_in_chunk).then_some(floor)
        });
        // SAFETY: the caller promised it.
        unsafe {
            match floor {
                Some(floor) if self.chunk.get() == Some(floor) => {
                    self.rewind_in_chunk(floor, cursor);
                }
                _ => self.rewind_chunks(floor, cursor),
            }
        }
        if let (true, Some(chunk)) = (is_outermost, self.chunk.get()) {
            self.end_round(chunk);
        }
    }

    /// The chunk in use with this address.
    fn chunk_at(&self, addr: usize) -> Option<Chunk> {
        // SAFETY: the chunks are live (I2).
        unsafe { walk(self.chunk.get()) }.find(|chunk| chunk.addr() == addr)
    }

    /// Gives back what lies above `cursor` in `floor`, or all without one.
    ///
    /// # Safety
    ///
    /// Nobody can reach it (I4). `floor` is one of the chunks in use, and `cursor` was this arena's in it.
    unsafe fn rewind_chunks(&self, floor: Option<Chunk>, cursor: usize) {
        self.scrub_above(floor);
        // SAFETY: as promised; the detached chunks are linked nowhere until one is attached, empty.
        unsafe {
            let mark = self.mark();
            let detached = self.detach(floor);
            let need = mark.saturating_sub(self.allocated_bytes());
            if let Some(floor) = floor {
                self.rewind_in_chunk(floor, cursor);
            }
            self.settle(detached, need);
        }
    }

    /// In debug builds, overwrites what is in use of the chunks above `floor`.
    pub(super) fn scrub_above(&self, floor: Option<Chunk>) {
        if !cfg!(debug_assertions) {
            return;
        }
        let mut used = self.allocated_bytes();
        // SAFETY: the chunks are live (I2), and the callers are about to give back all that lies in
        // them above `floor`.
        unsafe {
            for chunk in walk(self.chunk.get()).take_while(|&chunk| Some(chunk) != floor) {
                let below = chunk.header().allocated_below.get();
                scrub(chunk.at(chunk.start()).as_ptr(), used - below);
                used = below;
            }
        }
    }
}

/// In debug builds, overwrites memory that was given back, so that who still reads it notices.
///
/// # Safety
///
/// The memory is valid for writes, and nobody will read what stands in it.
#[inline(always)]
unsafe fn scrub(start: *mut u8, bytes: usize) {
    if cfg!(debug_assertions) {
        // SAFETY: as promised.
        unsafe { start.write_bytes(0xDD, bytes) };
    }
}

/// Runs `f` in a scope of `arena`. Whoever calls this has made sure that the arena is not used
/// meanwhile but through the scope.
#[inline(always)]
fn scoped<const MIN_ALIGN: usize, A: Allocator, R>(
    arena: &Arena<MIN_ALIGN, A>,
    is_outermost: bool,
    f: impl FnOnce(&mut Scope<'_, MIN_ALIGN, A>) -> R,
) -> R {
    let chunk = arena.chunk.get();
    let start = Start {
        arena,
        chunk,
        // SAFETY: the chunk is live (I2).
        allocated_below: chunk.map_or(0, |chunk| unsafe { chunk.header() }.allocated_below.get()),
        cursor: arena.cursor.get().addr().get(),
        is_outermost,
    };
    let result = f(&mut Scope { arena });
    start.finish();
    result
}

impl<'s, const MIN_ALIGN: usize, A: Allocator> Scope<'s, MIN_ALIGN, A> {
    /// Calls `f` with a scope inside this one. References from this one stay usable in it.
    ///
    /// ```
    /// let mut arena = arenula::Arena::new();
    /// arena.scope(|outer| {
    ///     let total = outer.alloc(0);
    ///     for n in 1..=3 {
    ///         outer.scope(|inner| *total += *inner.alloc(n));
    ///     }
    ///     assert_eq!(*total, 6);
    /// });
    /// ```
    #[inline]
    pub fn scope<R>(&mut self, f: impl FnOnce(&mut Scope<'_, MIN_ALIGN, A>) -> R) -> R {
        scoped(self.arena, false, f)
    }

    /// A scope that ends nothing: for who sees to it that what is allocated in it is given back.
    #[cfg(feature = "std")]
    pub(crate) fn of(arena: &'s mut Arena<MIN_ALIGN, A>) -> Self {
        Scope { arena }
    }

    /// The arena, for as long as the scope lives. Not for users: while an inner scope is open, what
    /// is allocated through it would be given back with the inner scope.
    #[inline(always)]
    fn lender(&self) -> &'s Arena<MIN_ALIGN, A> {
        self.arena
    }

    #[inline(always)]
    fn try_lender(&self) -> Result<&'s Arena<MIN_ALIGN, A>, AllocError> {
        Ok(self.lender())
    }

    lend_family!('s);
}

impl<const MIN_ALIGN: usize, A: Allocator> Deref for Scope<'_, MIN_ALIGN, A> {
    type Target = Arena<MIN_ALIGN, A>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        self.arena
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> fmt::Debug for Scope<'_, MIN_ALIGN, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.arena).finish()
    }
}
