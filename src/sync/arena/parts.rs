//! What each thread has of a [`SyncArena`], and how it is found.

use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator};

use super::super::budget::Budget;
use super::super::life::{Me, Owner};
use super::super::list::List;
use super::super::local;
use super::SyncArena;
use crate::Arena;
use crate::arena::{Failure, or_fail};
use crate::outside::outside;
use crate::unwind::run_all;

// The arena stands first, so that the place of a part is that of its arena.
#[repr(C)]
pub(super) struct Part<A: Allocator> {
    arena: UnsafeCell<Own<A>>,
    owner: Owner,
}

/// A thread's own arena.
pub(super) type Own<A> = Arena<8, Home<A>>;

/// Where parts get their chunks from: the arena that they belong to (A3).
pub(super) struct Home<A: Allocator>(Cell<*const SyncArena<A>>);

impl<A: Allocator> SyncArena<A> {
    /// This thread's part, if it was the last that the thread used, for what asks for no chunk: it is not entered.
    #[inline(always)]
    pub(super) fn last(&self) -> Option<&Own<A>> {
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
    pub(super) fn enter<'a>(&'a self, own: &'a Own<A>) -> &'a Own<A> {
        own.allocator().0.set(self);
        own
    }

    #[inline(always)]
    pub(super) fn try_lender(&self) -> Result<&Own<A>, AllocError> {
        match self.last() {
            Some(own) => Ok(self.enter(own)),
            None => self.find_part(),
        }
    }

    #[inline(always)]
    pub(super) fn lender(&self) -> &Own<A> {
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
    pub(super) fn find_part(&self) -> Result<&Own<A>, AllocError> {
        match self.noted() {
            Some(own) => Ok(self.enter(own)),
            None => self.find_part_in_list(),
        }
    }

    /// This thread's part, if it has been noted. It becomes the last one.
    #[inline(never)]
    pub(super) fn noted(&self) -> Option<&Own<A>> {
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

    /// Gives back chunks in which nothing is in use, of this thread's part and of those that no thread has.
    pub(super) fn free_unused(&self) {
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
    pub(super) fn owns(&mut self) -> impl Iterator<Item = &Own<A>> {
        // SAFETY: the arena is borrowed mutably.
        unsafe { self.enter_all() }
    }

    /// Enters the arenas of all threads.
    ///
    /// # Safety
    ///
    /// The caller has the arena to itself.
    pub(super) unsafe fn enter_all(&self) -> impl Iterator<Item = &Own<A>> {
        // SAFETY: no thread is in one of the arena's methods, so the caller is the owner (A1).
        (self.parts.places()).map(|part| self.enter(unsafe { Self::own(part) }))
    }

    /// Calls `f` with the arenas of all threads, which are nobody's from now on.
    pub(super) fn disown(&mut self, mut f: impl FnMut(&mut Own<A>)) {
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
    pub(super) fn of(arena: &SyncArena<A>) -> Self {
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
