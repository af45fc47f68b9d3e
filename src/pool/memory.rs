//! The memory of a pool: blocks of pages, and the list of free slots through them.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::{ManuallyDrop, needs_drop};
use core::panic::RefUnwindSafe;
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use crate::arena::{Failure, math};
use crate::unwind::run_all;

/// What a page has at least, and the alignment of pages of small values.
const PAGE: usize = 4096;

/// Pages of larger values have room for several of them, up to this; beyond it mostly for one, and are as large as that.
const LARGEST_PAGE: usize = 1 << 16;

/// The size beyond which blocks do not grow by themselves: larger ones are mapped and unmapped each time.
const LARGEST_STEP: usize = 1 << 16;

/// The room for one value.
#[repr(C)]
union Slot<T> {
    _value: ManuallyDrop<T>,
    _link: FreeSlot,
}

/// A free slot.
#[derive(Clone, Copy)]
pub(super) struct FreeSlot {
    next: Option<NonNull<FreeSlot>>,
}

/// How the values of a type lie in pages.
pub(super) struct Shape {
    /// Slots begin in the first so many bytes of their page, which begins at a multiple.
    align: usize,
    /// Where the first slot begins.
    head: usize,
    slot: usize,
    /// The slots of a page; none where values have no size.
    slots: usize,
    /// From one page to the next; `None` if that would be more than there can be.
    stride: Option<usize>,
    drop_value: Option<unsafe fn(NonNull<u8>)>,
}

impl Shape {
    pub(super) const fn of<T>() -> &'static Self {
        const {
            let slot = size_of::<Slot<T>>();
            let head = math::round_up(size_of::<Page>(), align_of::<Slot<T>>());
            // A page of 16 slots or so, but not for that alone a large one.
            let room = head.saturating_add(slot.saturating_mul(16));
            let page = if room <= PAGE {
                PAGE
            } else if room <= LARGEST_PAGE {
                room.next_power_of_two()
            } else {
                LARGEST_PAGE
            };
            let several = page.saturating_sub(head) / slot;
            // Or one slot, which only begins where a page's header is found from.
            let align = (head + 1).next_power_of_two();
            let one = match slot.checked_add(head) {
                Some(one) if one <= isize::MAX as usize - align => Some(math::round_up(one, align)),
                _ => None,
            };
            let (align, slots, stride) = match one {
                // Where few would fit, what is left behind them counts.
                Some(one) if several != 0 && (room <= page || page / several <= one) => {
                    (page, several, Some(page))
                }
                _ => (align, 1, one),
            };
            &Shape {
                align,
                head,
                slot,
                slots: if size_of::<T>() == 0 { 0 } else { slots },
                stride,
                drop_value: if needs_drop::<T>() {
                    Some(drop_value::<T>)
                } else {
                    None
                },
            }
        }
    }
}

/// # Safety
///
/// At the slot there is a value of type `T`, which is not used again.
unsafe fn drop_value<T>(slot: NonNull<u8>) {
    // SAFETY: as promised.
    unsafe { value_at::<T>(slot).drop_in_place() };
}

/// Where the value of a slot is.
#[inline(always)]
pub(super) fn value_at<T>(slot: NonNull<u8>) -> NonNull<T> {
    if size_of::<T>() == 0 {
        NonNull::dangling()
    } else {
        slot.cast()
    }
}

/// What stands at the start of each page.
struct Page {
    core: NonNull<Core>,
    /// The first page of the block.
    block: NonNull<Page>,
    // The rest is that of the block, in its first page.
    /// The next block.
    next: Cell<Option<NonNull<Page>>>,
    /// The pages of the block.
    pages: usize,
    /// The free slots of the block while they are counted.
    free: Cell<usize>,
}

/// What boxes must find of a pool, wherever that is moved to.
#[repr(C)]
pub(super) struct Core {
    free: Cell<Option<NonNull<FreeSlot>>>,
    /// The taken slots.
    len: Cell<usize>,
    blocks: Cell<Option<NonNull<Page>>>,
    /// The first page without a header, in the block that has such pages, and how many they are.
    fresh: Cell<Option<NonNull<Page>>>,
    fresh_pages: Cell<usize>,
    capacity: Cell<usize>,
    stash: Cell<NonNull<NonNull<u8>>>,
    stash_len: Cell<usize>,
    stash_capacity: Cell<usize>,
    /// The boxes whose values will be stashed.
    promised: Cell<usize>,
}

/// The core of pools that have none.
struct Shared(Core);

// SAFETY: it is never written (P1).
unsafe impl Sync for Shared {}

static NO_CORE: Shared = Shared(Core::new());

impl Core {
    const fn new() -> Self {
        Core {
            free: Cell::new(None),
            len: Cell::new(0),
            blocks: Cell::new(None),
            fresh: Cell::new(None),
            fresh_pages: Cell::new(0),
            capacity: Cell::new(0),
            stash: Cell::new(NonNull::dangling()),
            stash_len: Cell::new(0),
            stash_capacity: Cell::new(0),
            promised: Cell::new(0),
        }
    }

    /// Takes a slot.
    #[inline(always)]
    pub(super) fn take(&self) -> Option<NonNull<u8>> {
        let slot = self.free.get()?;
        // SAFETY: a free slot is live, and is its link (P2, P3).
        self.free.set(unsafe { slot.as_ref() }.next);
        self.len.set(self.len.get() + 1);
        Some(slot.cast())
    }

