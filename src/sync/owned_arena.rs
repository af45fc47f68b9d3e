//! An arena of a pool, for who wants to have it to himself.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;
use std::sync::Arc;

use super::pool::ArenaPool;
use super::slots::{Row, Slot};
use crate::outside::{keep, outside};
use crate::{Arena, Retain};

/// An arena of a pool that belongs to who has it, until this is dropped: then it is reset, and goes back. See
/// [`ArenaPool::get_owned`].
///
/// It derefs to [`Arena`], mutably too: it has scopes and can be reset. What is allocated in it borrows it, and is gone
/// when it goes. (One that is exchanged for another arena, with `mem::swap`, stays with the pool in its place.)
///
/// ```
/// use arenula::sync::ArenaPool;
/// use std::sync::Arc;
///
/// let pool = Arc::new(ArenaPool::new());
/// let mut arena = pool.get_owned();
/// let length = arena.scope(|s| s.alloc_str("scratch").len());
/// assert_eq!(length, 7);
/// arena.reset();
/// ```
#[must_use = "dropped at once, it gives its arena back at once"]
pub struct OwnedArena {
    slot: NonNull<Slot>,
    row: NonNull<Row>,
    /// Dropped last: the slot and the row are the pool's.
    pool: Arc<ArenaPool>,
}

// SAFETY: the lessee is whoever has this (P1). An arena may be sent, and so may the pool.
unsafe impl Send for OwnedArena {}

impl UnwindSafe for OwnedArena {}
impl RefUnwindSafe for OwnedArena {}

impl OwnedArena {
    /// # Safety
    ///
    /// The slot is one of the row's, which is one of the pool's `owned` ones, and leased; nobody else gives it back.
    pub(super) unsafe fn new(pool: Arc<ArenaPool>, slot: &Slot, row: &Row) -> Self {
        OwnedArena {
            slot: NonNull::from(slot),
            row: NonNull::from(row),
            pool,
        }
    }
}

impl Deref for OwnedArena {
    type Target = Arena;

    #[inline]
    fn deref(&self) -> &Arena {
        // SAFETY: the slot lives as long as the pool (P2), which is kept; nobody else uses its arena (P1).
        unsafe { &*self.slot.as_ref().arena.get() }
    }
}

impl DerefMut for OwnedArena {
    #[inline]
    fn deref_mut(&mut self) -> &mut Arena {
        // SAFETY: as above. The pool remembers nothing of the arena but that it is there, so it may be exchanged.
        unsafe { &mut *self.slot.as_ref().arena.get() }
    }
}

impl Drop for OwnedArena {
    fn drop(&mut self) {
        let retained = self.pool.retained();
        self.set_limit(None);
        // What it keeps it may have to ask for.
        outside(|| self.reset());
        if self.capacity() > retained {
            self.reset_with(Retain::UpTo(retained));
        }
        keep(&mut *self);
        // SAFETY: the slot and its row live as long as the pool (P2), and the slot is leased until it is given back.
        unsafe {
            let slot = self.slot.as_ref();
            slot.take_down();
            self.row.as_ref().give_back(slot);
        }
    }
}

impl fmt::Debug for OwnedArena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedArena").field(&**self).finish()
    }
}
