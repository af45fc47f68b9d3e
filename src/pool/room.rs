//! The room that slots have: more of it, less of it, and its limit.

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
        // New slots come before those that were free, in the order of their indices.
        let before = self.free;
        let mut last = None;
        while self.table.capacity < needed {
            let place = match self.table.make_chunk() {
                Ok(place) => place,
                Err(failure) => {
                    self.unmake_room(before);
                    return Err(failure);
                }
            };
            let first = self.chain_new(place, before);
            match last {
                None => self.free = first,
                // SAFETY: it is a free slot of the chunk that was made before, whose link is `before`.
                Some(last) => unsafe { self.place(last).value.cast::<u32>().write(first) },
            }
            last = Some(((place + 1) * self.table.shape.slots - 1) as u32);
        }
        Ok(())
    }

    /// Gives back the chunks whose slots are all free, and linked before `end`, one chunk after the other.
    fn unmake_room(&mut self, end: u32) {
        let slots = self.table.shape.slots;
        while self.free != end {
            let place = self.free as usize / slots;
            // SAFETY: there is such a chunk, without values, and its last slot's link leads to the next one or to `end`.
            unsafe {
                let last = self.place(((place + 1) * slots - 1) as u32);
                self.free = last.value.cast::<u32>().read();
                self.table.give_back(place, self.table.chunk(place));
            }
        }
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
    pub(super) fn grow_or_fail(&mut self) {
        or_fail(self.grow());
    }

    /// Makes free slots.
    #[cold]
    #[inline(never)]
    pub(super) fn grow(&mut self) -> Result<(), Failure> {
        let place = self.table.make_chunk()?;
        self.free = self.chain_new(place, self.free);
        Ok(())
    }

    /// Links all slots of a chunk that was just made, and `next` behind them. Answers the first.
    fn chain_new(&mut self, place: usize, next: u32) -> u32 {
        let slots = Self::SHAPE.slots;
        let first = (place * slots) as u32;
        // SAFETY: there is such a chunk (H1), none of whose slots has a value or is retired (H4), and each has room for a
        // link.
        unsafe {
            let chunk = self.table.chunk(place);
            let link = |slot: usize, next: u32| {
                (Self::SHAPE.slot_of(chunk, slot).cast::<u32>()).write(next);
            };
            for slot in 1..slots {
                link(slot - 1, first + slot as u32);
            }
            link(slots - 1, next);
        }
        first
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

    /// Links all slots anew that have no value and are not retired.
    pub(super) fn relink(&mut self) {
        self.free = NONE;
        for place in (0..self.table.places()).rev() {
            if self.table.chunk_at(place).is_some() {
                self.free = self.chain(place, self.free);
            }
        }
    }
}
