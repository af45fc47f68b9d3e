//! The block that a value shares with its counts and its allocator (R1, R2).

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator};

use crate::arena::Failure;

/// What lies before a value. Aligned, so that half of a block's alignment is a number.
#[repr(align(2))]
pub(super) struct Header<A> {
    pub(super) strong: Cell<usize>,
    pub(super) weak: Cell<usize>,
    pub(super) alloc: A,
}

/// The bit of `strong` that says that there is no value.
pub(super) const NO_VALUE: usize = !(usize::MAX >> 1);

/// What `strong` is without a value: the bit that says so, and the layout of the block. Its size is a multiple of
/// its alignment, so the sum's lowest bit tells that.
#[inline(always)]
pub(super) fn without_value(block: Layout) -> usize {
    NO_VALUE | (block.size() + block.align() / 2)
}

/// The layout of the block that is kept in a `strong`.
///
/// # Safety
///
/// It is one that [`without_value`] made.
#[inline(always)]
pub(super) unsafe fn kept_layout(strong: usize) -> Layout {
    let sum = strong & !NO_VALUE;
    let half = sum & sum.wrapping_neg();
    // SAFETY: these are the size and the alignment of a layout. (`half` is not 0, since a header is aligned to 2.)
    unsafe { Layout::from_size_align_unchecked(sum - half, 2 * half) }
}

/// The layout of a block with a header and a value.
#[inline(always)]
pub(super) fn block_layout<A>(value: Layout) -> Result<Layout, Failure> {
    match Layout::new::<Header<A>>().extend(value) {
        Ok((layout, _)) => Ok(layout.pad_to_align()),
        Err(_) => Err(Failure::TooLarge),
    }
}

/// Where the value lies in a block: at the first place behind a header that is aligned for both. So it is
/// aligned for a header too, and one fits right before it.
#[inline(always)]
pub(super) fn value_offset<A>(block: Layout) -> usize {
    let mask = block.align() - 1;
    (size_of::<Header<A>>() + mask) & !mask
}

/// A block without a header yet. Dropped, it goes back.
pub(super) struct Block<A: Allocator> {
    pub(super) start: NonNull<u8>,
    pub(super) layout: Layout,
    pub(super) alloc: A,
}

impl<A: Allocator> Block<A> {
    /// A block for a value of this layout; if there is none the allocator is handed back.
    #[inline(always)]
    pub(super) fn new(value: Layout, alloc: A) -> Result<Self, (Failure, A)> {
        let layout = match block_layout::<A>(value) {
            Ok(layout) => layout,
            Err(failure) => return Err((failure, alloc)),
        };
        match alloc.allocate(layout) {
            Ok(block) => Ok(Block {
                start: block.cast(),
                layout,
                alloc,
            }),
            Err(AllocError) => Err((Failure::Memory(layout), alloc)),
        }
    }

    /// Where the value goes.
    #[inline(always)]
    pub(super) fn value(&self) -> NonNull<u8> {
        // SAFETY: the block is as large as its layout, in which the value lies.
        unsafe { self.start.add(value_offset::<A>(self.layout)) }
    }

    /// Writes the header. The block is now that of the handles, of which there is one that counts as weak.
    #[inline(always)]
    pub(super) fn open(self, strong: usize) -> NonNull<u8> {
        let this = ManuallyDrop::new(self);
        let value = this.value();
        // SAFETY: there is room for a header right before the value, aligned (see `value_offset`). The
        // allocator is moved out once, since `this` is not used again.
        unsafe {
            value.cast::<Header<A>>().sub(1).write(Header {
                strong: Cell::new(strong),
                weak: Cell::new(1),
                alloc: ptr::read(&this.alloc),
            });
        }
        value
    }
}

impl<A: Allocator> Drop for Block<A> {
    fn drop(&mut self) {
        // SAFETY: the block came from there, with this layout, and was handed to nobody.
        unsafe { self.alloc.deallocate(self.start, self.layout) };
    }
}

impl<A> Header<A> {
    #[inline(always)]
    pub(super) fn add_strong(&self) {
        let strong = self.strong.get() + 1;
        if strong & NO_VALUE != 0 {
            too_many_handles();
        }
        self.strong.set(strong);
    }

    #[inline(always)]
    pub(super) fn add_weak(&self) {
        match self.weak.get().checked_add(1) {
            Some(weak) => self.weak.set(weak),
            None => too_many_handles(),
        }
    }
}

/// Ends the program: a count has come to its end, since handles were forgotten.
#[cold]
#[inline(never)]
pub(super) fn too_many_handles() -> ! {
    // No unwinding passes here.
    extern "C" fn abort() -> ! {
        panic!("too many handles of one value")
    }
    abort()
}

/// Gives a block back.
///
/// # Safety
///
/// There is no handle of it any more, and no value in it.
#[inline]
pub(super) unsafe fn free<A: Allocator>(header: NonNull<Header<A>>) {
    // SAFETY: without a value `strong` tells the block's layout (R2), and that how far the value, before which
    // the header ends, is behind the block's start. The allocator is moved out before its memory goes.
    unsafe {
        let Header { strong, alloc, .. } = header.read();
        let layout = kept_layout(strong.get());
        let start = header.add(1).cast::<u8>().sub(value_offset::<A>(layout));
        alloc.deallocate(start, layout);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_kept_in_a_word() {
        let word = size_of::<usize>();
        for align in [word, 16, 64, 4096, 1 << 20] {
            for size in [1, 2, 3, 1000] {
                let layout = Layout::from_size_align(size * align, align).unwrap();
                let strong = without_value(layout);
                assert_ne!(strong & NO_VALUE, 0);
                // SAFETY: it was made just there.
                assert_eq!(unsafe { kept_layout(strong) }, layout);
            }
        }
        let largest = isize::MAX as usize & !(word - 1);
        let layout = Layout::from_size_align(largest, word).unwrap();
        // SAFETY: it was made just there.
        assert_eq!(unsafe { kept_layout(without_value(layout)) }, layout);
        let widest = 1 << (usize::BITS - 2);
        let layout = Layout::from_size_align(widest, widest).unwrap();
        // SAFETY: it was made just there.
        assert_eq!(unsafe { kept_layout(without_value(layout)) }, layout);
    }
}
