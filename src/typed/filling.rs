//! Values side by side from an iterator, which may use the arena in the meantime.

use core::ptr::{self, NonNull};

use allocator_api2::alloc::Allocator;

use super::TypedArena;
use super::store::Chunk;
use crate::arena::Failure;

/// Values that do not count yet. Dropped, also by a panic, it drops them and gives their slots back.
///
/// They lie in the free slots of the current chunk, which are lent to this (the arena's `end` then
/// stands at its cursor, so that whoever else allocates goes on to another chunk), or in a chunk of
/// their own.
pub(super) struct Filling<'a, T, A: Allocator> {
    arena: &'a TypedArena<T, A>,
    /// The first slot, how many are filled, and how many there are.
    start: NonNull<T>,
    len: usize,
    capacity: usize,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// Values that have no size have no place.
    Nowhere,
    /// The slots of this chunk behind the cursor.
    Lent(Chunk),
    /// A chunk that is linked nowhere.
    Own(Chunk),
}

impl<'a, T, A: Allocator> Filling<'a, T, A> {
    /// Makes room for some values, of which there are said to be `hint` or more.
    #[inline]
    pub(super) fn begin(arena: &'a TypedArena<T, A>, hint: usize) -> Self {
        let mut filling = Filling {
            arena,
            start: NonNull::dangling(),
            len: 0,
            capacity: 0,
            place: Place::Nowhere,
        };
        let store = arena.store();
        if size_of::<T>() == 0 {
            filling.capacity = usize::MAX;
        } else if let Some(chunk) = store.chunk.get() {
            let room = arena.room();
            // Where there is none, all may be lent already.
            if room >= hint.max(1) {
                let cursor = store.cursor.get();
                store.end.set(cursor.addr().get());
                filling.start = cursor.cast();
                filling.capacity = room;
                filling.place = Place::Lent(chunk);
            }
        }
        if filling.capacity < hint {
            // What an iterator says of itself is worth a try; what it gives is what counts.
            let _ = filling.move_to_own(hint);
        }
        filling
    }

    /// Fills the slots from an iterator, of whose values there are said to be `hint` or more.
    #[inline]
    pub(super) fn fill(
        &mut self,
        mut iter: impl Iterator<Item = T>,
        hint: usize,
    ) -> Result<(), Failure> {
        // So many find room: nothing needs to be looked at for each.
        for _ in 0..hint.min(self.capacity) {
            let Some(value) = iter.next() else {
                return Ok(());
            };
            // SAFETY: there were as many free slots, one more than values so far.
            unsafe { self.push(value) };
        }
        for value in iter {
            if self.len == self.capacity {
                self.grow()?;
            }
            // SAFETY: there is a free slot.
            unsafe { self.push(value) };
        }
        Ok(())
    }

    /// # Safety
    ///
    /// There are more slots than values.
    #[inline(always)]
    unsafe fn push(&mut self, value: T) {
        // SAFETY: the slot is free, as promised, and ours.
        unsafe { self.start.add(self.len).write(value) };
        self.len += 1;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Result<(), Failure> {
        let least = self.len.checked_add(1).ok_or(Failure::TooLarge)?;
        self.move_to_own(self.len.saturating_mul(2).max(least))
            .or_else(|_| self.move_to_own(least))
    }

    /// Moves the values to a chunk of their own, with `count` slots or more.
    fn move_to_own(&mut self, count: usize) -> Result<(), Failure> {
        let own = self.arena.store().take_chunk(count)?;
        // SAFETY: the chunk is live and ours, and has room for more values than there are. Those are ours
        // too, and lie elsewhere.
        unsafe {
            let start = own.start().cast();
            self.start.copy_to_nonoverlapping(start, self.len);
            self.start = start;
            self.capacity = own.capacity();
        }
        let before = core::mem::replace(&mut self.place, Place::Own(own));
        // SAFETY: nothing is left there.
        unsafe { self.give_back(before) };
        Ok(())
    }

    /// Gives slots back.
    ///
    /// # Safety
    ///
    /// Nothing in them is used again, and they are this filling's no more.
    unsafe fn give_back(&self, place: Place) {
        let store = self.arena.store();
        match place {
            // Elsewhere the slots are behind the last one that counts, and stay unused.
            Place::Lent(chunk) if store.chunk.get() == Some(chunk) => {
                store.end.set(store.end_of(chunk));
            }
            // SAFETY: the chunk is live, linked nowhere, and nothing is in it.
            Place::Own(chunk) => unsafe { store.add_spare(chunk) },
            Place::Lent(_) | Place::Nowhere => {}
        }
    }

    /// Counts the values as the arena's. Answers where they are, and how many.
    #[inline]
    pub(super) fn finish(&mut self) -> Result<(NonNull<T>, usize), Failure> {
        let (arena, store) = (self.arena, self.arena.store());
        let (start, len) = (self.start, self.len);
        if len == 0 {
            return Ok((NonNull::dangling(), 0));
        }
        let place = self.place;
        match place {
            Place::Own(chunk) => {
                self.forget();
                // SAFETY: the chunk is live, linked nowhere, and full up to what is counted here.
                unsafe {
                    store.open(chunk);
                    arena.advance(store.cursor.get(), len);
                }
                Ok((start, len))
            }
            Place::Lent(chunk) if store.chunk.get() == Some(chunk) => {
                // The chunk ends where the lent slots do.
                let bytes = self.capacity * size_of::<T>();
                store.end.set(start.addr().get() + bytes);
                self.forget();
                // SAFETY: the slots behind the cursor are filled.
                unsafe { arena.advance(store.cursor.get(), len) };
                Ok((start, len))
            }
            // What was completed meanwhile comes before: the values move behind it. Those without a size
            // are counted, no more.
            Place::Lent(_) | Place::Nowhere => {
                // SAFETY: the values are ours until they are the arena's.
                let moved = unsafe { arena.append(start, len)? };
                self.forget();
                Ok((moved, len))
            }
        }
    }

    /// Gives up the values and the slots, which somebody else takes over.
    fn forget(&mut self) {
        self.len = 0;
        self.place = Place::Nowhere;
    }
}

impl<T, A: Allocator> Drop for Filling<'_, T, A> {
    #[inline]
    fn drop(&mut self) {
        /// Gives the slots back after the values, also if a destructor panics.
        struct GiveBack<'f, 'a, T, A: Allocator>(&'f Filling<'a, T, A>);
        impl<T, A: Allocator> Drop for GiveBack<'_, '_, T, A> {
            fn drop(&mut self) {
                // SAFETY: the values are gone.
                unsafe { self.0.give_back(self.0.place) };
            }
        }
        let _after = GiveBack(self);
        // SAFETY: the values are ours, and not used again.
        unsafe {
            ptr::slice_from_raw_parts_mut(self.start.as_ptr(), self.len).drop_in_place();
        }
    }
}
