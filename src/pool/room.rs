//! The room that slots have: more of it, less of it, and its limit.

use core::convert::Infallible;

use allocator_api2::alloc::{AllocError, Allocator};

use super::Slots;
use super::table::{NONE, RETIRED};
use crate::arena::{Failure, or_fail};
use crate::unwind::run_all;

impl<T, A: Allocator> Slots<T, A> {
    /// The number of values that there is room for, with those that there are.
    ///
    /// ```
    /// let slots = arenula::pool::Slots::<u64>::with_capacity(100);
    /// assert!(slots.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.table.capacity
    }

    /// Makes sure that `count` more values find room.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::<u64>::new();
    /// slots.reserve(100);
    /// assert!(slots.capacity() >= 100);
    /// ```
    pub fn reserve(&mut self, count: usize) {
        or_fail(self.make_room(count));
    }

    /// [`reserve`](Slots::reserve), or an error where there is no such memory, or are no such indices; none is then
    /// kept, but for the table of the chunks.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::<u64>::new();
    /// assert!(slots.try_reserve(usize::MAX).is_err());
    /// ```
    pub fn try_reserve(&mut self, count: usize) -> Result<(), AllocError> {
        Ok(self.make_room(count)?)
    }

    fn make_room(&mut self, count: usize) -> Result<(), Failure> {
        let needed = self.len().checked_add(count).ok_or(Failure::TooLarge)?;
        if let more @ 1.. = needed.saturating_sub(self.table.capacity) {
            self.table.check_room(more)?;
        }
        // The fresh chunks that were there before come after the new ones.
        let before = self.fresh_chunks;
        let mut last = None;
        while self.table.capacity < needed {
            match self.make_fresh_chunk(before) {
                Ok(first) => {
                    match last {
                        None => self.fresh_chunks = first,
                        Some(last) => self.set_next_fresh(last, first),
                    }
                    last = Some(first);
                }
                Err(failure) => {
                    self.unmake_fresh_chunks(before);
                    return Err(failure);
                }
            }
        }
        Ok(())
    }

    /// Makes a chunk, and lets `next` follow it as fresh. Answers its first slot.
    fn make_fresh_chunk(&mut self, next: u32) -> Result<u32, Failure> {
        let place = self.table.make_chunk()?;
        let first = (place * self.table.shape.slots) as u32;
        self.set_next_fresh(first, next);
        Ok(first)
    }

    /// Gives back the fresh chunks before `end`.
    fn unmake_fresh_chunks(&mut self, end: u32) {
        while self.fresh_chunks != end {
            let first = self.fresh_chunks;
            self.fresh_chunks = self.next_fresh(first);
            let place = first as usize / self.table.shape.slots;
            // SAFETY: there is such a chunk, without values (H3).
            unsafe { self.table.give_back(place, self.table.chunk(place)) };
        }
    }

    /// The fresh chunk that follows the one that begins with this slot.
    fn next_fresh(&self, first: u32) -> u32 {
        // SAFETY: a chunk that is fresh as a whole has in its first slot the link to the next one (H3).
        unsafe { self.place(first).value.cast::<u32>().read() }
    }

    fn set_next_fresh(&mut self, first: u32, next: u32) {
        // SAFETY: there is such a slot, which has no value and room for a link.
        unsafe { self.place(first).value.cast::<u32>().write(next) };
    }

    /// Sets how many bytes the slots may hold. What they hold already they keep.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// slots.set_limit(Some(100_000));
    /// while slots.try_insert([0_u8; 100]).is_ok() {}
    /// assert!(slots.len() > 800 && slots.len() < 1000);
    /// ```
    pub fn set_limit(&mut self, limit: Option<usize>) {
        self.table.limit = limit.unwrap_or(usize::MAX);
    }

    /// How many bytes the slots may hold, if that is limited.
    ///
    /// ```
    /// assert_eq!(arenula::pool::Slots::<u8>::new().limit(), None);
    /// ```
    #[must_use]
    pub fn limit(&self) -> Option<usize> {
        Some(self.table.limit).filter(|limit| *limit != usize::MAX)
    }

    /// Gives back the chunks in which there is no value. Handles of values that were there match nothing that comes after.
    ///
    /// ```
    /// use arenula::pool::Slots;
    ///
    /// let mut slots = Slots::with_capacity(1000);
    /// let gone = slots.insert(1);
    /// slots.remove(gone);
    /// slots.shrink_to_fit();
    /// assert_eq!(slots.capacity(), 0);
    ///
    /// let other = slots.insert(2);
    /// assert_eq!((other.index(), slots.get(gone)), (gone.index(), None));
    /// ```
    pub fn shrink_to_fit(&mut self) {
        /// The free list is made anew, also if the backing allocator panics.
        struct Relink<'s, T, A: Allocator>(&'s mut Slots<T, A>);
        impl<T, A: Allocator> Drop for Relink<'_, T, A> {
            fn drop(&mut self) {
                self.0.relink();
            }
        }
        let relink = Relink(self);
        let table = &mut relink.0.table;
        let (mut place, places) = (0, table.places());
        run_all(|| {
            place += 1;
            if place > places {
                // Once only: if this panics, it is not tried again.
                if place == places + 1 {
                    table.shrink();
                }
                return false;
            }
            if let Some(chunk) = table.chunk_at(place - 1) {
                let is_free = (0..table.shape.slots)
                    // SAFETY: the chunk has as many generations (H1).
                    .all(|slot| unsafe { chunk.add(slot).read() } % 2 == 0);
                if is_free {
                    // SAFETY: no slot of it has a value (H2), and those that are linked are unlinked below.
                    unsafe { table.give_back(place - 1, chunk) };
                }
            }
            true
        });
    }

    #[cold]
    #[inline(never)]
    pub(super) fn grow_or_fail(&mut self) -> Result<(), Infallible> {
        or_fail(self.grow());
        Ok(())
    }

    /// Makes free slots, where there are none.
    #[cold]
    #[inline(never)]
    pub(super) fn grow(&mut self) -> Result<(), Failure> {
        let mut first = self.fresh_chunks;
        if first == NONE {
            first = self.make_fresh_chunk(NONE)?;
        }
        self.fresh_chunks = self.next_fresh(first);
        self.fresh = first;
        self.fresh_end = first + self.table.shape.slots as u32;
        Ok(())
    }

    /// Links the slots of a chunk that have no value and are not retired, and `next` behind them. Answers the first.
    fn chain(&mut self, place: usize, mut next: u32) -> u32 {
        let slots = self.table.shape.slots;
        for index in (place * slots..(place + 1) * slots).rev() {
            let index = index as u32;
            // SAFETY: there is such a slot (H1), which has room for a link.
            unsafe {
                let slot = self.place(index);
                let generation = slot.generation.read();
                if generation % 2 == 0 && generation != RETIRED {
                    slot.value.cast::<u32>().write(next);
                    next = index;
                }
            }
        }
        next
    }

    /// Links all slots anew that have no value and are not retired; none is fresh then.
    pub(super) fn relink(&mut self) {
        (self.free, self.fresh_chunks) = (NONE, NONE);
        self.fresh = self.fresh_end;
        for place in (0..self.table.places()).rev() {
            if self.table.chunk_at(place).is_some() {
                self.free = self.chain(place, self.free);
            }
        }
    }
}
