//! `&Arena` and `&Scope` as allocators, for std-like containers.

use core::alloc::Layout;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::Allocator;

use super::chunk::Chunk;
use super::math::Known;
use super::{Arena, Scope, at, math};

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// # Safety
    ///
    /// As for `Allocator::grow`.
    #[inline(always)]
    pub(crate) unsafe fn grow_block(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let cursor = self.cursor.get();
        let start = block.addr().get();
        let old_end = start.wrapping_add(math::round_up(old.size(), MIN_ALIGN));
        let misaligned = start & (new.align() - 1);
        if cfg!(miri) && self.is_alignment_by_chance(new) {
            // SAFETY: as promised.
            return unsafe { self.move_block(block, old, new) };
        }
        // One branch for both questions.
        if (old_end ^ cursor.addr().get()) | misaligned == 0 {
            let placed = math::place::<MIN_ALIGN>(
                start,
                self.end.get(),
                new.size(),
                MIN_ALIGN,
                Known::Aligned,
            );
            if let Some(placed) = placed {
                // Not from the cursor: knowing its address, the compiler would go on from there, and
                // each growth would wait for the store of the one before.
                let chunk = self.chunk.get().map_or(Self::NOWHERE, Chunk::block);
                // SAFETY: the block is the last one, so the cursor's chunk is its chunk, and the bytes
                // from its end on are free (I3).
                unsafe {
                    self.cursor.set(at(chunk, placed.next));
                    return Some(at(chunk, start));
                }
            }
        }
        // SAFETY: as promised.
        unsafe { self.grow_slow(block, old, new) }
    }

    /// Grows a block where it does not fit before the end.
    ///
    /// # Safety
    ///
    /// As for `Allocator::grow`.
    #[cold]
    #[inline(never)]
    unsafe fn grow_slow(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the chunk is live (I2).
        let end = self
            .chunk
            .get()
            .map_or(self.end.get(), |chunk| unsafe { chunk.end() });
        let start = block.addr().get();
        let is_last = start.wrapping_add(math::round_up(old.size(), MIN_ALIGN))
            == self.cursor.get().addr().get();
        let fits = || {
            math::place::<MIN_ALIGN>(start, end, new.size(), MIN_ALIGN, Known::Aligned).is_some()
        };
        // SAFETY: as promised.
        unsafe {
            if self.end.get() != end && is_last && start & (new.align() - 1) == 0 && fits() {
                self.use_rest();
                self.grow_block(block, old, new)
            } else {
                self.move_block(block, old, new)
            }
        }
    }

    /// Moves a block to where it has room.
    ///
    /// # Safety
    ///
    /// `block` is one of this arena's, of the layout `old`.
    unsafe fn move_block(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let moved = self.carve(new).ok()?;
        // SAFETY: the new block was free, so the two don't overlap; the old one is as large as its
        // layout says, and nobody will use it any more.
        unsafe {
            let bytes = old.size().min(new.size());
            ptr::copy_nonoverlapping(block.as_ptr(), moved.as_ptr(), bytes);
        }
        Some(moved)
    }

    /// # Safety
    ///
    /// As for `Allocator::shrink`.
    #[inline(always)]
    pub(crate) unsafe fn shrink_block(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let misaligned = block.addr().get() & (new.align() - 1);
        if misaligned != 0 || (cfg!(miri) && self.is_alignment_by_chance(new)) {
            // SAFETY: as promised.
            return unsafe { self.move_block(block, old, new) };
        }
        // SAFETY: the block is this arena's, and the caller gives up what is beyond its new size.
        unsafe { self.give_back(block, old.size(), new.size()) };
        Some(block)
    }
}

#[inline(always)]
pub(crate) fn sized<E>(
    block: Option<NonNull<u8>>,
    layout: Layout,
    error: E,
) -> Result<NonNull<[u8]>, E> {
    match block {
        Some(block) => Ok(NonNull::slice_from_raw_parts(block, layout.size())),
        None => Err(error),
    }
}

/// # Safety
///
/// The block is valid for writes up to `to`.
#[inline(always)]
pub(crate) unsafe fn zeroed<E>(
    block: Result<NonNull<[u8]>, E>,
    from: usize,
    to: usize,
) -> Result<NonNull<[u8]>, E> {
    let block = block?;
    // SAFETY: as promised.
    unsafe { block.cast::<u8>().add(from).write_bytes(0, to - from) };
    Ok(block)
}

