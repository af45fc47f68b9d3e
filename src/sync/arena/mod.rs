//! One arena for many threads.
//!
//! # Invariants
//!
//! - **A1, parts.** A `SyncArena` has a part for each thread that uses it: an `Arena`. A part is used by its owner alone
//!   (W1), or through `&mut SyncArena`. Its methods run to their end on the thread that called them, so a
//!   thread that has ended is in none of them.
//! - **A2, found.** What a thread has noted under the arena's number is a part that the thread owns: numbers are never
//!   used twice (N1), the arena takes another when the parts change owners by `&mut`, and a thread forgets all its
//!   notes before others may take its parts over (W2).
//! - **A3, home.** A part gets its chunks through `home`, the arena itself. As that may move between two calls, `home` is
//!   set whenever a part is entered, and read only in calls that the entry encloses. What moves only the cursor, as `bump`
//!   and `give_back`, reads it not, and needs no entry.
#![allow(
    clippy::mut_from_ref,
    reason = "each reference is to memory of its own"
)]

mod parts;
mod reuse;

use core::alloc::Layout;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;

use self::parts::Part;
use super::budget::Budget;
use super::list::List;
use super::local::Number;
use crate::arena::allocator::{implement, sealed};
use crate::arena::lend::lend_more;
use crate::arena::{ArenaRef, Failure, dangling, or_fail};
use crate::collections::short::short_forms;

/// An arena that many threads allocate in at the same time.
///
/// Each thread has a part of its own, with chunks of its own, and finds it without a lock: so threads wait
/// for each other neither to allocate nor to get a chunk, and what they write doesn't lie side by side in a cache line
/// with what others write. Values come out as `&mut T` that live as long as the arena is borrowed; they go to other
/// threads as any reference does.
///
/// ```
/// use arenula::sync::SyncArena;
///
/// static NAMES: SyncArena = SyncArena::new();
///
/// let name: &'static str = std::thread::spawn(|| NAMES.alloc_str("Ada")).join().unwrap();
/// assert_eq!(name, "Ada");
/// ```
///
/// `&SyncArena` is an [`Allocator`]. A container may be sent to another thread and grow there; a thread's last block
/// grows, shrinks and is given back in place, on that thread.
///
/// ```
/// use arenula::sync::SyncArena;
///
/// let arena = SyncArena::new();
/// let mut numbers = arenula::vec![in &arena; 1, 2, 3];
/// std::thread::scope(|threads| {
///     threads.spawn(|| numbers.extend(4..1000));
/// });
/// assert_eq!(numbers.len(), 999);
/// ```
///
/// # Memory
///
/// A new arena owns nothing; a thread's part begins with a chunk of 512 bytes, and grows as an [`Arena`](crate::Arena) does. When a
/// thread ends, its part with all the room left in it goes to the next thread that comes without one. (If it
/// is used by destructors of thread-local values, after the thread's own notice of its end, there
/// is another part, which goes to nobody until a [`reset`](SyncArena::reset).)
pub struct SyncArena<A: Allocator = Global> {
    number: Number,
    parts: List<Part<A>>,
    budget: Budget,
    backing: A,
}

// SAFETY: the parts' chunks belong to the arena alone, and what was put into them can't be reached through it.
// What threads have noted of the parts is not used once the arena is gone, or another's by `&mut` (A2).
unsafe impl<A: Allocator + Send> Send for SyncArena<A> {}

// SAFETY: each thread uses a part of its own (A1), and the backing allocator is shared, which it admits.
//
// Nothing is asked of the types that are put in. A value is moved in by a thread and lent to that thread, as `&mut T`, which
// goes to another only if `T` may. The arena never reads it, nor drops it, nor lends it to anybody else.
unsafe impl<A: Allocator + Sync> Sync for SyncArena<A> {}

// As for `Arena`: a panic leaves no part in a state that matters.
impl<A: Allocator + UnwindSafe> UnwindSafe for SyncArena<A> {}
impl<A: Allocator + RefUnwindSafe> RefUnwindSafe for SyncArena<A> {}

impl SyncArena {
    /// An arena that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// static ARENA: SyncArena = SyncArena::new();
    /// assert_eq!(ARENA.capacity(), 0);
    /// assert_eq!(*ARENA.alloc(7), 7);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }

