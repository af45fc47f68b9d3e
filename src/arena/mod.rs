//! The bump arena: memory that is handed out by moving a pointer, and given back all at once.
//!
//! # Invariants
//!
//! Every `SAFETY` comment in this module names the ones that it relies on.
//!
//! - **I1, reach.** `cursor` and `end` are multiples of `MIN_ALIGN`, `cursor <= end`, and `end` is at
//!   most [`math::LAST_END`], so that no sum on the fast path wraps. `end` is the current chunk's end,
//!   or lies before it (see `use_rest`).
//! - **I2, chunks.** Each chunk that is reachable from `chunk` (through `below` and the topmost
//!   chunk's `spare`) is live: made by `backing` for the layout in its header, given back by nobody,
//!   linked in one place only. If `chunk` is some, `start <= cursor <= end` of that chunk, and
//!   `cursor` may touch all of it. If it is none, `cursor` and `end` are the same address, which
//!   belongs to nobody, and `high` is 0. No pointer to anything shared is ever kept, so nothing shared is written.
//! - **I3, free is free.** The bytes from `cursor` to `end`, and all bytes of spare chunks behind
//!   their headers, belong to no block that is in use. A block is taken out of them (`cursor` is
//!   stored) before code of the user runs.
//! - **I4, giving back.** `cursor` moves down only past blocks that nobody can reach any more: in
//!   `give_back` (the owner says so), in `reset` (it has the arena to itself), at a scope's end (the
//!   lifetimes say so), in `rewind` (its caller promised).
//! - **I5, at rest.** Whenever the backing allocator or code of the user is called, I1 to I4 hold, and
//!   nothing that was read before is relied on after: each may call the arena again.
#![allow(
    clippy::mut_from_ref,
    reason = "each reference is to memory of its own"
)]

pub(crate) mod allocator;
mod chunk;
mod error;
mod fixed_buffer;
pub(crate) mod lend;
pub(crate) mod math;
mod refill;
mod retain;
mod scope;
mod slices;
mod stats;
mod text;
mod undo;
mod values;

use core::alloc::Layout;
use core::cell::Cell;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use chunk::Chunk;
use math::Known;

pub use allocator::ArenaRef;
pub use error::AllocOrInitError;
pub(crate) use error::{Failure, or_fail};
pub use fixed_buffer::FixedBuffer;
pub use retain::Retain;
pub use scope::{Checkpoint, Scope};
pub(crate) use slices::{copy_bytes, grow};
pub use stats::{ChunkMap, Stats};

/// A bump arena: allocation moves a pointer, and everything is given back at once.
///
/// Values of any type go in, by `&self`, and come out as `&mut T` that live as long as the arena is
/// borrowed. Their destructors do not run. `&Arena` is an [`Allocator`], so that `Vec`, `Box` and
/// hash maps can live in the arena too, and those do run the destructors of what they hold.
///
/// ```
/// use arenula::Arena;
///
/// struct Node<'a> {
///     name: &'a str,
///     next: Option<&'a Node<'a>>,
/// }
///
/// let arena = Arena::new();
/// let first = arena.alloc(Node { name: arena.alloc_str("first"), next: None });
/// let second = arena.alloc(Node { name: "second", next: Some(first) });
/// assert_eq!(second.next.unwrap().name, "first");
/// ```
///
/// # Parameters
///
/// `MIN_ALIGN` (1, 2, 4, 8 or 16) is the alignment that the arena's pointer always keeps. Sizes are
/// rounded up to it, and in return types that need no more alignment are allocated without any
/// masking. `A` is where chunks come from.
///
/// ```compile_fail
/// // 3 is not an alignment.
/// let arena = arenula::Arena::<3>::with_min_align();
/// ```
///
/// # Memory
///
/// A new arena owns nothing. The first chunk has 512 bytes, each further one is half as large again,
/// up to 2 MiB; a request larger than that step gets a chunk of its own size. [`reset`](Arena::reset)
/// brings them together in one.
// The order of the fields is fixed so that `cursor` and `end` are not neighbours: on aarch64 a load of
// both as one pair would wait for the store that the allocation before made to one of them.
#[repr(C)]
pub struct Arena<const MIN_ALIGN: usize = 8, A: Allocator = Global> {
    /// Where the free space begins.
    cursor: Cell<NonNull<u8>>,
    /// The chunk that `cursor` is in.
    chunk: Cell<Option<Chunk>>,
    /// Where the free space ends.
    end: Cell<usize>,
    /// Where the cursor of the current chunk would stand with the highest use that was noted; 0, which is
    /// below every cursor, without a chunk.
    high: Cell<usize>,
    /// The bytes of chunks that may be held; `usize::MAX` for no limit.
    limit: Cell<usize>,
    /// The highest number of bytes seen handed out.
    peak: Cell<usize>,
    /// Where chunks come from.
    backing: A,
}