    /// Gives a slot back.
    ///
    /// # Safety
    ///
    /// It is a taken one of this pool, and the caller's; there is no value in it. Whether it has a size is said right.
    #[inline(always)]
    unsafe fn give_back(&self, slot: NonNull<u8>, has_size: bool) {
        if has_size {
            let slot = slot.cast::<FreeSlot>();
            let next = self.free.get();
            // SAFETY: the slot is live, large enough, and the caller's (P2, P3).
            unsafe { slot.write(FreeSlot { next }) };
            self.free.set(Some(slot));
        }
        self.len.set(self.len.get() - 1);
    }

    /// Stashes a value with its slot, as was promised.
    ///
    /// # Safety
    ///
    /// The slot is a taken one of this pool, the caller's, and has a value; the caller has one of the promises.
    pub(super) unsafe fn stash(&self, slot: NonNull<u8>) {
        let len = self.stash_len.get();
        // SAFETY: there is room (P5).
        unsafe { self.stash.get().add(len).write(slot) };
        self.stash_len.set(len + 1);
        self.break_promise();
        self.len.set(self.len.get() - 1);
    }

    /// Takes a slot with its value out of the stash, and promises to take it back.
    pub(super) fn unstash(&self) -> Option<NonNull<u8>> {
        let slot = self.pop()?;
        // The room that it had stays for it (P5).
        self.promised.set(self.promised.get() + 1);
        self.len.set(self.len.get() + 1);
        Some(slot)
    }

    fn pop(&self) -> Option<NonNull<u8>> {
        let len = self.stash_len.get().checked_sub(1)?;
        self.stash_len.set(len);
        // SAFETY: there are as many pointers.
        Some(unsafe { self.stash.get().add(len).read() })
    }

    /// Gives up the room in the stash for one value that is out.
    pub(super) fn break_promise(&self) {
        self.promised.set(self.promised.get() - 1);
    }

    /// The pointers that the stash must have room for.
    fn in_stash(&self) -> usize {
        self.stash_len.get() + self.promised.get()
    }

    /// Makes free slots of the next page that has none yet, of which there is one.
    fn carve(&self, shape: &Shape) {
        let (Some(page), Some(stride)) = (self.fresh.get(), shape.stride) else {
            return;
        };
        // SAFETY: the page is in a live block, and its slots are not in use yet (P2). The block's first page has
        // its header from the start; the others get one like it.
        unsafe {
            let block = page.as_ref().block;
            let left = self.fresh_pages.get() - 1;
            self.fresh_pages.set(left);
            let next = (left != 0).then(|| page.byte_add(stride));
            if let Some(next) = next {
                next.write(Page {
                    core: page.as_ref().core,
                    block,
                    next: Cell::new(None),
                    pages: 0,
                    free: Cell::new(0),
                });
            }
            self.fresh.set(next);

            let mut link = self.free.get();
            for index in (0..shape.slots).rev() {
                let slot = page
                    .byte_add(shape.head + index * shape.slot)
                    .cast::<FreeSlot>();
                slot.write(FreeSlot { next: link });
                link = Some(slot);
            }
            self.free.set(link);
        }
    }
}

/// The core of the pool that a slot is of.
///
/// # Safety
///
/// The slot is one of a pool of `T`s, which lives for `'a`; the pointer is the pool's own.
#[inline(always)]
pub(super) unsafe fn core_of<'a, T>(slot: NonNull<u8>) -> &'a Core {
    // SAFETY: the page is at hand (P4), and its core live (P1, P2).
    unsafe {
        if size_of::<T>() == 0 {
            slot.cast::<Core>().as_ref()
        } else {
            let page = slot
                .as_ptr()
                .map_addr(|addr| addr & !(Shape::of::<T>().align - 1));
            (*page.cast::<Page>()).core.as_ref()
        }
    }
}

/// Gives a slot back when it is dropped.
pub(super) struct GiveBack<T> {
    slot: NonNull<u8>,
    _of: core::marker::PhantomData<*mut T>,
}

impl<T> GiveBack<T> {
    /// # Safety
    ///
    /// The slot is a taken one of a pool of `T`s, with the pool's own pointer, and the caller's. The pool lives
    /// longer than this; there will be no value in the slot when this is dropped.
    #[inline(always)]
    pub(super) unsafe fn new(slot: NonNull<u8>) -> Self {
        GiveBack {
            slot,
            _of: core::marker::PhantomData,
        }
    }
}

impl<T> Drop for GiveBack<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: as promised.
        unsafe { core_of::<T>(self.slot).give_back(self.slot, size_of::<T>() != 0) };
    }
}

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

    /// Gives back the blocks in which no slot is taken, and the room of the stash.
    pub(super) fn shrink(&mut self) {
        if self.core.get() == no_core() {
            return;
        }
        self.clear_stash();
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

/// What stands for the core that a pool does not have yet.
const fn no_core() -> NonNull<Core> {
    // It is never written through (P1), and without a free slot.
    let core: &'static Core = &NO_CORE.0;
    // SAFETY: a reference is not null.
    unsafe { NonNull::new_unchecked(core::ptr::from_ref(core).cast_mut()) }
}