    /// An arena with room for `bytes` bytes on this thread.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::with_capacity(1 << 16);
    /// let before = arena.capacity();
    /// arena.alloc_slice_fill_copy(1 << 16, 0_u8);
    /// assert_eq!(arena.capacity(), before);
    /// ```
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self::with_capacity_in(bytes, Global)
    }

    /// [`with_capacity`](SyncArena::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// assert!(arenula::sync::SyncArena::try_with_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_capacity(bytes: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_in(bytes, Global)
    }
}

impl<A: Allocator> SyncArena<A> {
    /// An arena that gets its memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// let outer = SyncArena::new();
    /// let inner = SyncArena::new_in(&outer);
    /// assert_eq!(*inner.alloc(7), 7);
    /// assert!(outer.capacity() > inner.capacity());
    /// ```
    #[inline]
    #[must_use]
    pub const fn new_in(backing: A) -> Self {
        SyncArena {
            number: Number::none(),
            parts: List::new(),
            budget: Budget::new(),
            backing,
        }
    }

    /// An arena with room for `bytes` bytes on this thread, which come from `backing`.
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// let outer = SyncArena::new();
    /// assert!(SyncArena::with_capacity_in(1000, &outer).capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity_in(bytes: usize, backing: A) -> Self {
        let arena = Self::new_in(backing);
        arena.reserve(bytes);
        arena
    }

    /// [`with_capacity_in`](SyncArena::with_capacity_in), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// let outer = SyncArena::new();
    /// outer.set_limit(Some(1000));
    /// assert!(SyncArena::try_with_capacity_in(1000, &outer).is_err());
    /// ```
    pub fn try_with_capacity_in(bytes: usize, backing: A) -> Result<Self, AllocError> {
        let arena = Self::new_in(backing);
        arena.try_reserve(bytes)?;
        Ok(arena)
    }

    /// Where the arena's memory comes from.
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// let outer = SyncArena::new();
    /// let inner = SyncArena::new_in(&outer);
    /// inner.alloc(1);
    /// assert!(inner.allocator().capacity() >= inner.capacity());
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        &self.backing
    }

    /// Makes sure that requests of `bytes` bytes on this thread, aligned to 16 at most, call the backing allocator no more.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// arena.reserve(5000);
    /// let capacity = arena.capacity();
    /// arena.alloc_slice_fill_copy(5000, 0_u8);
    /// assert_eq!(arena.capacity(), capacity);
    /// ```
    pub fn reserve(&self, bytes: usize) {
        self.lender().reserve(bytes);
    }

    /// [`reserve`](SyncArena::reserve), or an error where there is no such memory.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(arena.try_reserve(500).is_ok());
    /// assert!(arena.try_reserve(5000).is_err());
    /// ```
    pub fn try_reserve(&self, bytes: usize) -> Result<(), AllocError> {
        self.try_lender()?.try_reserve(bytes)
    }

    // ---- The families

    /// Moves a value into the arena.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// let x = arena.alloc(1);
    /// *x += 1;
    /// assert_eq!(*x, 2);
    /// ```
    #[inline]
    pub fn alloc<T>(&self, value: T) -> &mut T {
        match self.bump_value(value) {
            Ok(placed) => placed,
            Err(value) => self.alloc_slow(value),
        }
    }

    /// [`alloc`](SyncArena::alloc), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// arena.set_limit(Some(0));
    /// assert!(arena.try_alloc(1).is_err());
    /// ```
    #[inline]
    pub fn try_alloc<T>(&self, value: T) -> Result<&mut T, AllocError> {
        match self.bump_value(value) {
            Ok(placed) => Ok(placed),
            Err(value) => self.try_alloc_slow(value),
        }
    }

    /// Places a value in the current chunk of this thread's part, or hands it back.
    #[inline(always)]
    fn bump_value<T>(&self, value: T) -> Result<&mut T, T> {
        match self.last() {
            Some(own) => own.bump_value(value),
            None => Err(value),
        }
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow<T>(&self, value: T) -> &mut T {
        self.lender().alloc(value)
    }

    #[cold]
    #[inline(never)]
    fn try_alloc_slow<T>(&self, value: T) -> Result<&mut T, AllocError> {
        self.try_lender()?.try_alloc(value)
    }

    lend_more!('_);

    /// A block of any layout. Its memory is uninitialised, and valid as long as the arena is borrowed.
    ///
    /// ```
    /// use core::alloc::Layout;
    ///
    /// let arena = arenula::sync::SyncArena::new();
    /// let block = arena.alloc_layout(Layout::from_size_align(100, 64).unwrap());
    /// assert_eq!(block.addr().get() % 64, 0);
    /// ```
    #[inline]
    pub fn alloc_layout(&self, layout: Layout) -> NonNull<u8> {
        or_fail(self.carve(layout))
    }

    /// [`alloc_layout`](SyncArena::alloc_layout), or an error where there is no memory.
    ///
    /// ```
    /// use core::alloc::Layout;
    ///
    /// let arena = arenula::sync::SyncArena::new();
    /// let huge = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
    /// assert!(arena.try_alloc_layout(huge).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_layout(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        Ok(self.carve(layout)?)
    }

    /// Moves a value into the arena, in a `Box` that runs its destructor, on whatever thread.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// let boxed = arena.alloc_box(String::from("Ada"));
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| drop(boxed));
    /// });
    /// ```
    #[inline]
    pub fn alloc_box<T>(&self, value: T) -> Box<T, &Self> {
        // SAFETY: the value lies in a block of this allocator's, of its own layout, and is not referred
        // to from elsewhere.
        unsafe { Box::from_raw_in(self.alloc(value), self) }
    }

    /// [`alloc_box`](SyncArena::alloc_box), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// assert_eq!(*arena.try_alloc_box(1).unwrap(), 1);
    /// ```
    #[inline]
    pub fn try_alloc_box<T>(&self, value: T) -> Result<Box<T, &Self>, AllocError> {
        let value = self.try_alloc(value)?;
        // SAFETY: as above.
        Ok(unsafe { Box::from_raw_in(value, self) })
    }

    short_forms!();

    // ---- What `implement` asks for

    #[inline(always)]
    fn carve(&self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        if layout.size() == 0 {
            // SAFETY: a layout's alignment is not 0.
            return Ok(unsafe { dangling(layout.align()) });
        }
        match self.try_lender() {
            Ok(own) => own.carve(layout),
            Err(AllocError) => Err(Failure::Memory(layout)),
        }
    }

    /// Gives a block back, if it is the last one of this thread's part. Another thread's block never ends where
    /// this thread's next would begin, so the address tells.
    ///
    /// # Safety
    ///
    /// As for an arena's.
    #[inline(always)]
    unsafe fn give_back(&self, start: NonNull<u8>, size: usize, keep: usize) {
        if let Some(own) = self.last().or_else(|| self.noted()) {
            // SAFETY: as promised, but that the block may lie in another part: then it doesn't end at the cursor of this
            // one, since a chunk's header is between any two chunks' blocks, and nothing happens.
            unsafe { own.give_back(start, size, keep) };
        }
    }

    /// # Safety
    ///
    /// As for `Allocator::grow`.
    #[inline(always)]
    unsafe fn grow_block(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: as promised. A block of another part's is not the last of this one, as above, and is moved to it.
        unsafe { self.try_lender().ok()?.grow_block(block, old, new) }
    }

    /// # Safety
    ///
    /// As for `Allocator::shrink`.
    #[inline(always)]
    unsafe fn shrink_block(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let own = match self.last().or_else(|| self.noted()) {
            Some(own) => self.enter(own),
            // It stays where it is, which asks for no part.
            None if new.align() <= old.align() => return Some(block),
            None => self.find_part().ok()?,
        };
        // SAFETY: as promised; for blocks of another part as above.
        unsafe { own.shrink_block(block, old, new) }
    }
}

implement!([A: Allocator] for &SyncArena<A>);

impl<A: Allocator> sealed::Sealed for &SyncArena<A> {}
// SAFETY: the arena stays borrowed for `'a`: it is neither reset nor dropped.
unsafe impl<'a, A: Allocator> ArenaRef<'a> for &'a SyncArena<A> {}

impl<A: Allocator + Default> Default for SyncArena<A> {
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<A: Allocator> fmt::Debug for SyncArena<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncArena")
            .field("limit", &self.limit())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
