//! An arena that stays where it is while its owner moves.

use alloc::boxed::Box;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use crate::arena::Arena;

/// An arena at an address of its own. Dropped, it drops the arena.
///
/// It holds no `Box`: to move one is to say that nobody else points into it, and roots do.
pub(crate) struct Home<const MIN_ALIGN: usize, A: Allocator> {
    arena: NonNull<Arena<MIN_ALIGN, A>>,
    /// Invariant in `A`: who fills the arena may take it that the lifetimes in `A` outlive it (`&'a Arena<_, A>` says
    /// so), and put what lives as long into it. They must not become longer afterwards.
    lifetimes: PhantomData<fn(A) -> A>,
}

// SAFETY: it owns the arena, as a `Box` would, and the arena can be sent. Roots go along with it, or have ended.
unsafe impl<const MIN_ALIGN: usize, A: Allocator + Send> Send for Home<MIN_ALIGN, A> {}

impl<const MIN_ALIGN: usize, A: Allocator> Home<MIN_ALIGN, A> {
    /// Where there is no memory, the arena comes back.
    #[inline]
    pub(crate) fn new(
        arena: Arena<MIN_ALIGN, A>,
    ) -> Result<Self, (AllocError, Arena<MIN_ALIGN, A>)> {
        let place = match Global.allocate(Layout::for_value(&arena)) {
            Ok(place) => place.cast::<Arena<MIN_ALIGN, A>>(),
            Err(error) => return Err((error, arena)),
        };
        // SAFETY: it has the layout of an arena, and is nobody else's. It is what a `Box` would have got.
        unsafe { place.write(arena) };
        Ok(Home {
            arena: place,
            lifetimes: PhantomData,
        })
    }

    #[inline]
    pub(crate) fn arena(&self) -> &Arena<MIN_ALIGN, A> {
        // SAFETY: the arena is there until this is dropped or taken apart (O1). It is borrowed mutably only with this
        // borrowed mutably, where no root is left (O2).
        unsafe { self.arena.as_ref() }
    }

    /// # Safety
    ///
    /// There is no root in the arena (O2).
    #[inline]
    pub(crate) unsafe fn arena_mut(&mut self) -> &mut Arena<MIN_ALIGN, A> {
        // SAFETY: the arena is there (O1), and as no root has a reference to it, nobody has.
        unsafe { self.arena.as_mut() }
    }

    /// The arena, without anything in it.
    ///
    /// # Safety
    ///
    /// There is no root in the arena (O2).
    #[inline]
    pub(crate) unsafe fn into_arena(self) -> Arena<MIN_ALIGN, A> {
        let place = ManuallyDrop::new(self).arena;
        // SAFETY: it is what `Box::into_raw` would give (O1), and nobody has a reference to it.
        let mut arena = *unsafe { Box::from_raw(place.as_ptr()) };
        arena.reset();
        arena
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Drop for Home<MIN_ALIGN, A> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is what `Box::into_raw` would give (O1). Roots have ended before (O3).
        drop(unsafe { Box::from_raw(self.arena.as_ptr()) });
    }
}
