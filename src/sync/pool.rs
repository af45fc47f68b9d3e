//! Arenas that are leased to whoever has work to do.

use core::fmt;
use core::ops::Deref;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;
use std::sync::Arc;

use allocator_api2::alloc::{AllocError, Global};

use super::list::List;
use super::local::{self, Number};
use super::owned_arena::OwnedArena;
use super::slots::{Row, Slot};
use crate::arena::allocator::{implement, sealed};
use crate::arena::lend::lend_family;
use crate::arena::{ArenaRef, Failure, or_fail};
use crate::atomic::{AtomicUsize, Ordering};
use crate::collections::short::short_forms;
use crate::outside::{keep, outside};
use crate::owned::Home;
use crate::{Arena, Owned, Retain, Root};

/// A pool of arenas: each thread, or piece of work, takes one and gives it back.
///
/// What is allocated through a [`PoolGuard`] lives as long as the pool is borrowed, and not just as long as the guard: so
/// results can be handed to other threads when the worker is done. The arena goes on where it is, for the next who
/// takes it, until [`reset`](ArenaPool::reset).
///
/// ```
/// use arenula::sync::ArenaPool;
///
/// let pool = ArenaPool::new();
/// let words: Vec<&str> = std::thread::scope(|threads| {
///     let workers = [1, 2].map(|n| {
///         let pool = &pool;
///         threads.spawn(move || {
///             let arena = pool.get();
///             &*arena.alloc_fmt(format_args!("worker {n}"))
///         })
///     });
///     workers.map(|worker| worker.join().unwrap()).into()
/// });
/// assert_eq!(words, ["worker 1", "worker 2"]);
/// ```
///
/// A thread gets the arena that it had before, whose memory is still near, if that is free; else any other that is
/// free, or a new one. Nobody waits: an arena is taken with one atomic exchange and given back with one store.
///
/// For work that moves from thread to thread, and ends all at once, there is [`get_owned`](ArenaPool::get_owned).
pub struct ArenaPool {
    number: Number,
    /// One for each thread, while there are no more threads at once. Searched one by one.
    homes: List<Slot>,
    /// What is leased beyond: a second guard on a thread.
    others: List<Row>,
    /// Those of `get_owned`.
    owned: List<Row>,
    /// How many bytes an arena of those keeps.
    retained: AtomicUsize,
    /// Arenas that were taken over. Nobody leases them, as what was built in them may still use them.
    absorbed: List<Home<8, Global>>,
}

// SAFETY: the arenas are the pool's alone, or are leased (P1) by guards that borrow or own it.
unsafe impl Send for ArenaPool {}

// SAFETY: an arena is used by its lessee alone (P1), which it may be sent to, with what it remembers: nothing of the
// values that others put into it. References to these borrow the pool; they are as free as their types.
unsafe impl Sync for ArenaPool {}

// As for `Arena`: a panic leaves no arena in a state that matters, and its guard gives it back.
impl UnwindSafe for ArenaPool {}
impl RefUnwindSafe for ArenaPool {}

/// What an owned arena keeps unless it is told otherwise.
const RETAINED: usize = 1 << 20;

