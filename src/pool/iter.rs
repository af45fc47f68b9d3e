//! Going through slots.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};

use super::table::Shape;
use super::{Handle, Slots};

/// Comes to each value once, in the order of their indices.
///
/// The slots that have values are looked for in groups, of which each is a number with a bit for each slot: so that it
/// makes no difference whether values and gaps take turns.
pub(super) struct Cursor<T> {
    chunks: NonNull<NonNull<u8>>,
    /// The next group, and how many there are.
    group: usize,
    groups: usize,
    /// Where the generations of this group are, and its slots.
    generations: NonNull<u32>,
    slots: NonNull<u8>,
    /// The index of its first slot.
    start: u32,
    /// The slots of the group with values to come to.
    mask: u64,
    /// The values in later groups.
    later: usize,
    values: PhantomData<*const T>,
}

impl<T> Clone for Cursor<T> {
    fn clone(&self) -> Self {
        Cursor { ..*self }
    }
}

impl<T> Cursor<T> {
    const SHAPE: &'static Shape = Shape::of::<T>();

    /// The slots of a group.
    const GROUP: usize = if Self::SHAPE.slots < 64 {
        Self::SHAPE.slots
    } else {
        64
    };

    /// A group in which all slots have values.
    const FULL: u64 = u64::MAX >> (64 - Self::GROUP);

    /// For the chunks of a table of slots of `T`s, with that many values. While the cursor is used, only values are taken
    /// out to which it has come.
    #[inline]
    pub(super) fn new(chunks: NonNull<NonNull<u8>>, places: usize, len: usize) -> Self {
        Cursor {
            chunks,
            group: 0,
            groups: places * (Self::SHAPE.slots / Self::GROUP),
            generations: NonNull::dangling(),
            slots: NonNull::dangling(),
            start: 0,
            mask: 0,
            later: len,
            values: PhantomData,
        }
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<(Handle<T>, NonNull<T>)> {
        while self.mask == 0 {
            if self.later == 0 || !self.advance() {
                return None;
            }
        }
        let slot = self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        // SAFETY: the slot has a value.
        Some(unsafe { self.at(slot) })
    }

    /// Calls `f` with what is left.
    #[inline]
    fn fold<B>(mut self, mut result: B, mut f: impl FnMut(B, (Handle<T>, NonNull<T>)) -> B) -> B {
        loop {
            if self.mask == Self::FULL {
                for slot in 0..Self::GROUP as u32 {
                    // SAFETY: all slots have values.
                    result = f(result, unsafe { self.at(slot) });
                }
            } else {
                while self.mask != 0 {
                    let slot = self.mask.trailing_zeros();
                    self.mask &= self.mask - 1;
                    // SAFETY: the slot has a value.
                    result = f(result, unsafe { self.at(slot) });
                }
            }
            if !self.advance() {
                return result;
            }
        }
    }

    /// # Safety
    ///
    /// The slot of this group has a value.
    #[inline(always)]
    unsafe fn at(&self, slot: u32) -> (Handle<T>, NonNull<T>) {
        // SAFETY: there is such a slot (H1); its generation is odd (H2).
        unsafe {
            let generation = self.generations.add(slot as usize).read();
            let value = self.slots.byte_add(slot as usize * Self::SHAPE.slot);
            (Handle::new(self.start + slot, generation), value.cast())
        }
    }

    /// Goes to the next group, if there is one.
    #[inline]
    fn advance(&mut self) -> bool {
        if self.group == self.groups {
            return false;
        }
        let in_chunk = Self::SHAPE.slots / Self::GROUP;
        let (place, first) = (self.group / in_chunk, self.group % in_chunk * Self::GROUP);
        self.start = (self.group * Self::GROUP) as u32;
        self.group += 1;
        // SAFETY: there is such a place; what stands for a chunk that is not there has as many generations, all even, and
        // its slots are only a number (H1).
        unsafe {
            let chunk = self.chunks.add(place).read();
            self.generations = chunk.cast::<u32>().add(first);
            let slots = Self::SHAPE.start + first * Self::SHAPE.slot;
            self.slots = NonNull::new_unchecked(chunk.as_ptr().wrapping_add(slots));
            self.mask = mask_of(self.generations, Self::GROUP);
        }
        self.later -= self.mask.count_ones() as usize;
        true
    }

    /// How many values are left.
    #[inline]
    fn len(&self) -> usize {
        self.later + self.mask.count_ones() as usize
    }
}

/// A bit for each generation, set where it is odd.
///
/// # Safety
///
/// There are as many generations, at most 64.
#[inline(always)]
unsafe fn mask_of(generations: NonNull<u32>, count: usize) -> u64 {
    // First bytes, which compilers do many at a time, and of eight bytes then eight bits: the product moves each to
    // its place in the highest byte, and no two of its terms meet.
    let mut bytes = [[0_u8; 8]; 8];
    for slot in 0..count {
        // SAFETY: as promised.
        let generation = unsafe { generations.add(slot).read() };
        bytes.as_flattened_mut()[slot] = generation as u8 & 1;
    }
    let bits =
        |bytes: &[u8; 8]| u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let words = bytes.iter().rev();
    words.fold(0, |mask, bytes| mask << 8 | bits(bytes))
}

/// The values of [`Slots`] with their handles, made by [`Slots::iter`].
pub struct Iter<'a, T> {
    cursor: Cursor<T>,
    values: PhantomData<&'a T>,
}

