//! A backing allocator that may be used by several threads, fails when it is told to, and sees that all comes back.

use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::Mutex;

use allocator_api2::alloc::{AllocError, Allocator, Global, Layout};

/// What it has given, by address, and is told to do.
#[derive(Default)]
pub struct Backing(Mutex<State>);

#[derive(Default)]
struct State {
    blocks: BTreeMap<usize, Layout>,
    bytes: usize,
    /// After how many requests all fail.
    fails_after: Option<usize>,
    /// Whether one has failed.
    has_failed: bool,
}

impl Backing {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The bytes that are out.
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }

    pub fn fail_after(&self, requests: Option<usize>) {
        self.state().fails_after = requests;
    }

    /// Whether a request has failed since this was asked last.
    pub fn has_failed(&self) -> bool {
        std::mem::take(&mut self.state().has_failed)
    }
}

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for &Backing {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let mut state = self.state();
        // Fuzzers stop where so much is asked for.
        if state.fails_after == Some(0) || layout.size() > 1 << 30 {
            state.has_failed = true;
            return Err(AllocError);
        }
        state.fails_after = state.fails_after.map(|left| left - 1);
        let block = Global.allocate(layout)?;
        state.bytes += layout.size();
        let start = block.cast::<u8>().addr().get();
        assert!(state.blocks.insert(start, layout).is_none());
        Ok(block)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        let mut state = self.state();
        let asked = state.blocks.remove(&block.addr().get());
        assert_eq!(asked, Some(layout), "given back what was not asked for");
        state.bytes -= layout.size();
        // SAFETY: the block came from there, with this layout.
        unsafe { Global.deallocate(block, layout) }
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        let lost = self.0.get_mut().is_ok_and(|state| !state.blocks.is_empty());
        assert!(std::thread::panicking() || !lost, "memory leaks");
    }
}