impl ArenaPool {
    /// A pool without arenas yet. Allocates nothing.
    ///
    /// ```
    /// use arenula::sync::ArenaPool;
    ///
    /// static POOL: ArenaPool = ArenaPool::new();
    /// let kept: &'static str = POOL.get().alloc_str("kept");
    /// assert_eq!(kept, "kept");
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        ArenaPool {
            number: Number::none(),
            homes: List::new(),
            others: List::new(),
            owned: List::new(),
            retained: AtomicUsize::new(RETAINED),
            absorbed: List::new(),
        }
    }

    /// Takes an arena, until the guard is dropped.
    ///
    /// ```
    /// use arenula::sync::ArenaPool;
    ///
    /// let pool = ArenaPool::new();
    /// let name = {
    ///     let arena = pool.get();
    ///     arena.alloc_str("Ada")
    /// };
    /// assert_eq!(name, "Ada");
    /// assert_eq!(pool.stats().arenas, 1);
    /// ```
    #[inline]
    pub fn get(&self) -> PoolGuard<'_> {
        match self.get_home() {
            Some(guard) => guard,
            None => self.get_slow_or_fail(),
        }
    }

    /// [`get`](ArenaPool::get), or an error where a new arena is needed, and there is no memory for it.
    ///
    /// ```
    /// let pool = arenula::sync::ArenaPool::new();
    /// assert!(pool.try_get().is_ok());
    /// ```
    #[inline]
    pub fn try_get(&self) -> Result<PoolGuard<'_>, AllocError> {
        match self.get_home() {
            Some(guard) => Ok(guard),
            None => self.get_slow(),
        }
    }

    /// The arena that this thread had before, if it is free.
    #[inline(always)]
    fn get_home(&self) -> Option<PoolGuard<'_>> {
        let slot = local::find(&self.number)?.cast::<Slot>();
        // SAFETY: the place was noted for this pool's number, so it is a slot of it (N2), which lives as long
        // as the pool is borrowed (P2).
        let slot = unsafe { slot.as_ref() };
        // Not `then_some`: a guard that is made gives back when it is dropped.
        slot.try_lease().then(|| PoolGuard { slot, row: None })
    }

    #[cold]
    #[inline(never)]
    fn get_slow_or_fail(&self) -> PoolGuard<'_> {
        let guard = self.get_slow();
        or_fail(guard.map_err(|AllocError| Failure::Memory(List::<Row>::NODE)))
    }

    #[cold]
    #[inline(never)]
    fn get_slow(&self) -> Result<PoolGuard<'_>, AllocError> {
        let has_home = local::find(&self.number).is_some();
        // SAFETY: the slots are live as long as the pool is borrowed (P2).
        let guard = |place: NonNull<Slot>| unsafe {
            PoolGuard {
                slot: place.as_ref(),
                row: None,
            }
        };
        let free_home = || {
            let is_had = |place: &NonNull<Slot>| {
                // SAFETY: as above.
                let slot = unsafe { place.as_ref() };
                // To look first spares others the exchange.
                !slot.is_leased() && slot.try_lease()
            };
            self.homes.places().find(is_had)
        };
        if has_home {
            // In use on this thread; or by another, that needed more than there were. Others' homes are the last resort.
            let another = lease(&self.others).or_else(|| free_home().map(guard));
            return another.map_or_else(|| lease_new(&self.others), Ok);
        }
        let home = match free_home() {
            Some(home) => home,
            None => outside(|| self.homes.push(Slot::new(true), &Global))?,
        };
        local::note(&self.number, home);
        Ok(guard(home))
    }

    /// Takes an arena that belongs to who has it: it goes from thread to thread, can be reset, and when it is dropped it is
    /// reset and comes back to the pool. For one request of a server.
    ///
    /// ```
    /// use arenula::sync::ArenaPool;
    /// use std::sync::Arc;
    ///
    /// let pool = Arc::new(ArenaPool::new());
    /// let arena = pool.get_owned();
    /// std::thread::spawn(move || {
    ///     let name = arena.alloc_str("request");
    ///     assert_eq!(name.len(), 7);
    /// })
    /// .join()
    /// .unwrap();
    /// assert_eq!(pool.stats().leased, 0);
    /// ```
    pub fn get_owned(self: &Arc<Self>) -> OwnedArena {
        let arena = self.try_get_owned();
        or_fail(arena.map_err(|AllocError| Failure::Memory(List::<Row>::NODE)))
    }

    /// [`get_owned`](ArenaPool::get_owned), or an error where a new arena is needed, and there is no memory for it.
    ///
    /// ```
    /// use arenula::sync::ArenaPool;
    /// use std::sync::Arc;
    ///
    /// let pool = Arc::new(ArenaPool::new());
    /// assert!(pool.try_get_owned().is_ok());
    /// ```
    pub fn try_get_owned(self: &Arc<Self>) -> Result<OwnedArena, AllocError> {
        let guard = match lease(&self.owned) {
            Some(guard) => guard,
            None => lease_new(&self.owned)?,
        };
        let guard = core::mem::ManuallyDrop::new(guard);
        let row = guard.row.expect("it was leased of a row");
        // SAFETY: the slot is one of this pool's that was leased, of the row, and nobody gives it back since the guard is not
        // dropped.
        Ok(unsafe { OwnedArena::new(Arc::clone(self), guard.slot, row) })
    }

    /// How many bytes an arena of [`get_owned`](ArenaPool::get_owned) keeps when it comes back; 1 MiB unless it is
    /// [set](ArenaPool::set_retained).
    ///
    /// ```
    /// assert_eq!(arenula::sync::ArenaPool::new().retained(), 1 << 20);
    /// ```
    pub fn retained(&self) -> usize {
        self.retained.load(Ordering::Relaxed)
    }

    /// Sets how many bytes an arena of [`get_owned`](ArenaPool::get_owned) keeps when it comes back.
    ///
    /// ```
    /// use arenula::sync::ArenaPool;
    /// use std::sync::Arc;
    ///
    /// let pool = Arc::new(ArenaPool::new());
    /// pool.set_retained(4096);
    /// pool.get_owned().alloc_slice_fill_copy(1 << 15, 0_u8);
    /// assert!(pool.stats().capacity <= 4096);
    /// ```
    pub fn set_retained(&self, bytes: usize) {
        self.retained.store(bytes, Ordering::Relaxed);
    }

    /// Takes an arena over, and gives what was built in it the lifetime of the pool. Nothing is copied.
    ///
    /// So what a worker built and sent here as an [`Owned`] becomes part of what lives as long as the pool. The arena is freed
    /// when the pool is reset or dropped. (The root's destructor runs where the root is dropped.)
    ///
    /// ```
    /// use arenula::Owned;
    /// use arenula::sync::ArenaPool;
    ///
    /// let pool = ArenaPool::new();
    /// let worker = std::thread::spawn(|| Owned::<&str>::new(|arena| arena.alloc_str("done")));
    /// let text: &str = pool.absorb(worker.join().unwrap());
    /// assert_eq!(text, "done");
    /// ```
    pub fn absorb<R: Root>(&self, owned: Owned<R>) -> R::Of<'_> {
        match self.try_absorb(owned) {
            Ok(root) => root,
            Err(_) => or_fail(Err(Failure::Memory(List::<Home<8, Global>>::NODE))),
        }
    }

    /// [`absorb`](ArenaPool::absorb); where there is no memory to take note of the arena, it comes back as it was.
    ///
    /// ```
    /// use arenula::Owned;
    /// use arenula::sync::ArenaPool;
    ///
    /// let pool = ArenaPool::new();
    /// let owned = Owned::<&str>::new(|arena| arena.alloc_str("done"));
    /// assert_eq!(pool.try_absorb(owned).ok(), Some("done"));
    /// ```
    pub fn try_absorb<R: Root>(&self, owned: Owned<R>) -> Result<R::Of<'_>, Owned<R>> {
        let Ok(place) = outside(|| List::reserve(&Global)) else {
            return Err(owned);
        };
        let (root, home) = owned.into_parts();
        self.absorbed.push_at(place, home);
        // SAFETY: the root is there, and is the caller's from here on. The home stays as long as the pool is borrowed;
        // until then nobody uses its arena but what was built in it.
        Ok(unsafe { root.as_ptr().cast::<R::Of<'_>>().read() })
    }

    /// Gives back all that was allocated, in each arena as [`Arena::reset`] does. Those whose guards were forgotten can be
    /// had again.
    ///
    /// ```
    /// use arenula::sync::ArenaPool;
    ///
    /// let mut pool = ArenaPool::new();
    /// pool.get().alloc(1);
    /// pool.reset();
    /// assert_eq!(pool.stats().allocated, 0);
    /// ```
    pub fn reset(&mut self) {
        self.for_each_arena(|arena| {
            outside(|| arena.reset());
            keep(arena);
        });
    }

    /// Gives back all that was allocated, and keeps as much memory as `retain` says, of each arena.
    ///
    /// ```
    /// use arenula::Retain;
    /// use arenula::sync::ArenaPool;
    ///
    /// let mut pool = ArenaPool::new();
    /// pool.get().alloc(1);
    /// pool.reset_with(Retain::Nothing);
    /// assert_eq!(pool.stats().capacity, 0);
    /// ```
    pub fn reset_with(&mut self, retain: Retain) {
        self.for_each_arena(|arena| {
            arena.reset_with(retain);
            keep(arena);
        });
    }

    /// Frees all slots and what was absorbed, and calls `f` with each arena.
    fn for_each_arena(&mut self, mut f: impl FnMut(&mut Arena)) {
        let this = &*self;
        // SAFETY: nobody else uses the list, whose memory came from there; what was built in these arenas is gone.
        while unsafe { this.absorbed.pop(&Global) }.is_some() {}
        this.homes.iter().for_each(Slot::give_back);
        this.rows().for_each(Row::free_all);
        for (slot, _) in this.slots() {
            // SAFETY: the pool is borrowed mutably: no guard is left that could be used, as guards borrow it or own
            // a part of it, and nothing is referred to that lies in the arenas.
            unsafe {
                f(&mut *slot.arena.get());
                slot.take_down();
            }
        }
    }

    /// All slots, and whether they are leased at the moment.
    fn slots(&self) -> impl Iterator<Item = (&Slot, bool)> {
        let homes = self.homes.iter().map(|slot| (slot, slot.is_leased()));
        homes.chain(self.rows().flat_map(Row::slots))
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.others.iter().chain(self.owned.iter())
    }

    /// The pool's figures. What arenas that are leased at the moment hold is not asked for, as they are in use: they count
    /// with what they held when they came back last.
    ///
    /// ```
    /// let pool = arenula::sync::ArenaPool::new();
    /// let arena = pool.get();
    /// arena.alloc(1_u64);
    /// assert_eq!(pool.stats().leased, 1);
    /// assert_eq!(pool.stats().allocated, 0);
    /// drop(arena);
    /// assert_eq!(pool.stats().leased, 0);
    /// assert_eq!(pool.stats().allocated, 8);
    /// ```
    pub fn stats(&self) -> PoolStats {
        let mut stats = PoolStats::default();
        for (slot, is_leased) in self.slots() {
            let (allocated, capacity) = slot.figures();
            stats.arenas += usize::from(is_leased || capacity != 0);
            stats.leased += usize::from(is_leased);
            stats.allocated += allocated;
            stats.capacity += capacity;
        }
        stats
    }
}

