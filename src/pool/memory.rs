//! The memory of a pool: blocks of pages, and the values in its stash.

use core::alloc::Layout;
use core::cell::Cell;
use core::panic::RefUnwindSafe;
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use super::page::{Core, FreeSlot, Page, Shape, no_core};
use crate::arena::{Failure, math};
use crate::unwind::run_all;

/// The size beyond which blocks do not grow by themselves: larger ones are mapped and unmapped each time.
const LARGEST_STEP: usize = 1 << 16;

/// The blocks of a pool and the values in its stash, whose type it knows by its [`Shape`] alone: so its `Drop` impl
/// names none.
pub(super) struct Memory<A: Allocator> {
    core: Cell<NonNull<Core>>,
    /// The bytes of core, stash and blocks, also of what is linked nowhere yet.
    held: Cell<usize>,
    limit: Cell<usize>,
    shape: &'static Shape,
    pub(super) backing: A,
}

// Code that panics can't leave it in a state that matters (P6).
impl<A: Allocator + RefUnwindSafe> RefUnwindSafe for Memory<A> {}

impl<A: Allocator> Memory<A> {
    pub(super) const fn new(shape: &'static Shape, backing: A) -> Self {
        Memory {
            core: Cell::new(no_core()),
            held: Cell::new(0),
            limit: Cell::new(usize::MAX),
            shape,
            backing,
        }
    }

    /// What may be shared, and is then not to be written.
    #[inline(always)]
    pub(super) fn core(&self) -> &Core {
        // SAFETY: it is live as long as the pool (P1).
        unsafe { self.core.get().as_ref() }
    }

    /// The core's own pointer, which stands for a slot where values have no size.
    pub(super) fn core_pointer(&self) -> NonNull<u8> {
        self.core.get().cast()
    }

    pub(super) fn limit(&self) -> &Cell<usize> {
        &self.limit
    }

    pub(super) fn len(&self) -> usize {
        self.core().len.get()
    }

    pub(super) fn capacity(&self) -> usize {
        if self.shape.slots == 0 {
            return usize::MAX;
        }
        self.core().capacity.get()
    }

    /// The core of this pool alone.
    pub(super) fn own_core(&self) -> Result<&Core, Failure> {
        if self.core.get() == no_core() {
            let layout = Layout::new::<Core>();
            let core = self.allocate(layout)?.cast::<Core>();
            // A backing allocator that uses this pool could have made one already (P6).
            if self.core.get() == no_core() {
                // SAFETY: the block is large enough, and ours.
                unsafe { core.write(Core::new()) };
                self.core.set(core);
            } else {
                // SAFETY: it was allocated above, and is not used.
                unsafe { self.free(core.cast(), layout) };
            }
        }
        Ok(self.core())
    }

    /// Counts one more value where values have no size.
    pub(super) fn take_without_size(&self) -> Result<NonNull<u8>, Failure> {
        let core = self.own_core()?;
        core.len.set(core.len.get() + 1);
        Ok(self.core_pointer())
    }

    /// Makes free slots. (A backing allocator that uses this pool could have taken them again.)
    #[cold]
    #[inline(never)]
    pub(super) fn refill(&self) -> Result<(), Failure> {
        let core = self.own_core()?;
        if core.free.get().is_some() {
            return Ok(());
        }
        if core.fresh_pages.get() == 0 {
            self.make_block(core, 1)?;
        }
        if core.fresh_pages.get() != 0 {
            core.carve(self.shape);
        }
        Ok(())
    }

    /// Makes sure that `count` more values find room.
    pub(super) fn reserve(&self, count: usize) -> Result<(), Failure> {
        if count == 0 || self.shape.slots == 0 {
            return Ok(());
        }
        let core = self.own_core()?;
        let taken = core.len.get() + core.stash_len.get();
        let missing = count.saturating_sub(core.capacity.get() - taken);
        if missing != 0 {
            self.make_block(core, missing.div_ceil(self.shape.slots))?;
        }
        Ok(())
    }

    /// Makes a block of `pages` or more, and links it.
    fn make_block(&self, core: &Core, pages: usize) -> Result<(), Failure> {
        let least = self.block(pages)?;
        // The step grows with what is held, as the chunks of an `Arena` do.
        let step = math::next_step(math::step_after(self.held.get())).min(LARGEST_STEP);
        let pages_in_step = step / (least.size() / pages);
        let wanted = (pages_in_step > pages)
            .then(|| self.block(pages_in_step).ok())
            .flatten();
        let (pages, block) = wanted
            .and_then(|layout| Some((pages_in_step, self.allocate(layout).ok()?)))
            .map_or_else(|| Ok((pages, self.allocate(least)?)), Ok)?;

        let block = block.cast::<Page>();
        // SAFETY: the block is that large, and ours.
        unsafe {
            block.write(Page {
                core: self.core.get(),
                block,
                next: Cell::new(core.blocks.get()),
                pages,
                free: Cell::new(0),
            });
        }
        core.blocks.set(Some(block));
        core.capacity
            .set(core.capacity.get() + pages * self.shape.slots);
        // Only one block has fresh pages. So all of the other's are carved: the fewer.
        let (before, count) = (core.fresh.get(), core.fresh_pages.get());
        if count < pages {
            while core.fresh_pages.get() != 0 {
                core.carve(self.shape);
            }
            core.fresh.set(Some(block));
            core.fresh_pages.set(pages);
        } else {
            core.fresh.set(Some(block));
            core.fresh_pages.set(pages);
            while core.fresh_pages.get() != 0 {
                core.carve(self.shape);
            }
            core.fresh.set(before);
            core.fresh_pages.set(count);
        }
        Ok(())
    }

