//! A slice that grows in its block.

use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr;

use allocator_api2::alloc::{AllocError, Allocator};

use crate::arena::Failure;

use super::Rc;
use super::block::{Block, block_layout};

/// A slice that is being filled, in its block. Dropped before it is done, it drops the values made so far, and
/// then the block goes back, also if one of them panics.
pub(super) struct Filling<T, A: Allocator> {
    made: usize,
    room: usize,
    block: Block<A>,
    values: PhantomData<T>,
}

impl<T, A: Allocator> Filling<T, A> {
    pub(super) fn with_room(room: usize, alloc: A) -> Result<Self, (Failure, A)> {
        let Ok(values) = Layout::array::<T>(room) else {
            return Err((Failure::TooLarge, alloc));
        };
        Ok(Filling {
            made: 0,
            room,
            block: Block::new(values, alloc)?,
            values: PhantomData,
        })
    }

    #[inline(always)]
    pub(super) fn push(&mut self, value: T) -> Result<(), Failure> {
        if self.made == self.room {
            self.grow()?;
        }
        // SAFETY: there is room for one more, which is nobody else's.
        unsafe {
            let start = self.block.value().cast::<T>();
            start.add(self.made).write(value);
        }
        self.made += 1;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    pub(super) fn grow(&mut self) -> Result<(), Failure> {
        if size_of::<T>() == 0 && self.room < usize::MAX {
            // Also without a size, the values of a slice are counted.
            self.room = usize::MAX;
            return Ok(());
        }
        let least = self.room.checked_add(1).ok_or(Failure::TooLarge)?;
        // Where doubling exceeds what there is, what is needed may still fit.
        let doubled = self.room.saturating_mul(2).max(4);
        (self.grow_to(doubled)).or_else(|_| self.grow_to(least))
    }

    pub(super) fn grow_to(&mut self, room: usize) -> Result<(), Failure> {
        let values = Layout::array::<T>(room).map_err(|_| Failure::TooLarge)?;
        let layout = block_layout::<A>(values)?;
        let block = &mut self.block;
        // SAFETY: the block came from there, with its layout. The new one is not smaller, and of the same
        // alignment, so that the values keep their place in it.
        let grown = unsafe { block.alloc.grow(block.start, block.layout, layout) };
        block.start = grown.map_err(|AllocError| Failure::Memory(layout))?.cast();
        block.layout = layout;
        self.room = room;
        Ok(())
    }

    /// The slice of the values added. Room that was not needed goes back.
    #[inline(always)]
    pub(super) fn finish(mut self) -> Result<Rc<[T], A>, Failure> {
        if self.made < self.room {
            let values = Layout::array::<T>(self.made).map_err(|_| Failure::TooLarge)?;
            let layout = block_layout::<A>(values)?;
            let block = &mut self.block;
            // The block is given back one day with the layout of what is in it, so it must have just that.
            if layout != block.layout {
                // SAFETY: the block came from there, with its layout. The new one is not larger, and of
                // the same alignment.
                let shrunk = unsafe { block.alloc.shrink(block.start, block.layout, layout) };
                block.start = shrunk.map_err(|AllocError| Failure::Memory(layout))?.cast();
                block.layout = layout;
            }
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, so the block is moved out once.
        let block = unsafe { ptr::read(&this.block) };
        // SAFETY: the values have been written, and the block's layout is that of one for them.
        unsafe { Ok(Rc::of_slice(block, this.made)) }
    }
}

impl<T, A: Allocator> Drop for Filling<T, A> {
    fn drop(&mut self) {
        let start = self.block.value().cast::<T>();
        let made = ptr::slice_from_raw_parts_mut(start.as_ptr(), self.made);
        // SAFETY: these values have been written, and were handed to nobody. Then the block is dropped.
        unsafe { ptr::drop_in_place(made) };
    }
}