/// Leases an arena of one of the rows, if one is free.
fn lease(rows: &List<Row>) -> Option<PoolGuard<'_>> {
    rows.iter().find_map(|row| {
        let slot = row.try_lease()?;
        Some(PoolGuard {
            slot,
            row: Some(row),
        })
    })
}

/// Leases an arena of a new row.
fn lease_new(rows: &List<Row>) -> Result<PoolGuard<'_>, AllocError> {
    let row = outside(|| rows.push(Row::new(), &Global))?;
    // SAFETY: the row is live as long as the list is borrowed (P2).
    let row = unsafe { row.as_ref() };
    Ok(PoolGuard {
        slot: row.first(),
        row: Some(row),
    })
}

impl Drop for ArenaPool {
    fn drop(&mut self) {
        // SAFETY: nobody else uses the lists, whose memory came from there.
        unsafe {
            while self.absorbed.pop(&Global).is_some() {}
            while self.homes.pop(&Global).is_some() {}
            while self.others.pop(&Global).is_some() {}
            while self.owned.pop(&Global).is_some() {}
        }
    }
}

impl Default for ArenaPool {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ArenaPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ArenaPool").field(&self.stats()).finish()
    }
}

/// What a pool has. See [`ArenaPool::stats`].
///
/// ```
/// let pool = arenula::sync::ArenaPool::new();
/// pool.get().alloc_str("twenty-one bytes long");
/// assert_eq!(
///     pool.stats().to_string(),
///     "1 arena, 0 leased, 24 bytes allocated, 512 held"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PoolStats {
    /// The arenas that are leased, or hold memory.
    pub arenas: usize,
    /// Those that are leased at the moment.
    pub leased: usize,
    /// Bytes handed out and not given back, when each arena came back last.
    pub allocated: usize,
    /// Bytes of chunks held, when each arena came back last.
    pub capacity: usize,
}

