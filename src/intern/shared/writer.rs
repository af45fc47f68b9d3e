//! What only one thread at a time touches of an interner for many.

use core::alloc::Layout;
use core::hint::spin_loop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};
use std::sync::{PoisonError, TryLockError};

use allocator_api2::alloc::Allocator;

use crate::arena::{Arena, Failure};
use crate::atomic::{AtomicUsize, Mutex, MutexGuard, Ordering};

/// A lock, and what is behind it.
pub(super) struct Guarded<A: Allocator> {
    /// Names the thread that has the lock; 0 if none has.
    owner: AtomicUsize,
    lock: Mutex<Writer<A>>,
}

/// The memory of an interner.
pub(super) struct Writer<A: Allocator> {
    pub(super) texts: Arena<1, A>,
    /// The bytes of tables and buckets.
    index: usize,
    /// The bytes that may be held; `usize::MAX` for no limit.
    limit: usize,
}

/// The lock, had by this thread.
pub(super) struct Locked<'s, A: Allocator> {
    writer: MutexGuard<'s, Writer<A>>,
    owner: &'s AtomicUsize,
}

impl<A: Allocator> Drop for Locked<'_, A> {
    fn drop(&mut self) {
        self.owner.store(0, Ordering::Relaxed);
    }
}

impl<A: Allocator> Deref for Locked<'_, A> {
    type Target = Writer<A>;

    fn deref(&self) -> &Writer<A> {
        &self.writer
    }
}

impl<A: Allocator> DerefMut for Locked<'_, A> {
    fn deref_mut(&mut self) -> &mut Writer<A> {
        &mut self.writer
    }
}

/// A number that no other living thread has.
fn this_thread() -> usize {
    std::thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| ptr::from_ref(here).addr())
}

impl<A: Allocator> Guarded<A> {
    pub(super) fn new(backing: A) -> Self {
        Guarded {
            owner: AtomicUsize::new(0),
            lock: Mutex::new(Writer {
                texts: Arena::with_min_align_in(backing),
                index: 0,
                limit: usize::MAX,
            }),
        }
    }

    /// Takes the lock, or panics where this thread has it already.
    pub(super) fn lock(&self) -> Locked<'_, A> {
        // To the model checker all threads are one.
        let me = if cfg!(loom) { 0 } else { this_thread() };
        // No other thread stores this one's number.
        if me != 0 && self.owner.load(Ordering::Relaxed) == me {
            panic!("the backing allocator of a SyncInterner can't add to that interner");
        }
        // What panicked was the backing allocator, before anything was published.
        let writer = self.wait();
        self.owner.store(me, Ordering::Relaxed);
        Locked {
            writer,
            owner: &self.owner,
        }
    }

    /// Waits for the lock: awake for a while, since to fall asleep and be woken takes longer than many additions.
    fn wait(&self) -> MutexGuard<'_, Writer<A>> {
        const TRIES: u32 = if cfg!(loom) { 0 } else { 12 };
        for pauses in (0..TRIES).map(|tries| 1 << tries.min(9)) {
            match self.lock.try_lock() {
                Ok(writer) => return writer,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => (0..pauses).for_each(|_: u32| spin_loop()),
            }
        }
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is behind the lock, without it.
    pub(super) fn get_mut(&mut self) -> &mut Writer<A> {
        (self.lock.get_mut()).unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn into_inner(self) -> Writer<A> {
        (self.lock.into_inner()).unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Allocator> Writer<A> {
    /// The bytes that were asked for and not given back.
    pub(super) fn held(&self) -> usize {
        self.texts.capacity() + self.index
    }

    pub(super) fn limit(&self) -> Option<usize> {
        Some(self.limit).filter(|&limit| limit != usize::MAX)
    }

    pub(super) fn set_limit(&mut self, limit: Option<usize>) {
        self.limit = limit.unwrap_or(usize::MAX);
        self.share_limit();
    }

    /// Leaves to the texts what the index does not hold.
    pub(super) fn share_limit(&self) {
        if self.limit != usize::MAX || self.texts.limit().is_some() {
            let limit = self.limit();
            (self.texts).set_limit(limit.map(|limit| limit.saturating_sub(self.index)));
        }
    }

    /// A block for a table or a bucket.
    pub(super) fn allocate(&mut self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        let allowance = match self.limit {
            usize::MAX => usize::MAX,
            limit => limit.saturating_sub(self.held()),
        };
        if layout.size() > allowance {
            return Err(Failure::Memory(layout));
        }
        let block = (self.texts.allocator().allocate(layout))
            .map_err(|_| Failure::Memory(layout))?
            .cast();
        self.index += layout.size();
        self.share_limit();
        Ok(block)
    }

    /// # Safety
    ///
    /// The block came from [`allocate`](Writer::allocate), with this layout, and is not used again.
    pub(super) unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        self.index -= layout.size();
        // SAFETY: as promised.
        unsafe { self.texts.allocator().deallocate(block, layout) };
    }
}