// SAFETY: the chunks belong to the arena alone (I2), and whatever was put into them can't be reached
// through the arena; references to it borrow the arena, which then can't be sent.
unsafe impl<const MIN_ALIGN: usize, A: Allocator + Send> Send for Arena<MIN_ALIGN, A> {}

// A panic can't leave an arena in a state that matters (I5).
impl<const MIN_ALIGN: usize, A: Allocator + UnwindSafe> UnwindSafe for Arena<MIN_ALIGN, A> {}
impl<const MIN_ALIGN: usize, A: Allocator + RefUnwindSafe> RefUnwindSafe for Arena<MIN_ALIGN, A> {}

impl Arena {
    /// An arena that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// const EMPTY: Arena = Arena::new();
    /// let arena = EMPTY;
    /// assert_eq!(arena.capacity(), 0);
    /// assert_eq!(*arena.alloc(7), 7);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }

    /// An arena with room for `bytes` bytes in its first chunk.
    ///
    /// ```
    /// let arena = arenula::Arena::with_capacity(1 << 16);
    /// let before = arena.capacity();
    /// arena.alloc_slice_fill_copy(1 << 16, 0_u8);
    /// assert_eq!(arena.capacity(), before);
    /// ```
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self::with_capacity_in(bytes, Global)
    }

    /// [`with_capacity`](Arena::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::{AllocError, Arena};
    ///
    /// assert!(Arena::try_with_capacity(1 << 16).is_ok());
    /// assert_eq!(Arena::try_with_capacity(usize::MAX).err(), Some(AllocError));
    /// ```
    pub fn try_with_capacity(bytes: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_in(bytes, Global)
    }
}

impl<A: Allocator> Arena<8, A> {
    /// An arena that gets its chunks from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, FixedBuffer};
    /// use core::mem::MaybeUninit;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 1024];
    /// let arena = Arena::new_in(FixedBuffer::new(&mut buffer));
    /// assert_eq!(arena.alloc_str("on the stack"), "on the stack");
    /// assert!(arena.try_alloc([0_u8; 1024]).is_err());
    /// ```
    #[inline]
    #[must_use]
    pub const fn new_in(backing: A) -> Self {
        Self::with_min_align_in(backing)
    }

    /// An arena with room for `bytes` bytes in its first chunk, which comes from `backing`.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// let outer = Arena::new();
    /// let inner = Arena::with_capacity_in(1000, &outer);
    /// assert!(inner.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity_in(bytes: usize, backing: A) -> Self {
        let arena = Self::new_in(backing);
        arena.reserve(bytes);
        arena
    }

    /// [`with_capacity_in`](Arena::with_capacity_in), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::{Arena, FixedBuffer};
    /// use core::mem::MaybeUninit;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 1024];
    /// assert!(Arena::try_with_capacity_in(2000, FixedBuffer::new(&mut buffer)).is_err());
    /// ```
    pub fn try_with_capacity_in(bytes: usize, backing: A) -> Result<Self, AllocError> {
        let arena = Self::new_in(backing);
        arena.try_reserve(bytes)?;
        Ok(arena)
    }
}

impl<const MIN_ALIGN: usize> Arena<MIN_ALIGN> {
    /// An arena of another `MIN_ALIGN` than 8. Allocates nothing.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// let packed = Arena::<1>::with_min_align();
    /// packed.alloc(1_u8);
    /// packed.alloc(2_u8);
    /// assert_eq!(packed.allocated_bytes(), 2);
    /// ```
    #[inline]
    #[must_use]
    pub const fn with_min_align() -> Self {
        Self::with_min_align_in(Global)
    }

    /// [`with_min_align`](Arena::with_min_align), with room for `bytes` bytes in the first chunk.
    ///
    /// ```
    /// let arena = arenula::Arena::<16>::with_min_align_and_capacity(4096);
    /// assert!(arena.capacity() >= 4096);
    /// ```
    #[must_use]
    pub fn with_min_align_and_capacity(bytes: usize) -> Self {
        let arena = Self::with_min_align();
        arena.reserve(bytes);
        arena
    }

