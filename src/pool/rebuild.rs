//! Slots made from others, or from a document: one after the other, with the generations that they had.

use alloc::vec::Vec;

use allocator_api2::alloc::{AllocError, Allocator};

use super::Slots;
use super::table::RETIRED;
use crate::arena::Failure;

/// Slots that are being made.
///
/// Their values are theirs from the start; what is free is linked when all are there. A chunk is made for the first value
/// in it, so that no memory is taken for places without any.
pub(super) struct Rebuild<T, A: Allocator> {
    slots: Slots<T, A>,
    /// The slots in the last place, and their generations while it has no chunk.
    filled: usize,
    generations: Vec<u32>,
}

impl<T, A: Allocator> Rebuild<T, A> {
    pub(super) fn new(backing: A) -> Self {
        let slots = Slots::new_in(backing);
        Rebuild {
            // As many as a place has: so the next slot begins one.
            filled: slots.table.shape.slots,
            slots,
            generations: Vec::new(),
        }
    }

    /// Adds a slot. The generation is odd if there is a value, and otherwise even; it is at most [`RETIRED`].
    pub(super) fn push(&mut self, generation: u32, value: Option<T>) -> Result<(), Failure> {
        debug_assert!((generation % 2 == 1) == value.is_some() && generation <= RETIRED);
        let table = &mut self.slots.table;
        if self.filled == table.shape.slots {
            self.close();
            self.slots.table.add_place(0)?;
            self.filled = 0;
        }
        let table = &mut self.slots.table;
        let place = table.places() - 1;
        if table.chunk_at(place).is_none() {
            if value.is_none() {
                let reserved = self.generations.try_reserve(1);
                reserved.map_err(|_| Failure::TooLarge)?;
                self.generations.push(generation);
                self.filled += 1;
                return Ok(());
            }
            table.fill_place(place)?;
            for (slot, generation) in self.generations.drain(..).enumerate() {
                // SAFETY: the chunk has such a slot, without a value; as the generation says (H1, H2).
                unsafe { table.set_generation(place, slot, generation) };
            }
        }
        // SAFETY: the chunk has such a slot, without a value; there is one when the generation says so (H1, H2).
        unsafe {
            if let Some(value) = value {
                table.slot(place, self.filled).cast::<T>().write(value);
                self.slots.len += 1;
            }
            (self.slots.table).set_generation(place, self.filled, generation);
        }
        self.filled += 1;
        Ok(())
    }

    /// Lets the last place keep its generations in mind, if it has no chunk.
    fn close(&mut self) {
        if let Some(base) = self.generations.drain(..).max() {
            let place = self.slots.table.places() - 1;
            // SAFETY: there is such a place.
            unsafe { self.slots.table.set_base(place, base) };
        }
    }

    pub(super) fn finish(mut self) -> Slots<T, A> {
        self.close();
        self.slots.relink();
        self.slots
    }
}

impl<T, A: Allocator> Slots<T, A> {
    /// All slots up to the last one that ever had a value, with their generations.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, Option<&T>)> {
        let table = &self.table;
        let mut end = table.places() * table.shape.slots;
        while end != 0 && self.entry(end - 1).0 == 0 {
            end -= 1;
        }
        (0..end).map(|index| self.entry(index))
    }

    fn entry(&self, index: usize) -> (u32, Option<&T>) {
        let (place, slot) = (
            index / self.table.shape.slots,
            index % self.table.shape.slots,
        );
        if self.table.chunk_at(place).is_none() {
            return (self.table.base_at(place), None);
        }
        // SAFETY: the chunk has such a slot, and a value where the generation says so (H1, H2).
        unsafe {
            let generation = self.table.generation(place, slot);
            let value = if generation % 2 == 1 {
                Some(&*self.table.slot(place, slot).cast::<T>())
            } else {
                None
            };
            (generation, value)
        }
    }

    /// [`clone`](Clone::clone), or an error where there is no memory.
    ///
    /// The copy has the same limit. It is for what is put in later: what there is was made before.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let a = slots.insert('a');
    /// assert_eq!(slots.try_clone().unwrap()[a], 'a');
    /// ```
    pub fn try_clone(&self) -> Result<Self, AllocError>
    where
        T: Clone,
        A: Clone,
    {
        Ok(self.try_clone_in(self.allocator().clone())?)
    }

    /// Slots with the same handles, and values that are made of these.
    pub(super) fn try_clone_in(&self, backing: A) -> Result<Self, Failure>
    where
        T: Clone,
    {
        let mut copy = Rebuild::new(backing);
        for (generation, value) in self.entries() {
            copy.push(generation, value.cloned())?;
        }
        let mut copy = copy.finish();
        copy.table.limit = self.table.limit;
        Ok(copy)
    }
}
