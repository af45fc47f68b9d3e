//! One arena for many threads.
//!
//! # Invariants
//!
//! - **A1, parts.** A `SyncArena` has a part for each thread that uses it: an [`Arena`]. A part is used by its owner alone
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

use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;

use super::budget::Budget;
use super::life::{Me, Owner};
use super::list::List;
use super::local::{self, Number};
use crate::arena::allocator::{implement, sealed};
use crate::arena::lend::lend_more;
use crate::arena::{ArenaRef, Failure, dangling, or_fail};
use crate::collections::short::short_forms;
use crate::outside::outside;
use crate::unwind::run_all;
use crate::{Arena, Retain, Stats};

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
/// A new arena owns nothing; a thread's part begins with a chunk of 512 bytes, and grows as an [`Arena`] does. When a
/// thread ends, its part with all the room left in it goes to the next thread that comes without one. (If it
/// is used by destructors of thread-local values, after the thread's own notice of its end, there
/// is another part, which goes to nobody until a [`reset`](SyncArena::reset).)
pub struct SyncArena<A: Allocator = Global> {
    number: Number,
    parts: List<Part<A>>,
    budget: Budget,
    backing: A,
}

// The arena stands first, so that the place of a part is that of its arena.
#[repr(C)]
struct Part<A: Allocator> {
    arena: UnsafeCell<Own<A>>,
    owner: Owner,
}

/// A thread's own arena.
type Own<A> = Arena<8, Home<A>>;