    /// [`with_min_align_and_capacity`](Arena::with_min_align_and_capacity), or an error where there
    /// is no such memory.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// assert!(Arena::<16>::try_with_min_align_and_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_min_align_and_capacity(bytes: usize) -> Result<Self, AllocError> {
        let arena = Self::with_min_align();
        arena.try_reserve(bytes)?;
        Ok(arena)
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Where the cursor of an arena without a chunk stands.
    const NOWHERE: NonNull<u8> = {
        assert!(
            matches!(MIN_ALIGN, 1 | 2 | 4 | 8 | 16),
            "MIN_ALIGN is one of 1, 2, 4, 8, 16"
        );
        // SAFETY: it is one of these.
        unsafe { dangling(MIN_ALIGN) }
    };

    /// An arena of any `MIN_ALIGN` that gets its chunks from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// let outer = Arena::new();
    /// let inner = Arena::<1, _>::with_min_align_in(&outer);
    /// inner.alloc_str("packed");
    /// assert_eq!(inner.allocated_bytes(), 6);
    /// ```
    #[inline]
    #[must_use]
    pub const fn with_min_align_in(backing: A) -> Self {
        Arena {
            cursor: Cell::new(Self::NOWHERE),
            chunk: Cell::new(None),
            end: Cell::new(MIN_ALIGN),
            high: Cell::new(0),
            limit: Cell::new(usize::MAX),
            peak: Cell::new(0),
            backing,
        }
    }

