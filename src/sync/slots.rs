//! Arenas to be leased: one for each thread to come back to, and rows of others.
//!
//! # Invariants
//!
//! - **P1, one lessee.** A slot's arena is used by its lessee alone: who set `is_leased` where it was not (Acquire), or took
//!   the slot's bit out of its row's `free` (Acquire); until the lessee gives it back (Release). So a lessee sees
//!   all that was done to the arena before.
//! - **P2, in place.** Slots stay where they are until the pool is dropped.

use core::cell::UnsafeCell;

use crate::Arena;
use crate::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// An arena that is leased or not, and how it was given back last.
// Two slots share no cache line, nor a pair of them that is fetched together.
#[repr(align(128))]
pub(super) struct Slot {
    pub(super) arena: UnsafeCell<Arena>,
    is_leased: AtomicBool,
    allocated: AtomicUsize,
    capacity: AtomicUsize,
}

impl Slot {
    pub(super) fn new(is_leased: bool) -> Self {
        Slot {
            arena: UnsafeCell::new(Arena::new()),
            is_leased: AtomicBool::new(is_leased),
            allocated: AtomicUsize::new(0),
            capacity: AtomicUsize::new(0),
        }
    }

    /// Leases the slot, if it is of none of the rows and free.
    #[inline(always)]
    pub(super) fn try_lease(&self) -> bool {
        (self.is_leased)
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Whether the slot is leased at the moment, if it is of none of the rows.
    pub(super) fn is_leased(&self) -> bool {
        self.is_leased.load(Ordering::Relaxed)
    }

    /// Gives the slot back, if it is of none of the rows.
    #[inline(always)]
    pub(super) fn give_back(&self) {
        self.is_leased.store(false, Ordering::Release);
    }

    /// Takes down what the arena holds, for others to see.
    ///
    /// # Safety
    ///
    /// The caller is the lessee, or has the pool alone.
    #[inline(always)]
    pub(super) unsafe fn take_down(&self) {
        // SAFETY: nobody else uses the arena (P1).
        let arena = unsafe { &*self.arena.get() };
        (self.allocated).store(arena.allocated_bytes(), Ordering::Relaxed);
        self.capacity.store(arena.capacity(), Ordering::Relaxed);
    }

    /// The bytes handed out and the bytes held, when the arena was given back last.
    pub(super) fn figures(&self) -> (usize, usize) {
        let allocated = self.allocated.load(Ordering::Relaxed);
        (allocated, self.capacity.load(Ordering::Relaxed))
    }
}

/// How many slots a row has.
const LENGTH: usize = if cfg!(loom) { 2 } else { 16 };

/// Slots that are leased to whoever comes.
pub(super) struct Row {
    /// A bit for each slot.
    free: AtomicU32,
    slots: [Slot; LENGTH],
}

impl Row {
    /// A row whose first slot is leased.
    pub(super) fn new() -> Self {
        Row {
            free: AtomicU32::new(Self::ALL & !1),
            slots: core::array::from_fn(|_| Slot::new(false)),
        }
    }

    const ALL: u32 = (1 << LENGTH) - 1;

    /// Leases one of the slots, if one is free. There is no number to be mistaken for that of another time: the word says
    /// what is free at the moment.
    pub(super) fn try_lease(&self) -> Option<&Slot> {
        let mut free = self.free.load(Ordering::Relaxed);
        while free != 0 {
            let bit = free & free.wrapping_neg();
            free = self.free.fetch_and(!bit, Ordering::Acquire);
            if free & bit != 0 {
                return Some(&self.slots[bit.trailing_zeros() as usize]);
            }
        }
        None
    }

    /// The first slot, which the row was made for.
    pub(super) fn first(&self) -> &Slot {
        &self.slots[0]
    }

    /// Gives one of the slots back.
    pub(super) fn give_back(&self, slot: &Slot) {
        let offset = core::ptr::from_ref(slot).addr() - self.slots.as_ptr().addr();
        let bit = 1 << (offset / size_of::<Slot>());
        self.free.fetch_or(bit, Ordering::Release);
    }

    /// The slots, and whether they are leased at the moment.
    pub(super) fn slots(&self) -> impl Iterator<Item = (&Slot, bool)> {
        let free = self.free.load(Ordering::Relaxed);
        let is_leased = move |i: usize| free & 1 << i == 0;
        (self.slots.iter().enumerate()).map(move |(i, slot)| (slot, is_leased(i)))
    }

    /// All slots are free again. For who has the pool alone.
    pub(super) fn free_all(&self) {
        self.free.store(Self::ALL, Ordering::Relaxed);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    /// What is watched over in place of a slot's arena.
    struct Watched {
        slot: Slot,
        row: Row,
        contents: [loom::cell::UnsafeCell<u32>; LENGTH],
    }

    // SAFETY: the model checker tells if the contents are shared; the arenas are not used.
    unsafe impl Sync for Watched {}
    // SAFETY: as above.
    unsafe impl Send for Watched {}

    impl Watched {
        fn new() -> Arc<Self> {
            let row = Row::new();
            row.free_all();
            Arc::new(Watched {
                slot: Slot::new(false),
                row,
                contents: core::array::from_fn(|_| loom::cell::UnsafeCell::new(0)),
            })
        }

        fn write(&self, i: usize) {
            // SAFETY: the model checker tells if it is shared.
            self.contents[i].with_mut(|content| unsafe { *content += 1 });
        }

        /// Leases the single slot, uses it, gives it back.
        fn come_and_go(&self) {
            if self.slot.try_lease() {
                self.write(0);
                self.slot.give_back();
            }
        }

        /// Leases a slot of the row, uses it, gives it back.
        fn come_and_go_in_row(&self) -> bool {
            let Some(slot) = self.row.try_lease() else {
                return false;
            };
            let first: *const Slot = &raw const self.row.slots[0];
            self.write(usize::from(!core::ptr::eq(slot, first)));
            self.row.give_back(slot);
            true
        }
    }

    /// Two come to the slot again and again: the one whose it is, and one that takes it over.
    #[test]
    fn slots_single_is_one_lessees() {
        loom::model(|| {
            let watched = Watched::new();
            let other = {
                let watched = Arc::clone(&watched);
                thread::spawn(move || {
                    watched.come_and_go();
                    watched.come_and_go();
                })
            };
            watched.come_and_go();
            watched.come_and_go();
            other.join().unwrap();
            assert!(watched.slot.try_lease());
        });
    }

    /// As many as there are slots always find one; nobody gets another's.
    #[test]
    fn slots_of_a_row_are_one_lessees() {
        loom::model(|| {
            let watched = Watched::new();
            let other = {
                let watched = Arc::clone(&watched);
                thread::spawn(move || {
                    assert!(watched.come_and_go_in_row());
                    assert!(watched.come_and_go_in_row());
                })
            };
            assert!(watched.come_and_go_in_row());
            assert!(watched.come_and_go_in_row());
            other.join().unwrap();
            assert!(watched.row.slots().all(|(_, is_leased)| !is_leased));
        });
    }

    /// Three come to two slots: whoever finds none leaves without.
    #[test]
    fn slots_of_a_row_run_out() {
        loom::model(|| {
            let watched = Watched::new();
            let others = [0, 1].map(|_| {
                let watched = Arc::clone(&watched);
                thread::spawn(move || watched.come_and_go_in_row())
            });
            watched.come_and_go_in_row();
            for other in others {
                other.join().unwrap();
            }
            assert!(watched.row.slots().all(|(_, is_leased)| !is_leased));
        });
    }
}