/// Writes the `Allocator` of a version of the trait, for a type that derefs to an arena, or has methods like its
/// `carve`, `give_back`, `grow_block` and `shrink_block`.
macro_rules! implement_version {
    ($alloc:path, [$($generics:tt)*] for $type:ty) => {
        const _: () = {
        use $alloc as version;
        use core::alloc::Layout;
        use core::ptr::NonNull;
        use $crate::arena::allocator::{sized, zeroed};
        // SAFETY: blocks lie in chunks that stay where they are until the arena is dropped, reset or
        // rewound, whatever is done with a reference to it; a clone of the reference is the same
        // allocator. A block that is given back is reused only if it was the last (I4).
        unsafe impl<$($generics)*> version::Allocator for $type {
            #[inline]
            fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, version::AllocError> {
                sized(self.carve(layout).ok(), layout, version::AllocError)
            }

            #[inline]
            fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, version::AllocError> {
                let block = sized(self.carve(layout).ok(), layout, version::AllocError);
                // SAFETY: the block is as large as its layout says.
                unsafe { zeroed(block, 0, layout.size()) }
            }

            #[inline]
            unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the block is this arena's, of this layout, and the caller is done with it.
                unsafe { self.give_back(block, layout.size(), 0) };
            }

            #[inline]
            unsafe fn grow(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, version::AllocError> {
                // SAFETY: the same contract.
                sized(unsafe { self.grow_block(block, old, new) }, new, version::AllocError)
            }

            #[inline]
            unsafe fn grow_zeroed(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, version::AllocError> {
                // SAFETY: the same contract; the block is then as large as the new layout says.
                unsafe {
                    let block = sized(self.grow_block(block, old, new), new, version::AllocError);
                    zeroed(block, old.size(), new.size())
                }
            }

            #[inline]
            unsafe fn shrink(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, version::AllocError> {
                // SAFETY: the same contract.
                sized(unsafe { self.shrink_block(block, old, new) }, new, version::AllocError)
            }
        }
        };
    };
}

/// Writes the `Allocator`s of a type, of all versions of the trait.
macro_rules! implement {
    ([$($generics:tt)*] for $type:ty) => {
        $crate::arena::allocator::implement_version!(allocator_api2::alloc, [$($generics)*] for $type);
        #[cfg(feature = "allocator-api2-03")]
        $crate::arena::allocator::implement_version!(allocator_api2_03::alloc, [$($generics)*] for $type);
        #[cfg(feature = "allocator-api2-04")]
        $crate::arena::allocator::implement_version!(allocator_api2_04::alloc, [$($generics)*] for $type);
        #[cfg(std_allocator)]
        $crate::arena::allocator::implement_version!(core::alloc, [$($generics)*] for $type);
    };
}

#[allow(unused_imports, reason = "for other rooms, where they are built")]
pub(crate) use {implement, implement_version};

implement!([const MIN_ALIGN: usize, A: Allocator] for &Arena<MIN_ALIGN, A>);
implement!([const MIN_ALIGN: usize, A: Allocator] for &Scope<'_, MIN_ALIGN, A>);

/// An allocator whose memory lives for `'a`, however short it is borrowed itself.
///
/// So a container that is frozen into a plain slice can give it the lifetime of the arena, or of the
/// scope, and not just that of a borrow of the handle.
///
/// # Safety
///
/// A block that is never given back stays valid, and nobody else's, for `'a`.
pub unsafe trait ArenaRef<'a>: Allocator + sealed::Sealed {}

// SAFETY: the arena stays borrowed for `'a`: it is neither reset nor rewound nor dropped.
unsafe impl<'a, const MIN_ALIGN: usize, A: Allocator> ArenaRef<'a> for &'a Arena<MIN_ALIGN, A> {}

// SAFETY: what is allocated from a scope lives until the scope's end, after `'a`. Not so in a scope
// inside it: but as long as that one lasts the outer one is borrowed mutably, and no `&Scope` of it is
// left to allocate with.
unsafe impl<'a, const MIN_ALIGN: usize, A: Allocator> ArenaRef<'a> for &Scope<'a, MIN_ALIGN, A> {}

pub(crate) mod sealed {
    use super::{Allocator, Arena, Scope};

    pub trait Sealed {}

    impl<const MIN_ALIGN: usize, A: Allocator> Sealed for &Arena<MIN_ALIGN, A> {}
    impl<const MIN_ALIGN: usize, A: Allocator> Sealed for &Scope<'_, MIN_ALIGN, A> {}
}