impl fmt::Display for PoolStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolStats {
            arenas,
            leased,
            allocated,
            capacity,
        } = self;
        let plural = if *arenas == 1 { "" } else { "s" };
        write!(
            f,
            "{arenas} arena{plural}, {leased} leased, {allocated} bytes allocated, {capacity} held"
        )
    }
}

/// An arena of a pool, until this is dropped. See [`ArenaPool::get`].
///
/// Its families lend with the lifetime of the pool. It derefs to [`Arena`], so that code written for `&Arena` runs with
/// it; and it is an [`Allocator`](allocator_api2::alloc::Allocator), by reference, or by value where a container should
/// keep the arena leased. (There is no copyable allocator with the pool's lifetime: it would outlive the lease.)
///
/// ```
/// use arenula::sync::ArenaPool;
/// use arenula::vec::{Vec, VecExt};
///
/// let pool = ArenaPool::new();
/// let numbers: &mut [u32] = {
///     let arena = pool.get();
///     let mut numbers = Vec::new_in(&arena);
///     numbers.extend(0..3);
///     numbers.into_slice()
/// };
/// assert_eq!(numbers, [0, 1, 2]);
/// ```
///
/// There is no way to reset or rewind it but `unsafe` ones: what was allocated through former guards is still there.
/// A guard that is forgotten keeps its arena leased until the pool is reset.
#[must_use = "dropped at once, it gives its arena back at once"]
pub struct PoolGuard<'pool> {
    slot: &'pool Slot,
    row: Option<&'pool Row>,
}

