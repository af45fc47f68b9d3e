//! What several test files share: a backing allocator that watches over what the arena does with it.
#![allow(dead_code)]

pub mod model;
// The fuzz targets, which share this, have it for their tests alone.
#[cfg(test)]
pub mod properties;
pub mod values;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global, Layout};

/// The bytes that an arena's chunk begins with.
pub const HEADER: usize = if usize::BITS == 64 { 64 } else { 48 };

/// What a [`Watched`] allocator has seen, and is told to do.
#[derive(Default)]
pub struct Watch {
    /// The blocks that are out, by address.
    blocks: RefCell<BTreeMap<usize, Layout>>,
    /// How often it was asked for a block.
    pub asked: Cell<usize>,
    /// The number of requests after which one fails, and whether all after it fail too.
    pub fail_after: Cell<Option<usize>>,
    pub fail_on: Cell<bool>,
    /// Whether it says that it gave more than it was asked for.
    pub generous: Cell<bool>,
}

impl Watch {
    pub fn bytes(&self) -> usize {
        self.blocks.borrow().values().map(Layout::size).sum()
    }

    pub fn count(&self) -> usize {
        self.blocks.borrow().len()
    }

    /// The end of the block that starts at `start`.
    pub fn end_of(&self, start: usize) -> Option<usize> {
        self.blocks
            .borrow()
            .get(&start)
            .map(|layout| start + layout.size())
    }

    /// The start and end of the block that holds `addr` behind its first `header` bytes.
    pub fn block_around(&self, addr: usize, header: usize) -> Option<(usize, usize)> {
        let blocks = self.blocks.borrow();
        let (&start, layout) = blocks.range(..=addr.checked_sub(header)?).next_back()?;
        (addr <= start + layout.size()).then(|| (start, start + layout.size()))
    }
}

/// The global allocator, watched: blocks must come back with the layout that they were asked for, once.
#[derive(Clone, Copy)]
pub struct Watched<'w>(pub &'w Watch);

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Watched<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let watch = self.0;
        watch.asked.set(watch.asked.get() + 1);
        if let Some(left) = watch.fail_after.get() {
            if left == 0 {
                if !watch.fail_on.get() {
                    watch.fail_after.set(None);
                }
                return Err(AllocError);
            }
            watch.fail_after.set(Some(left - 1));
        }
        if layout.size() as u64 > 1 << 40 {
            // No machine has as much; interpreters and sanitizers stop where it is asked for.
            return Err(AllocError);
        }
        let extra = if watch.generous.get() { 48 } else { 0 };
        let real = Layout::from_size_align(layout.size() + extra, layout.align())
            .map_err(|_| AllocError)?;
        let block = Global.allocate(real)?;
        let start = block.cast::<u8>().addr().get();
        assert!(watch.blocks.borrow_mut().insert(start, layout).is_none());
        Ok(block)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        let asked = self.0.blocks.borrow_mut().remove(&block.addr().get());
        assert_eq!(asked, Some(layout), "given back what was not asked for");
        let extra = if self.0.generous.get() { 48 } else { 0 };
        let real = Layout::from_size_align(layout.size() + extra, layout.align()).unwrap();
        // SAFETY: the block came from there, with this layout.
        unsafe { Global.deallocate(block, real) }
    }
}

/// Counts its drops.
#[derive(Debug)]
pub struct Counted<'c>(pub &'c Cell<usize>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Runs `f`, and says whether it panicked. No message is printed for a [`panic_quietly`].
pub fn panics(f: impl FnOnce()) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_err()
}

/// The payload of [`panic_quietly`].
pub const ON_PURPOSE: &str = "on purpose";

/// Panics without a message.
pub fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new(ON_PURPOSE))
}

/// Runs `f` with memory that fails at its n-th request, that one alone or all from there on, for every n until `f` asks
/// so often no more. It answers whether it had all that it wanted, and leaves nothing behind. Says how often it did not.
pub fn until_there_is_memory(mut f: impl FnMut(&Watch) -> bool) -> usize {
    let mut refused = 0;
    for fails_on in [false, true] {
        for n in 0.. {
            let watch = Watch::default();
            watch.fail_after.set(Some(n));
            watch.fail_on.set(fails_on);
            let has_all = f(&watch);
            assert_eq!(watch.count(), 0, "memory leaks after {n} requests");
            if watch.asked.get() <= n {
                assert!(has_all, "refused without need");
                break;
            }
            refused += usize::from(!has_all);
        }
    }
    refused
}