/// Where parts get their chunks from: the arena that they belong to (A3).
struct Home<A: Allocator>(Cell<*const SyncArena<A>>);

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

    // ---- This thread's part

    /// This thread's part, if it was the last that the thread used, for what asks for no chunk: it is not entered.
    #[inline(always)]
    fn last(&self) -> Option<&Own<A>> {
        let part = local::find_last(&self.number)?;
        // SAFETY: the place was noted for this arena's number, so it is a part of it (N2), of this thread's (A2),
        // which lives as long as the arena is borrowed.
        Some(unsafe { Self::own(part.cast()) })
    }

    /// The arena of a part.
    ///
    /// # Safety
    ///
    /// The part is live for as long as that is used, and the caller its owner.
    #[inline(always)]
    unsafe fn own<'a>(part: NonNull<Part<A>>) -> &'a Own<A> {
        // SAFETY: only its owner uses what is in a part (A1), by shared references; but for `reset` and its like, which
        // have the arena to themselves.
        unsafe { &*UnsafeCell::raw_get(&raw const (*part.as_ptr()).arena) }
    }

    /// Enters a part: it may then ask for chunks (A3).
    #[inline(always)]
    fn enter<'a>(&'a self, own: &'a Own<A>) -> &'a Own<A> {
        own.allocator().0.set(self);
        own
    }

    #[inline(always)]
    fn try_lender(&self) -> Result<&Own<A>, AllocError> {
        match self.last() {
            Some(own) => Ok(self.enter(own)),
            None => self.find_part(),
        }
    }

    #[inline(always)]
    fn lender(&self) -> &Own<A> {
        match self.last() {
            Some(own) => self.enter(own),
            None => self.find_part_or_fail(),
        }
    }

    #[inline(never)]
    fn find_part_or_fail(&self) -> &Own<A> {
        let part = self.find_part();
        or_fail(part.map_err(|AllocError| Failure::Memory(List::<Part<A>>::NODE)))
    }

    /// Finds this thread's part where it is not the last one: a thread that uses arenas in turn has one in each. A thread
    /// that has none takes over that of a thread that has ended, or makes one.
    #[inline(never)]
    fn find_part(&self) -> Result<&Own<A>, AllocError> {
        match self.noted() {
            Some(own) => Ok(self.enter(own)),
            None => self.find_part_in_list(),
        }
    }

    /// This thread's part, if it has been noted. It becomes the last one.
    #[inline(never)]
    fn noted(&self) -> Option<&Own<A>> {
        let part = local::find_as_last(&self.number)?;
        // SAFETY: as for the last one.
        Some(unsafe { Self::own(part.cast()) })
    }

    #[cold]
    fn find_part_in_list(&self) -> Result<&Own<A>, AllocError> {
        let me = Me::get();
        // SAFETY: places of the list are live as long as the arena is borrowed.
        let owner = |part: &NonNull<Part<A>>| unsafe { &(*part.as_ptr()).owner };
        let its_own = self.parts.places().find(|part| owner(part).is(me));
        let part = match its_own {
            Some(part) => part,
            None => match self.parts.places().find(|part| owner(part).try_hold()) {
                Some(part) => {
                    owner(&part).keep(me);
                    part
                }
                None => self.parts.push(Part::new(me), &Home::of(self))?,
            },
        };
        local::note(&self.number, part);
        local::find_as_last(&self.number);
        // SAFETY: the part is this thread's.
        Ok(self.enter(unsafe { Self::own(part) }))
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

    // ---- Limits and figures

    /// Sets how many bytes the arena may hold, for all threads together: chunks, and what it needs to know of each thread;
    /// `None` for no limit.
    ///
    /// The limit is exact: what would exceed it by one byte is refused, however many threads ask at the same time. What
    /// is in use and already exceeds it stays. Chunks in which nothing is in use are given back where they stand in
    /// the way, if they are this thread's, or of one that has ended.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// arena.set_limit(Some(1200));
    /// assert!(arena.try_alloc([0_u8; 900]).is_ok());
    /// assert!(arena.try_alloc([0_u8; 900]).is_err());
    /// assert!(arena.capacity() <= 1200);
    /// ```
    pub fn set_limit(&self, limit: Option<usize>) {
        self.budget.set_limit(limit);
        if self.budget.is_exceeded() {
            self.free_unused();
        }
    }

    /// The bytes that the arena may hold.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// assert_eq!(arena.limit(), None);
    /// ```
    pub fn limit(&self) -> Option<usize> {
        self.budget.limit()
    }

    /// The bytes held: the chunks of all threads, and what the arena needs to know of each.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// assert_eq!(arena.capacity(), 0);
    /// arena.alloc(1_u8);
    /// assert!(arena.capacity() >= 512);
    /// ```
    pub fn capacity(&self) -> usize {
        self.budget.held()
    }

    /// Gives back chunks in which nothing is in use, of this thread's part and of those that no thread has.
    fn free_unused(&self) {
        for part in self.parts.iter() {
            if part.owner.try_hold() {
                let _held = Held(&part.owner);
                // SAFETY: the part is this arena's, and held. It is no thread's meanwhile, so that
                // a backing allocator that uses the arena gets another.
                let own = unsafe { Self::own(NonNull::from(part)) };
                self.enter(own).free_unused();
            }
        }
        if let Some(own) = self.noted() {
            self.enter(own).free_unused();
        }
    }

    /// The arenas of all threads.
    fn owns(&mut self) -> impl Iterator<Item = &Own<A>> {
        let this = &*self;
        // SAFETY: the arena is borrowed mutably: no thread is in one of its methods, so the caller is the owner (A1).
        (this.parts.places()).map(|part| this.enter(unsafe { Self::own(part) }))
    }

    /// Calls `f` with the arenas of all threads, which are nobody's from now on.
    fn disown(&mut self, mut f: impl FnMut(&mut Own<A>)) {
        self.number.renew();
        let this = &*self;
        let mut parts = this.parts.iter();
        run_all(|| {
            let Some(part) = parts.next() else {
                return false;
            };
            // Nobody's only when `f` is done: it may have to ask for memory, which frees what nobody has.
            part.owner.hold();
            let _held = Held(&part.owner);
            // SAFETY: the arena is borrowed mutably: no thread is in one of its methods, and none of its memory is
            // referred to (A1). What is held is not touched by `free_unused`.
            let own = unsafe { &mut *part.arena.get() };
            own.allocator().0.set(this);
            f(own);
            true
        });
    }

    /// The bytes handed out by all threads and not given back, with the padding between them.
    ///
    /// This and the like ask for the arena alone: where the others are in their parts only they know.
    ///
    /// ```
    /// let mut arena = arenula::sync::SyncArena::new();
    /// arena.alloc(1_u8);
    /// assert_eq!(arena.allocated_bytes(), 8);
    /// ```
    pub fn allocated_bytes(&mut self) -> usize {
        self.owns().map(|own| own.allocated_bytes()).sum()
    }

    /// The arena's figures: the sums of those of all threads' parts, also of their peaks. What is held counts what the
    /// arena knows of each thread.
    ///
    /// ```
    /// let mut arena = arenula::sync::SyncArena::new();
    /// arena.alloc([0_u8; 100]);
    /// let stats = arena.stats();
    /// assert_eq!((stats.allocated, stats.chunks), (104, 1));
    /// assert_eq!(stats.capacity, arena.capacity());
    /// ```
    pub fn stats(&mut self) -> Stats {
        let capacity = self.capacity();
        let mut sum = Stats {
            capacity,
            ..Stats::default()
        };
        for own in self.owns() {
            let stats = own.stats();
            sum.allocated += stats.allocated;
            sum.wasted += stats.wasted;
            sum.chunks += stats.chunks;
            sum.peak += stats.peak;
        }
        sum
    }

    /// Whether `pointer` points into memory that is handed out.
    ///
    /// ```
    /// let mut arena = arenula::sync::SyncArena::new();
    /// let inside: *const u64 = arena.alloc(1);
    /// assert!(arena.contains(inside));
    /// assert!(!arena.contains(&2_u64));
    /// ```
    pub fn contains<T: ?Sized>(&mut self, pointer: *const T) -> bool {
        self.owns().any(|own| own.contains(pointer))
    }

    // ---- Reuse

    /// Gives back all that was allocated, and keeps memory for as much again: in each part as
    /// [`Arena::reset`] does, for the threads that come next. (If the limit was lowered to less than what is held by then,
    /// all chunks are given back.)
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// let mut arena = SyncArena::new();
    /// for round in 0..3 {
    ///     std::thread::scope(|threads| {
    ///         threads.spawn(|| arena.alloc_slice_fill_copy(1000, round));
    ///     });
    ///     arena.reset();
    ///     assert_eq!(arena.allocated_bytes(), 0);
    ///     assert!(arena.capacity() >= 4000);
    /// }
    /// ```
    pub fn reset(&mut self) {
        self.disown(Arena::reset);
        self.keep_to_limit();
    }

    /// Gives back what is held above the limit, when nothing is in use any more.
    fn keep_to_limit(&mut self) {
        if self.budget.is_exceeded() {
            self.free_unused();
        }
        if self.budget.is_exceeded() {
            self.free_all();
        }
    }

    /// Gives back all that was allocated, and keeps as much memory as `retain` says: [`Retain::Largest`] the largest chunk of
    /// each part, the others of all parts together.
    ///
    /// ```
    /// use arenula::Retain;
    ///
    /// let mut arena = arenula::sync::SyncArena::with_capacity(1 << 20);
    /// arena.reset_with(Retain::UpTo(4096));
    /// assert!(arena.capacity() <= 4096);
    /// arena.reset_with(Retain::Nothing);
    /// assert_eq!(arena.capacity(), 0);
    /// ```
    pub fn reset_with(&mut self, retain: Retain) {
        let mut left = match retain {
            Retain::Nothing => return self.free_all(),
            Retain::UpTo(bytes) => {
                let known = self.owns().count() * List::<Part<A>>::NODE.size();
                match bytes.checked_sub(known) {
                    Some(left) => left,
                    None => return self.free_all(),
                }
            }
            Retain::All | Retain::Largest => usize::MAX,
        };
        self.disown(|own| match retain {
            Retain::UpTo(_) => {
                own.reset_with(Retain::UpTo(left));
                left = left.saturating_sub(own.capacity());
            }
            retain => own.reset_with(retain),
        });
        self.keep_to_limit();
    }

    /// Gives all memory back.
    fn free_all(&mut self) {
        self.number.renew();
        // All are entered before the first is dropped: that may happen in `pop`, if the backing allocator panics there.
        self.owns().for_each(drop);
        let this = &*self;
        // SAFETY: the arena is borrowed mutably, so nobody else uses the list; its memory came from there.
        run_all(|| unsafe { this.parts.pop(&Home::of(this)) }.is_some());
    }
}

