//! Limits and figures of a [`SyncArena`], and its memory used again.

use allocator_api2::alloc::Allocator;

use super::super::list::List;
use super::SyncArena;
use super::parts::{Home, Part};
use crate::unwind::run_all;
use crate::{Arena, Retain, Stats};

impl<A: Allocator> SyncArena<A> {
    /// Sets how many bytes the arena may hold, for all threads together: chunks, and what it needs to know of each thread;
    /// `None` for no limit.
    ///
    /// The limit is exact: what would exceed it by one byte is refused, however many threads ask at the same time. What
    /// is in use and already exceeds it stays. Chunks in which nothing is in use are given back where they stand in
    /// the way, if they are this thread's, or of one that has ended.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// arena.set_limit(Some(1200));
    /// assert!(arena.try_alloc([0_u8; 900]).is_ok());
    /// assert!(arena.try_alloc([0_u8; 900]).is_err());
    /// assert!(arena.capacity() <= 1200);
    /// ```
    pub fn set_limit(&self, limit: Option<usize>) {
        self.budget.set_limit(limit);
        if self.budget.is_exceeded() {
            self.free_unused();
        }
    }

    /// The bytes that the arena may hold.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// assert_eq!(arena.limit(), None);
    /// ```
    pub fn limit(&self) -> Option<usize> {
        self.budget.limit()
    }

    /// The bytes held: the chunks of all threads, and what the arena needs to know of each.
    ///
    /// ```
    /// let arena = arenula::sync::SyncArena::new();
    /// assert_eq!(arena.capacity(), 0);
    /// arena.alloc(1_u8);
    /// assert!(arena.capacity() >= 512);
    /// ```
    pub fn capacity(&self) -> usize {
        self.budget.held()
    }

    /// The bytes handed out by all threads and not given back, with the padding between them.
    ///
    /// This and the like ask for the arena alone: where the others are in their parts only they know.
    ///
    /// ```
    /// let mut arena = arenula::sync::SyncArena::new();
    /// arena.alloc(1_u8);
    /// assert_eq!(arena.allocated_bytes(), 8);
    /// ```
    pub fn allocated_bytes(&mut self) -> usize {
        self.owns().map(|own| own.allocated_bytes()).sum()
    }

    /// The arena's figures: the sums of those of all threads' parts, also of their peaks. What is held counts what the
    /// arena knows of each thread.
    ///
    /// ```
    /// let mut arena = arenula::sync::SyncArena::new();
    /// arena.alloc([0_u8; 100]);
    /// let stats = arena.stats();
    /// assert_eq!((stats.allocated, stats.chunks), (104, 1));
    /// assert_eq!(stats.capacity, arena.capacity());
    /// ```
    pub fn stats(&mut self) -> Stats {
        let capacity = self.capacity();
        let mut sum = Stats {
            capacity,
            ..Stats::default()
        };
        for own in self.owns() {
            let stats = own.stats();
            sum.allocated += stats.allocated;
            sum.wasted += stats.wasted;
            sum.chunks += stats.chunks;
            sum.peak += stats.peak;
        }
        sum
    }

    /// Whether `pointer` points into memory that is handed out.
    ///
    /// ```
    /// let mut arena = arenula::sync::SyncArena::new();
    /// let inside: *const u64 = arena.alloc(1);
    /// assert!(arena.contains(inside));
    /// assert!(!arena.contains(&2_u64));
    /// ```
    pub fn contains<T: ?Sized>(&mut self, pointer: *const T) -> bool {
        self.owns().any(|own| own.contains(pointer))
    }

    // ---- Reuse

    /// Gives back all that was allocated, and keeps memory for as much again: in each part as
    /// [`Arena::reset`] does, for the threads that come next. (If the limit was lowered to less than what is held by then,
    /// all chunks are given back.)
    ///
    /// ```
    /// use arenula::sync::SyncArena;
    ///
    /// let mut arena = SyncArena::new();
    /// for round in 0..3 {
    ///     std::thread::scope(|threads| {
    ///         threads.spawn(|| arena.alloc_slice_fill_copy(1000, round));
    ///     });
    ///     arena.reset();
    ///     assert_eq!(arena.allocated_bytes(), 0);
    ///     assert!(arena.capacity() >= 4000);
    /// }
    /// ```
    pub fn reset(&mut self) {
        self.disown(Arena::reset);
        self.keep_to_limit();
    }

    /// Gives back what is held above the limit, when nothing is in use any more.
    fn keep_to_limit(&mut self) {
        if self.budget.is_exceeded() {
            self.free_unused();
        }
        if self.budget.is_exceeded() {
            self.free_all();
        }
    }

    /// Gives back all that was allocated, and keeps as much memory as `retain` says: [`Retain::Largest`] the largest chunk of
    /// each part, the others of all parts together.
    ///
    /// ```
    /// use arenula::Retain;
    ///
    /// let mut arena = arenula::sync::SyncArena::with_capacity(1 << 20);
    /// arena.reset_with(Retain::UpTo(4096));
    /// assert!(arena.capacity() <= 4096);
    /// arena.reset_with(Retain::Nothing);
    /// assert_eq!(arena.capacity(), 0);
    /// ```
    pub fn reset_with(&mut self, retain: Retain) {
        let mut left = match retain {
            Retain::Nothing => return self.free_all(),
            Retain::UpTo(bytes) => {
                let known = self.owns().count() * List::<Part<A>>::NODE.size();
                match bytes.checked_sub(known) {
                    Some(left) => left,
                    None => return self.free_all(),
                }
            }
            Retain::All | Retain::Largest => usize::MAX,
        };
        self.disown(|own| match retain {
            Retain::UpTo(_) => {
                own.reset_with(Retain::UpTo(left));
                left = left.saturating_sub(own.capacity());
            }
            retain => own.reset_with(retain),
        });
        self.keep_to_limit();
    }

    /// Gives all memory back.
    fn free_all(&mut self) {
        self.number.renew();
        // All are entered before the first is dropped: that may happen in `pop`, if the backing allocator panics there. And
        // by the reference that changes the list: one from a call that is over would be good no more after that.
        let this = &*self;
        // SAFETY: the arena is borrowed mutably.
        unsafe { this.enter_all() }.for_each(drop);
        // SAFETY: the arena is borrowed mutably, so nobody else uses the list; its memory came from there.
        run_all(|| unsafe { this.parts.pop(&Home::of(this)) }.is_some());
    }
}

impl<A: Allocator> Drop for SyncArena<A> {
    fn drop(&mut self) {
        self.free_all();
    }
}
