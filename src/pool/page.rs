//! The pages of a pool with their slots, and what boxes find of it from there.

use core::cell::Cell;
use core::mem::{ManuallyDrop, needs_drop};
use core::ptr::NonNull;

use crate::arena::math;

/// What a page has at least, and the alignment of pages of small values.
const PAGE: usize = 4096;

/// Pages of larger values have room for several of them, up to this; beyond it mostly for one, and are as large as that.
const LARGEST_PAGE: usize = 1 << 16;

/// The room for one value.
#[repr(C)]
union Slot<T> {
    _value: ManuallyDrop<T>,
    _link: FreeSlot,
}

/// A free slot.
#[derive(Clone, Copy)]
pub(super) struct FreeSlot {
    pub(super) next: Option<NonNull<FreeSlot>>,
}

/// How the values of a type lie in pages.
pub(super) struct Shape {
    /// Slots begin in the first so many bytes of their page, which begins at a multiple.
    pub(super) align: usize,
    /// Where the first slot begins.
    pub(super) head: usize,
    pub(super) slot: usize,
    /// The slots of a page; none where values have no size.
    pub(super) slots: usize,
    /// From one page to the next; `None` if that would be more than there can be.
    pub(super) stride: Option<usize>,
    pub(super) drop_value: Option<unsafe fn(NonNull<u8>)>,
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
pub(super) struct Page {
    pub(super) core: NonNull<Core>,
    /// The first page of the block.
    pub(super) block: NonNull<Page>,
    // The rest is that of the block, in its first page.
    /// The next block.
    pub(super) next: Cell<Option<NonNull<Page>>>,
    /// The pages of the block.
    pub(super) pages: usize,
    /// The free slots of the block while they are counted.
    pub(super) free: Cell<usize>,
}

/// What boxes must find of a pool, wherever that is moved to.
#[repr(C)]
pub(super) struct Core {
    pub(super) free: Cell<Option<NonNull<FreeSlot>>>,
    /// The taken slots.
    pub(super) len: Cell<usize>,
    pub(super) blocks: Cell<Option<NonNull<Page>>>,
    /// The first page without a header, in the block that has such pages, and how many they are.
    pub(super) fresh: Cell<Option<NonNull<Page>>>,
    pub(super) fresh_pages: Cell<usize>,
    pub(super) capacity: Cell<usize>,
    pub(super) stash: Cell<NonNull<NonNull<u8>>>,
    pub(super) stash_len: Cell<usize>,
    pub(super) stash_capacity: Cell<usize>,
    /// The boxes whose values will be stashed.
    pub(super) promised: Cell<usize>,
}

/// The core of pools that have none.
struct Shared(Core);

// SAFETY: it is never written (P1).
unsafe impl Sync for Shared {}

static NO_CORE: Shared = Shared(Core::new());

impl Core {
    pub(super) const fn new() -> Self {
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
    pub(super) unsafe fn give_back(&self, slot: NonNull<u8>, has_size: bool) {
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
    pub(super) fn in_stash(&self) -> usize {
        self.stash_len.get() + self.promised.get()
    }

    /// Makes free slots of the next page that has none yet, of which there is one.
    pub(super) fn carve(&self, shape: &Shape) {
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

/// What stands for the core that a pool does not have yet.
pub(super) const fn no_core() -> NonNull<Core> {
    // It is never written through (P1), and without a free slot.
    let core: &'static Core = &NO_CORE.0;
    // SAFETY: a reference is not null.
    unsafe { NonNull::new_unchecked(core::ptr::from_ref(core).cast_mut()) }
}