impl<A: Allocator> Drop for SyncArena<A> {
    fn drop(&mut self) {
        self.free_all();
    }
}

impl<A: Allocator> Part<A> {
    fn new(me: Me) -> Self {
        Part {
            arena: UnsafeCell::new(Arena::new_in(Home(Cell::new(ptr::null())))),
            owner: Owner::new(me),
        }
    }
}

impl<A: Allocator> Home<A> {
    fn of(arena: &SyncArena<A>) -> Self {
        Home(Cell::new(arena))
    }

    fn arena(&self) -> &SyncArena<A> {
        // SAFETY: it is set, and the arena is borrowed for as long as this is called (A3).
        unsafe { &*self.0.get() }
    }
}

/// A part that is held for a moment.
struct Held<'a>(&'a Owner);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Bytes that were taken from the budget. They go back when this is dropped, also by a panic.
struct Taken<'a>(&'a Budget, usize);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.give_back(self.1);
    }
}

// SAFETY: it hands on what the arena's backing allocator does, which the arena owns and doesn't move or drop as long as
// it has memory of it.
unsafe impl<A: Allocator> Allocator for Home<A> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let (arena, bytes) = (self.arena(), layout.size());
        if !arena.budget.take(bytes) {
            arena.free_unused();
            if !arena.budget.take(bytes) {
                return Err(AllocError);
            }
        }
        let taken = Taken(&arena.budget, bytes);
        let block = outside(|| arena.backing.allocate(layout))?;
        core::mem::forget(taken);
        Ok(NonNull::slice_from_raw_parts(block.cast(), bytes))
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        let arena = self.arena();
        // Only then may another thread ask for as much.
        let _taken = Taken(&arena.budget, layout.size());
        // SAFETY: the block came from there, with this layout.
        unsafe { arena.backing.deallocate(block, layout) };
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