    /// What a block of so many pages is allocated with.
    fn block(&self, pages: usize) -> Result<Layout, Failure> {
        (self.shape.stride)
            .and_then(|stride| stride.checked_mul(pages))
            .and_then(|size| Layout::from_size_align(size, self.shape.align).ok())
            .ok_or(Failure::TooLarge)
    }

    /// Promises room in the stash for one more value.
    pub(super) fn promise(&self) -> Result<&Core, Failure> {
        let core = self.own_core()?;
        while core.in_stash() == core.stash_capacity.get() {
            let capacity = core.stash_capacity.get();
            let layout = stash(capacity.saturating_mul(2).max(8))?;
            let room = self.allocate(layout)?.cast();
            // A backing allocator that uses this pool could have changed all of it (P6).
            let (old, len) = (core.stash.get(), core.stash_len.get());
            if core.stash_capacity.get() == capacity {
                // SAFETY: there is room for more than in the old one, which is elsewhere.
                unsafe { old.copy_to_nonoverlapping(room, len) };
                core.stash.set(room);
                core.stash_capacity
                    .set(layout.size() / size_of::<NonNull<u8>>());
                self.free_stash(old, capacity);
            } else {
                // SAFETY: it was allocated above, and is not used.
                unsafe { self.free(room.cast(), layout) };
            }
        }
        core.promised.set(core.promised.get() + 1);
        Ok(core)
    }

    /// Gives back the room that a stash had, which is not used again.
    fn free_stash(&self, room: NonNull<NonNull<u8>>, capacity: usize) {
        if let (1.., Ok(layout)) = (capacity, stash(capacity)) {
            // SAFETY: it was allocated with this layout.
            unsafe { self.free(room.cast(), layout) };
        }
    }

