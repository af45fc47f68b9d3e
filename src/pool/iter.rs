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
/// Where all slots of a chunk have values they are a run, which is gone through like a slice. Elsewhere the slots that have
/// values are looked for in groups, of which each is a number with a bit for each slot: so that it makes no
/// difference whether values and gaps take turns.
pub(super) struct Cursor<T> {
    chunks: NonNull<NonNull<u32>>,
    /// The next group, and how many there are.
    next: usize,
    groups: usize,
    group: Group,
    /// The values in later groups.
    later: usize,
    values: PhantomData<*const T>,
}

/// Slots side by side, of which some have values to come to.
#[derive(Clone, Copy)]
struct Group {
    /// Where the generations are, and the slots.
    generations: NonNull<u32>,
    slots: *mut u8,
    /// The index of the first slot.
    start: u32,
    /// Those with values: from one to before another; or if there is none of these, one for each bit.
    slot: u32,
    end: u32,
    mask: u64,
}

impl Group {
    const EMPTY: Self = Group {
        generations: NonNull::dangling(),
        slots: core::ptr::null_mut(),
        start: 0,
        slot: 0,
        end: 0,
        mask: 0,
    };

    /// How many values are left.
    #[inline]
    fn len(&self) -> usize {
        (self.end - self.slot) as usize + self.mask.count_ones() as usize
    }
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

    /// The groups of a chunk.
    const GROUPS: usize = Self::SHAPE.slots / Self::GROUP;

    /// For the chunks of a table of slots of `T`s, with that many values. While the cursor is used, only values are taken
    /// out to which it has come.
    #[inline]
    pub(super) fn new(chunks: NonNull<NonNull<u32>>, places: usize, len: usize) -> Self {
        Cursor {
            chunks,
            next: 0,
            groups: places * Self::GROUPS,
            group: Group::EMPTY,
            later: len,
            values: PhantomData,
        }
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<(Handle<T>, NonNull<T>)> {
        loop {
            if self.group.slot != self.group.end {
                let slot = self.group.slot;
                self.group.slot += 1;
                // SAFETY: the slot has a value.
                return Some(unsafe { self.at(slot) });
            }
            if self.group.mask != 0 {
                let slot = self.group.mask.trailing_zeros();
                self.group.mask &= self.group.mask - 1;
                // SAFETY: the slot has a value.
                return Some(unsafe { self.at(slot) });
            }
            if self.is_last() {
                return None;
            }
            // SAFETY: there is a group.
            (self.next, self.group) = unsafe { Self::look_at_far(self.chunks, self.next) };
            self.later -= self.group.len();
        }
    }

    /// Calls `f` with what is left.
    #[inline]
    fn fold<B>(mut self, mut result: B, mut f: impl FnMut(B, (Handle<T>, NonNull<T>)) -> B) -> B {
        loop {
            for slot in self.group.slot..self.group.end {
                // SAFETY: the slot has a value.
                result = f(result, unsafe { self.at(slot) });
            }
            while self.group.mask != 0 {
                let slot = self.group.mask.trailing_zeros();
                self.group.mask &= self.group.mask - 1;
                // SAFETY: the slot has a value.
                result = f(result, unsafe { self.at(slot) });
            }
            if self.is_last() {
                return result;
            }
            // SAFETY: there is a group.
            (self.next, self.group) = unsafe { Self::look_at(self.chunks, self.next) };
            self.later -= self.group.len();
        }
    }

    /// # Safety
    ///
    /// The slot of this group has a value.
    #[inline(always)]
    unsafe fn at(&self, slot: u32) -> (Handle<T>, NonNull<T>) {
        let group = &self.group;
        // SAFETY: there is such a slot (H1); its generation is odd (H2).
        unsafe {
            let generation = group.generations.add(slot as usize).read();
            let value = group.slots.add(slot as usize * Self::SHAPE.slot);
            let handle = Handle::new(group.start + slot, generation);
            (handle, NonNull::new_unchecked(value).cast())
        }
    }

    /// Whether there is no value in later groups.
    #[inline(always)]
    fn is_last(&self) -> bool {
        self.later == 0 || self.next == self.groups
    }

    /// [`look_at`](Self::look_at), where the caller's loop is better off with the cursor in registers.
    ///
    /// # Safety
    ///
    /// There is such a group in the chunks.
    #[cold]
    #[inline(never)]
    unsafe fn look_at_far(chunks: NonNull<NonNull<u32>>, number: usize) -> (usize, Group) {
        // SAFETY: as promised.
        unsafe { Self::look_at(chunks, number) }
    }

    /// A group, or the whole chunk if that begins with it and has values in all of its slots; and before it the number
    /// of what comes next.
    ///
    /// # Safety
    ///
    /// There is such a group in the chunks.
    #[inline(always)]
    unsafe fn look_at(chunks: NonNull<NonNull<u32>>, number: usize) -> (usize, Group) {
        let first = number % Self::GROUPS * Self::GROUP;
        // SAFETY: there is such a place; what stands for a chunk that is not there has as many generations, all even, and
        // its slots are only a number (H1).
        unsafe {
            let chunk = chunks.add(number / Self::GROUPS).read();
            let generations = chunk.add(first);
            let group = Group {
                generations,
                slots: Self::SHAPE.slot_of(chunk, first),
                start: (number * Self::GROUP) as u32,
                slot: 0,
                end: 0,
                mask: mask_of(generations, Self::GROUP),
            };
            let run = |slots: usize| Group {
                end: slots as u32,
                mask: 0,
                ..group
            };
            if group.mask != Self::FULL {
                (number + 1, group)
            } else if first == 0 && all_odd(generations, Self::SHAPE.slots) {
                (number + Self::GROUPS, run(Self::SHAPE.slots))
            } else {
                (number + 1, run(Self::GROUP))
            }
        }
    }

    /// How many values are left.
    #[inline]
    fn len(&self) -> usize {
        self.later + self.group.len()
    }
}

/// Whether all generations are odd.
///
/// # Safety
///
/// There are as many.
#[inline(always)]
unsafe fn all_odd(generations: NonNull<u32>, count: usize) -> bool {
    let mut all = 1;
    for slot in 0..count {
        // SAFETY: as promised.
        all &= unsafe { generations.add(slot).read() };
    }
    all == 1
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