// SAFETY: the lessee is whoever has the guard (P1). An arena may be sent, and no reference to it goes along: these
// borrow the guard.
unsafe impl Send for PoolGuard<'_> {}

impl UnwindSafe for PoolGuard<'_> {}
impl RefUnwindSafe for PoolGuard<'_> {}

impl<'pool> PoolGuard<'pool> {
    /// The arena. Not for users, with this lifetime: it is leased for no longer than the guard lives.
    #[inline(always)]
    fn lender(&self) -> &'pool Arena {
        // SAFETY: the guard is the lessee (P1), and the slot lives as long as the pool is borrowed (P2). What the families
        // lend stays until `ArenaPool::reset`, which needs the pool alone: nothing else moves the cursor back below
        // what is in use.
        unsafe { &*self.slot.arena.get() }
    }

    #[inline(always)]
    fn try_lender(&self) -> Result<&'pool Arena, AllocError> {
        Ok(self.lender())
    }

    lend_family!('pool);
}

/// Containers whose allocator is a borrow of the guard; frozen, they live as long as the pool.
impl PoolGuard<'_> {
    short_forms!();
}

impl Drop for PoolGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        let arena = self.lender();
        if arena.limit().is_some() {
            // It was for this lease.
            arena.set_limit(None);
        }
        // SAFETY: the guard is the lessee, until the arena is given back.
        unsafe { self.slot.take_down() };
        match self.row {
            None => self.slot.give_back(),
            Some(row) => row.give_back(self.slot),
        }
    }
}

impl Deref for PoolGuard<'_> {
    type Target = Arena;

    #[inline]
    fn deref(&self) -> &Arena {
        self.lender()
    }
}

// And so of a reference to it.
implement!([] for PoolGuard<'_>);

impl sealed::Sealed for &PoolGuard<'_> {}
// SAFETY: what is allocated stays until the pool is reset or dropped, after `'pool`.
unsafe impl<'pool> ArenaRef<'pool> for &PoolGuard<'pool> {}

impl fmt::Debug for PoolGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PoolGuard").field(&**self).finish()
    }
}