// SAFETY: it is as good as a `&[T]`.
unsafe impl<T: Sync> Send for Iter<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Iter<'_, T> {}

impl<T> Iter<'_, T> {
    /// # Safety
    ///
    /// The values are borrowed for the lifetime.
    #[inline]
    pub(super) unsafe fn new(cursor: Cursor<T>) -> Self {
        Iter {
            cursor,
            values: PhantomData,
        }
    }
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Iter {
            cursor: self.cursor.clone(),
            values: PhantomData,
        }
    }
}

/// The values of [`Slots`] with their handles, made by [`Slots::iter_mut`].
pub struct IterMut<'a, T> {
    cursor: Cursor<T>,
    values: PhantomData<&'a mut T>,
}

// SAFETY: it is as good as a `&mut [T]`.
unsafe impl<T: Send> Send for IterMut<'_, T> {}
// SAFETY: as above; by `&self` nothing can be reached.
unsafe impl<T: Sync> Sync for IterMut<'_, T> {}

impl<T> IterMut<'_, T> {
    /// # Safety
    ///
    /// The values are mutably borrowed for the lifetime.
    #[inline]
    pub(super) unsafe fn new(cursor: Cursor<T>) -> Self {
        IterMut {
            cursor,
            values: PhantomData,
        }
    }
}

/// All values of [`Slots`] with the handles that they had, made by [`Slots::drain`].
pub struct Drain<'a, T, A: Allocator = Global> {
    slots: &'a mut Slots<T, A>,
    cursor: Cursor<T>,
}

// SAFETY: it is as good as what it borrows.
unsafe impl<T: Send, A: Allocator + Send> Send for Drain<'_, T, A> {}
// SAFETY: by `&self` nothing can be reached.
unsafe impl<T: Sync, A: Allocator + Sync> Sync for Drain<'_, T, A> {}

impl<'a, T, A: Allocator> Drain<'a, T, A> {
    pub(super) fn new(slots: &'a mut Slots<T, A>) -> Self {
        let cursor = slots.cursor();
        Drain { slots, cursor }
    }
}

impl<T, A: Allocator> Drop for Drain<'_, T, A> {
    fn drop(&mut self) {
        self.slots.discard_all(&mut self.cursor);
    }
}

/// The values of [`Slots`] that were consumed, with the handles that they had.
pub struct IntoIter<T, A: Allocator = Global> {
    slots: Slots<T, A>,
    cursor: Cursor<T>,
}

// SAFETY: it is as good as what it owns.
unsafe impl<T: Send, A: Allocator + Send> Send for IntoIter<T, A> {}
// SAFETY: by `&self` nothing can be reached.
unsafe impl<T: Sync, A: Allocator + Sync> Sync for IntoIter<T, A> {}

impl<T, A: Allocator> IntoIter<T, A> {
    pub(super) fn new(slots: Slots<T, A>) -> Self {
        let cursor = slots.cursor();
        IntoIter { slots, cursor }
    }
}

/// What the iterators that lend have in common.
macro_rules! lends_values {
    ($type:ty, $item:ty, |$slot:pat_param| $value:expr) => {
        impl<'a, T> Iterator for $type {
            type Item = (Handle<T>, $item);

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                let (handle, $slot) = self.cursor.next()?;
                // SAFETY: each slot with a value comes once, and is borrowed.
                Some((handle, unsafe { $value }))
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.cursor.len(), Some(self.cursor.len()))
            }

            #[inline]
            fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
                self.cursor.fold(init, |result, (handle, $slot)| {
                    // SAFETY: as in `next`.
                    f(result, (handle, unsafe { $value }))
                })
            }
        }
    };
}

lends_values!(Iter<'a, T>, &'a T, |slot| slot.as_ref());
lends_values!(IterMut<'a, T>, &'a mut T, |mut slot| slot.as_mut());

/// What the iterators that own the values have in common.
macro_rules! takes_values {
    ($type:ty) => {
        impl<T, A: Allocator> Iterator for $type {
            type Item = (Handle<T>, T);

            #[inline]
            fn next(&mut self) -> Option<(Handle<T>, T)> {
                let (handle, _) = self.cursor.next()?;
                // SAFETY: each slot with a value comes once.
                Some((handle, unsafe { self.slots.take(handle.index()) }))
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.cursor.len(), Some(self.cursor.len()))
            }
        }
    };
}

takes_values!(Drain<'_, T, A>);
takes_values!(IntoIter<T, A>);

/// What all iterators over slots have in common.
macro_rules! counts_values {
    ($name:literal, [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> ExactSizeIterator for $type {}
        impl<$($generics)*> FusedIterator for $type {}

        impl<$($generics)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple($name).field(&self.cursor.len()).finish()
            }
        }
    };
}

counts_values!("Iter", [T] Iter<'_, T>);
counts_values!("IterMut", [T] IterMut<'_, T>);
counts_values!("Drain", [T, A: Allocator] Drain<'_, T, A>);
counts_values!("IntoIter", [T, A: Allocator] IntoIter<T, A>);