    /// Where the arena's chunks come from.
    ///
    /// ```
    /// use arenula::Arena;
    ///
    /// let outer = Arena::new();
    /// let inner = Arena::new_in(&outer);
    /// inner.alloc(1);
    /// assert!(inner.allocator().capacity() >= inner.capacity());
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        &self.backing
    }

    /// Gives all chunks back, and hands out where they came from.
    #[cfg(feature = "collections")]
    pub(crate) fn into_allocator(self) -> A {
        // SAFETY: the arena can't be borrowed, so nobody can reach what lies in the chunks (I4).
        unsafe { self.free_all() };
        let arena = core::mem::ManuallyDrop::new(self);
        // SAFETY: the arena, which owns no chunk, is not used again, nor dropped.
        unsafe { (&raw const arena.backing).read() }
    }

    /// Takes a block out of the current chunk's free space: the one fast path of all allocations.
    ///
    /// The caller promises what is `known` of the layout. What comes back is aligned, the caller's alone,
    /// and lies in memory unless the layout has no size.
    #[inline(always)]
    fn bump(&self, layout: Layout, known: Known) -> Option<NonNull<u8>> {
        if cfg!(miri) && self.is_alignment_by_chance(layout) {
            return None;
        }
        let cursor = self.cursor.get();
        let placed = math::place::<MIN_ALIGN>(
            cursor.addr().get(),
            self.end.get(),
            layout.size(),
            layout.align(),
            known,
        )?;
        // SAFETY: both lie between `cursor` and `end` (I1, I2), and `next` is a multiple of
        // `MIN_ALIGN`; the bytes between them were free (I3) and no longer are.
        unsafe {
            self.cursor.set(at(cursor, placed.next));
            Some(at(cursor, placed.start))
        }
    }

    /// Takes a block of a layout known at run time, from a new chunk if need be.
    #[inline(always)]
    pub(crate) fn carve(&self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        match self.bump(layout, Known::at_first::<MIN_ALIGN>()) {
            Some(block) => Ok(block),
            None => self.carve_slow(layout).ok_or(Failure::Memory(layout)),
        }
    }

    /// [`carve`](Self::carve) where the alignment must be seen to, or the chunk is full.
    #[inline(never)]
    fn carve_slow(&self, layout: Layout) -> Option<NonNull<u8>> {
        // What has no size takes no padding either: that is for `refill` to say.
        let block = match layout.size() {
            0 => None,
            _ => self.bump(layout, Known::Nothing),
        };
        block.or_else(|| self.refill(layout))
    }

    /// Room for one `T` in the current chunk.
    #[inline(always)]
    pub(crate) fn bump_slot<T>(&self) -> Option<NonNull<T>> {
        if size_of::<T>() == 0 {
            return Some(NonNull::dangling());
        }
        let block = self.bump(Layout::new::<T>(), Known::of::<T, MIN_ALIGN>())?;
        Some(block.cast())
    }

    /// Room for one `T`.
    #[inline(always)]
    pub(crate) fn slot<T>(&self) -> Result<NonNull<T>, Failure> {
        if size_of::<T>() == 0 {
            return Ok(NonNull::dangling());
        }
        Ok(self.carve_for::<T>(Layout::new::<T>())?.cast())
    }

    /// Room for `len` values of type `T`, one after the other.
    #[inline(always)]
    fn slots<T>(&self, len: usize) -> Result<NonNull<T>, Failure> {
        if size_of::<T>() == 0 {
            return Ok(NonNull::dangling());
        }
        let layout = Layout::array::<T>(len).map_err(|_| Failure::TooLarge)?;
        Ok(self.carve_for::<T>(layout)?.cast())
    }

    /// Takes a block of the layout of several `T`s, which have a size.
    #[inline(always)]
    fn carve_for<T>(&self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        match self.bump(layout, Known::of::<T, MIN_ALIGN>()) {
            Some(block) => Ok(block),
            None => self.refill(layout).ok_or(Failure::Memory(layout)),
        }
    }

    /// Frees the bytes of the block at `start` from its byte `keep` on, if it is the last one.
    ///
    /// # Safety
    ///
    /// The block is one of this arena's, `size` bytes long, and nobody will use it beyond `keep`,
    /// which is at most `size`.
    #[inline(always)]
    pub(crate) unsafe fn give_back(&self, start: NonNull<u8>, size: usize, keep: usize) {
        let block = start.addr().get();
        if block.wrapping_add(math::round_up(size, MIN_ALIGN)) == self.cursor.get().addr().get() {
            let kept = block.wrapping_add(math::round_up(keep, MIN_ALIGN));
            // Not from the cursor: knowing its address, the compiler would subtract and add again.
            let chunk = self.chunk.get().map_or(Self::NOWHERE, Chunk::block);
            // SAFETY: the block is the last one and unused from `keep` on (I4), so the new cursor lies
            // in the same chunk: no chunk's blocks end where another's begin, since a header is
            // between them. A block starts at a multiple of `MIN_ALIGN` (I1); a value without a size
            // may lie anywhere, but ends at the cursor only if it starts there.
            unsafe { self.cursor.set(at(chunk, kept)) };
        }
    }

    /// Gives all chunks back to the backing allocator.
    ///
    /// # Safety
    ///
    /// Nobody can reach what lies in them (I4).
    #[cold]
    #[inline(never)]
    unsafe fn free_all(&self) {
        // SAFETY: as promised.
        unsafe {
            let chunks = self.detach(None);
            self.free(chunks);
        }
    }

    /// Whether a block of `layout` could only be aligned in the current chunk because of the address
    /// that this happens to have: under an interpreter with symbolic alignment it is then not aligned.
    #[cold]
    fn is_alignment_by_chance(&self, layout: Layout) -> bool {
        // SAFETY: the chunk is live (I2).
        let chunk_align = self
            .chunk
            .get()
            .map(|chunk| unsafe { chunk.layout() }.align());
        layout.align() > chunk_align.unwrap_or(0).max(math::CHUNK_ALIGN)
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Drop for Arena<MIN_ALIGN, A> {
    #[inline]
    fn drop(&mut self) {
        if let Some(chunk) = self.chunk.get() {
            // SAFETY: the arena can't be borrowed, so nobody can reach what lies in the chunks (I4),
            // which came from the backing allocator (I2) and are not touched again.
            unsafe {
                if chunk.is_alone() {
                    self.backing.deallocate(chunk.block(), chunk.layout());
                } else {
                    self.free_all();
                }
            }
        }
    }
}

impl<const MIN_ALIGN: usize, A: Allocator + Default> Default for Arena<MIN_ALIGN, A> {
    fn default() -> Self {
        Self::with_min_align_in(A::default())
    }
}

/// `pointer`, moved to `addr`.
///
/// # Safety
///
/// `addr` is not null.
#[inline(always)]
unsafe fn at(pointer: NonNull<u8>, addr: usize) -> NonNull<u8> {
    // SAFETY: not null, as promised.
    unsafe { NonNull::new_unchecked(pointer.as_ptr().with_addr(addr)) }
}

/// An aligned address at which no memory is.
///
/// # Safety
///
/// `align` is not 0.
#[inline]
pub(crate) const unsafe fn dangling(align: usize) -> NonNull<u8> {
    // SAFETY: not null, as promised.
    unsafe { NonNull::new_unchecked(core::ptr::without_provenance_mut(align)) }
}
