//! A list that only grows while it is shared.
//!
//! # Invariants
//!
//! - **L1, frozen.** A node's link is written before the node is published, by the exchange of `head` (Release);
//!   who reads `head` (Acquire) sees all links and values behind it. None of them is changed while the list is
//!   shared.
//! - **L2, owned.** Nodes are live until they are popped, by who has the list alone. A node is never
//!   published twice: who loses a race links the same node anew.

use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator};

use crate::atomic::{AtomicPtr, Ordering};

/// A list of values that stay where they are. Dropped, it leaks them: who fills it pops them, as he knows where
/// their memory came from.
pub(super) struct List<T> {
    head: AtomicPtr<Node<T>>,
    /// What may be sent and shared is for the types to say that have a list.
    values: PhantomData<*mut T>,
}

// Values of different threads share no cache line, nor a pair of them that is fetched together.
#[repr(C, align(128))]
struct Node<T> {
    value: T,
    next: *mut Node<T>,
}

/// Memory for a node.
pub(super) struct Room<T>(NonNull<Node<T>>);

impl<T> List<T> {
    /// What a value takes.
    pub(super) const NODE: Layout = Layout::new::<Node<T>>();

    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        List {
            head: AtomicPtr::new(ptr::null_mut()),
            values: PhantomData,
        }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        List {
            head: AtomicPtr::new(ptr::null_mut()),
            values: PhantomData,
        }
    }

    /// Adds a value, in memory of `backing`, and says where it is.
    #[inline]
    pub(super) fn push(
        &self,
        value: T,
        backing: &impl Allocator,
    ) -> Result<NonNull<T>, AllocError> {
        Ok(self.push_at(Self::reserve(backing)?, value))
    }

    /// Memory for a value.
    pub(super) fn reserve(backing: &impl Allocator) -> Result<Room<T>, AllocError> {
        Ok(Room(backing.allocate(Self::NODE)?.cast()))
    }

    /// Adds a value, where there is room for it.
    pub(super) fn push_at(&self, Room(node): Room<T>, value: T) -> NonNull<T> {
        // Read here, and not before there was room: the backing allocator may have used this list.
        let mut next = self.head.load(Ordering::Relaxed);
        // SAFETY: the block is as large and aligned as a node, and ours until it is published; its link is not
        // written after that (L1). It is live as long as the list is shared (L2).
        unsafe {
            node.write(Node { value, next });
            while let Err(newer) = self.head.compare_exchange_weak(
                next,
                node.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                next = newer;
                (&raw mut (*node.as_ptr()).next).write(next);
            }
            NonNull::new_unchecked(&raw mut (*node.as_ptr()).value)
        }
    }

    /// The values, the newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        // SAFETY: what is reachable from the head is live (L2).
        self.places().map(|place| unsafe { place.as_ref() })
    }

    /// Where the values are, the newest first. Such a pointer is as good as the one that the memory came with: it is not
    /// derived from a reference that another one could end.
    pub(super) fn places(&self) -> impl Iterator<Item = NonNull<T>> {
        let mut node = self.head.load(Ordering::Acquire);
        core::iter::from_fn(move || {
            let current = NonNull::new(node)?.as_ptr();
            // SAFETY: what is reachable from the head is live (L2), and its link doesn't change (L1).
            unsafe {
                node = (*current).next;
                Some(NonNull::new_unchecked(&raw mut (*current).value))
            }
        })
    }

    /// Takes the newest value out, and gives its memory back to `backing`.
    ///
    /// # Safety
    ///
    /// All values of the list have their memory from there, and nobody else uses the list.
    pub(super) unsafe fn pop(&self, backing: &impl Allocator) -> Option<T> {
        // Relaxed: who has the list alone has seen all that was published.
        let node = NonNull::new(self.head.load(Ordering::Relaxed))?;
        // SAFETY: the node is live (L2), nobody else can reach it, and it is unlinked before its memory goes
        // back to where it came from. The value is moved out once.
        unsafe {
            self.head.store((*node.as_ptr()).next, Ordering::Relaxed);
            let value = ptr::read(&raw const (*node.as_ptr()).value);
            backing.deallocate(node.cast(), Self::NODE);
            Some(value)
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use allocator_api2::alloc::Global;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    struct Shared(List<UnsafeCell<u32>>);
    // SAFETY: the model checker tells if the cells are shared in a wrong way.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    /// Two that grow the list, and one that reads what it sees of it.
    #[test]
    fn list_growers_lose_nothing() {
        loom::model(|| {
            let list = Arc::new(Shared(List::new()));
            let growers = [1_u32, 2].map(|number| {
                let list = Arc::clone(&list);
                thread::spawn(move || {
                    let cell = UnsafeCell::new(0);
                    // SAFETY: nobody else has it yet.
                    cell.with_mut(|value| unsafe { *value = number });
                    list.0.push(cell, &Global).unwrap();
                })
            });
            let read = |list: &Shared| {
                // SAFETY: nothing is written once it is published.
                let values = list
                    .0
                    .iter()
                    .map(|cell| cell.with(|value| unsafe { *value }));
                values.collect::<std::vec::Vec<u32>>()
            };
            // Without it the model checker always reads before the others write.
            thread::yield_now();
            let seen = read(&list);
            assert!(seen.iter().all(|&number| number == 1 || number == 2));
            for grower in growers {
                grower.join().unwrap();
            }
            let mut all = read(&list);
            assert!(all.ends_with(&seen));
            all.sort_unstable();
            assert_eq!(all, [1, 2]);
            let Ok(list) = Arc::try_unwrap(list).map_err(|_| ()) else {
                panic!("the threads have ended");
            };
            // SAFETY: the memory came from there.
            while unsafe { list.0.pop(&Global) }.is_some() {}
        });
    }
}