    /// Drops the values in the stash, and gives their slots back; if a destructor panics, the others still run.
    pub(super) fn clear_stash(&self) {
        run_all(|| match self.core().unstash() {
            Some(slot) => {
                /// The slot goes back also if the destructor panics.
                struct Free<'c>(&'c Core, NonNull<u8>, bool);
                impl Drop for Free<'_> {
                    fn drop(&mut self) {
                        self.0.break_promise();
                        // SAFETY: the slot is ours, and the value in it gone (P3).
                        unsafe { self.0.give_back(self.1, self.2) };
                    }
                }
                let _free = Free(self.core(), slot, self.shape.slots != 0);
                if let Some(drop_value) = self.shape.drop_value {
                    // SAFETY: the value is of the shape's type, and ours (P3).
                    unsafe { drop_value(slot) };
                }
                true
            }
            None => false,
        });
    }

    /// Drops the values in the stash, and gives back its room and the blocks in which no slot is taken.
    pub(super) fn shrink(&mut self) {
        /// The memory goes after the values, also if a destructor panics.
        struct Free<'m, A: Allocator>(&'m mut Memory<A>);
        impl<A: Allocator> Drop for Free<'_, A> {
            fn drop(&mut self) {
                self.0.free_unused();
            }
        }
        if self.core.get() != no_core() {
            let free = Free(self);
            free.0.clear_stash();
        }
    }

    /// Gives back the blocks in which no slot is taken, and the room of the stash, in which there is no value.
    fn free_unused(&mut self) {
        let core = self.core();
        // What was promised to boxes that were forgotten: nobody else can have one, since the pool is ours.
        core.promised.set(0);
        let (room, capacity) = (core.stash.get(), core.stash_capacity.replace(0));

        let mut link = core.free.get();
        while let Some(slot) = link {
            // SAFETY: the slot is live, and so are its page and that one's block (P2, P3, P4).
            unsafe {
                let block = self.page_of(slot).block.as_ref();
                block.free.set(block.free.get() + 1);
                link = slot.as_ref().next;
            }
        }
        let fresh = core.fresh.get().filter(|_| core.fresh_pages.get() != 0);
        // SAFETY: pages in live blocks, which are not freed before this is done (P2).
        unsafe {
            if let Some(block) = fresh.map(|page| page.as_ref().block.as_ref()) {
                let uncarved = core.fresh_pages.get() * self.shape.slots;
                block.free.set(block.free.get() + uncarved);
                if self.is_unused(block) {
                    core.fresh.set(None);
                    core.fresh_pages.set(0);
                }
            }
            let mut last: Option<NonNull<FreeSlot>> = None;
            let mut link = core.free.take();
            while let Some(slot) = link {
                link = slot.as_ref().next;
                if !self.is_unused(self.page_of(slot).block.as_ref()) {
                    match last {
                        Some(last) => (*last.as_ptr()).next = Some(slot),
                        None => core.free.set(Some(slot)),
                    }
                    last = Some(slot);
                    (*slot.as_ptr()).next = None;
                }
            }
        }

        let mut blocks = core.blocks.take();
        let mut unused = Blocks(self, None);
        while let Some(block) = blocks {
            // SAFETY: the block is live (P2), and linked again in one place.
            let page = unsafe { block.as_ref() };
            blocks = page.next.get();
            if self.is_unused(page) {
                core.capacity
                    .set(core.capacity.get() - page.pages * self.shape.slots);
                page.next.set(unused.1.replace(block));
            } else {
                page.free.set(0);
                page.next.set(core.blocks.replace(Some(block)));
            }
        }
        // Its blocks go also if this panics.
        self.free_stash(room, capacity);
        drop(unused);
    }

    /// Whether all slots of a block were counted as free.
    fn is_unused(&self, block: &Page) -> bool {
        block.free.get() == block.pages * self.shape.slots
    }

    /// # Safety
    ///
    /// The slot is one of this pool's.
    unsafe fn page_of(&self, slot: NonNull<FreeSlot>) -> &Page {
        let page = slot
            .as_ptr()
            .map_addr(|addr| addr & !(self.shape.align - 1));
        // SAFETY: a page has a header if it has slots (P2, P4).
        unsafe { &*page.cast() }
    }

    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        let held = self.held.get().checked_add(layout.size());
        let Some(held) = held.filter(|held| *held <= self.limit.get()) else {
            return Err(Failure::Memory(layout));
        };
        // It counts from the start, so that nobody else uses the same rest of the limit (P6).
        self.held.set(held);
        let undo = Undo(&self.held, layout.size());
        let block = self.backing.allocate(layout);
        let block = block.map_err(|_| Failure::Memory(layout))?;
        core::mem::forget(undo);
        Ok(block.cast())
    }

    /// # Safety
    ///
    /// The block was allocated with this layout, and is not used again.
    unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        self.held.set(self.held.get() - layout.size());
        // SAFETY: as promised.
        unsafe { self.backing.deallocate(block, layout) };
    }
}

/// Counts bytes as not held when it is dropped.
struct Undo<'h>(&'h Cell<usize>, usize);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - self.1);
    }
}

impl<A: Allocator> Drop for Memory<A> {
    fn drop(&mut self) {
        if self.core.get() == no_core() {
            return;
        }
        /// The memory goes after the values, also if a destructor panics.
        struct Free<'m, A: Allocator>(&'m Memory<A>);
        impl<A: Allocator> Drop for Free<'_, A> {
            fn drop(&mut self) {
                let core = self.0.core();
                let blocks = Blocks(self.0, core.blocks.take());
                let (room, capacity) = (core.stash.get(), core.stash_capacity.get());
                let core = FreeCore(self.0);
                self.0.free_stash(room, capacity);
                drop(blocks);
                drop(core);
            }
        }
        struct FreeCore<'m, A: Allocator>(&'m Memory<A>);
        impl<A: Allocator> Drop for FreeCore<'_, A> {
            fn drop(&mut self) {
                let core = self.0.core.replace(no_core());
                // SAFETY: the pool can't be borrowed, so that nobody has a box; nothing of it is used again (P1).
                unsafe { self.0.free(core.cast(), Layout::new::<Core>()) };
            }
        }
        let free = Free(self);
        free.0.clear_stash();
    }
}

/// Blocks that go back to the backing allocator when this is dropped. They are live, linked to each other alone, and
/// nothing in them is used again.
struct Blocks<'m, A: Allocator>(&'m Memory<A>, Option<NonNull<Page>>);

impl<A: Allocator> Drop for Blocks<'_, A> {
    fn drop(&mut self) {
        run_all(|| {
            let Some(block) = self.1 else {
                return false;
            };
            // SAFETY: the blocks are live until they are freed, each once (P2).
            unsafe {
                let (next, pages) = (block.as_ref().next.get(), block.as_ref().pages);
                self.1 = next;
                if let Ok(layout) = self.0.block(pages) {
                    self.0.free(block.cast(), layout);
                }
            }
            true
        });
    }
}

/// The room of a stash.
fn stash(capacity: usize) -> Result<Layout, Failure> {
    Layout::array::<NonNull<u8>>(capacity).map_err(|_| Failure::TooLarge)
}
