//! Values with handles.

use core::marker::PhantomData;
use core::mem::{MaybeUninit, needs_drop};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::Handle;
use super::iter::{Cursor, Drain, Iter, IterMut};
use super::table::{NONE, RETIRED, Shape, Table};
use crate::arena::{Failure, or_fail};
use crate::unwind::run_all;

/// Values of one type with [`Handle`]s: put in, found and taken out in a few instructions each.
///
/// A handle has 8 bytes and can be kept anywhere, in the values too. When its value is taken out it stands for nothing any
/// more, whoever has the slot then.
///
/// ```
/// use arenula::pool::Slots;
///
/// let mut connections = Slots::new();
/// let first = connections.insert("10.0.0.1");
/// let second = connections.insert("10.0.0.2");
/// assert_eq!(connections.remove(first), Some("10.0.0.1"));
///
/// let third = connections.insert("10.0.0.3");
/// assert_eq!(third.index(), first.index(), "the slot is used again");
/// assert_eq!(connections.get(first), None);
/// assert_eq!(connections[second], "10.0.0.2");
/// ```
///
/// # Memory
///
/// Values lie in chunks of about 8 KiB and never move: more of them copy nothing but a table, of 12 bytes for a chunk. So
/// the slowest [`insert`](Slots::insert) is one that makes a chunk. Each slot takes 4 bytes beside its value (and no
/// less than 4 for that). [`shrink_to_fit`](Slots::shrink_to_fit) gives back the chunks that are empty.
///
/// # How handles don't match
///
/// A slot counts how many values it has had. After 2³¹ of them it is not used again, so that the count never begins anew;
/// and what the slots of a chunk have counted is remembered when its memory goes back.
pub struct Slots<T, A: Allocator = Global> {
    // It drops the values, and does not name their type.
    pub(super) table: Table<A>,
    /// The first free slot.
    free: u32,
    pub(super) len: u32,
    values: PhantomData<T>,
}

/// A slot that exists: where its generation is, and where its value.
struct Place<T> {
    generation: NonNull<u32>,
    value: *mut T,
}

impl<T> Slots<T> {
    /// Slots that own no memory yet. Allocates nothing.
    ///
    /// ```
    /// use arenula::pool::Slots;
    ///
    /// const EMPTY: Slots<char> = Slots::new();
    /// let mut slots = EMPTY;
    /// assert_eq!(slots.capacity(), 0);
    /// let a = slots.insert('a');
    /// assert_eq!(slots[a], 'a');
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::new_in(Global)
    }

    /// Slots with room for `count` values.
    ///
    /// ```
    /// let slots = arenula::pool::Slots::<u64>::with_capacity(1000);
    /// assert!(slots.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self::with_capacity_in(count, Global)
    }

    /// [`with_capacity`](Slots::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::pool::Slots;
    ///
    /// assert!(Slots::<u64>::try_with_capacity(1000).is_ok());
    /// assert!(Slots::<u64>::try_with_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_capacity(count: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_in(count, Global)
    }
}

impl<T, A: Allocator> Slots<T, A> {
    const SHAPE: &'static Shape = Shape::of::<T>();

    /// Slots in memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, pool::Slots};
    ///
    /// let arena = Arena::new();
    /// let mut slots = Slots::new_in(&arena);
    /// let one = slots.insert(1);
    /// assert!(arena.contains(&slots[one]));
    /// ```
    #[inline]
    #[must_use]
    pub const fn new_in(backing: A) -> Self {
        Slots {
            table: Table::new(Shape::of::<T>(), backing),
            free: NONE,
            len: 0,
            values: PhantomData,
        }
    }

    /// Slots with room for `count` values, in memory from `backing`.
    ///
    /// ```
    /// use arenula::{Arena, pool::Slots};
    ///
    /// let arena = Arena::new();
    /// assert!(Slots::<u64, _>::with_capacity_in(100, &arena).capacity() >= 100);
    /// ```
    #[must_use]
    pub fn with_capacity_in(count: usize, backing: A) -> Self {
        let mut slots = Self::new_in(backing);
        slots.reserve(count);
        slots
    }

    /// [`with_capacity_in`](Slots::with_capacity_in), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::{Arena, pool::Slots};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(Slots::<u64, _>::try_with_capacity_in(1000, &arena).is_err());
    /// ```
    pub fn try_with_capacity_in(count: usize, backing: A) -> Result<Self, AllocError> {
        let mut slots = Self::new_in(backing);
        slots.try_reserve(count)?;
        Ok(slots)
    }

    /// Where the chunks come from.
    ///
    /// ```
    /// use arenula::{Arena, pool::Slots};
    ///
    /// let arena = Arena::new();
    /// let slots = Slots::<u64, _>::with_capacity_in(100, &arena);
    /// assert!(slots.allocator().allocated_bytes() > 0);
    /// ```
    pub fn allocator(&self) -> &A {
        &self.table.backing
    }

    /// Puts a value in, and gives its handle.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let a = slots.insert('a');
    /// assert_eq!(slots[a], 'a');
    /// ```
    ///
    /// # Panics
    ///
    /// If there are some four thousand millions of values: more than have an index.
    #[inline]
    pub fn insert(&mut self, value: T) -> Handle<T> {
        if self.free == NONE {
            self.grow_or_fail();
        }
        // SAFETY: there is a free slot.
        unsafe { self.fill(value) }
    }

    /// [`insert`](Slots::insert), or an error where there is no memory or no further index; the value is then dropped.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// slots.set_limit(Some(0));
    /// assert!(slots.try_insert('a').is_err());
    /// ```
    #[inline]
    pub fn try_insert(&mut self, value: T) -> Result<Handle<T>, AllocError> {
        if self.free == NONE {
            self.grow()?;
        }
        // SAFETY: there is a free slot.
        Ok(unsafe { self.fill(value) })
    }

    /// Puts in the value that `f` makes, which is told its handle. If it panics nothing is put in, and that handle
    /// never stands for a value.
    ///
    /// ```
    /// use arenula::pool::{Handle, Slots};
    ///
    /// struct Node {
    ///     own: Handle<Node>,
    /// }
    ///
    /// let mut nodes = Slots::new();
    /// let node = nodes.insert_with(|own| Node { own });
    /// assert_eq!(nodes[node].own, node);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`insert`](Slots::insert), or if the closure does.
    #[inline]
    pub fn insert_with(&mut self, f: impl FnOnce(Handle<T>) -> T) -> Handle<T> {
        if self.free == NONE {
            self.grow_or_fail();
        }
        // SAFETY: there is a free slot.
        unsafe { self.fill_with(f) }
    }

    /// [`insert_with`](Slots::insert_with), or an error where there is no memory or no further index; the closure is
    /// then not called.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let handle = slots.try_insert_with(|own| own.index());
    /// assert_eq!(slots[handle.unwrap()], 0);
    /// ```
    #[inline]
    pub fn try_insert_with(
        &mut self,
        f: impl FnOnce(Handle<T>) -> T,
    ) -> Result<Handle<T>, AllocError> {
        if self.free == NONE {
            self.grow()?;
        }
        // SAFETY: there is a free slot.
        Ok(unsafe { self.fill_with(f) })
    }

    /// # Safety
    ///
    /// There is a free slot.
    #[inline(always)]
    unsafe fn fill(&mut self, value: T) -> Handle<T> {
        // SAFETY: as promised.
        unsafe { self.fill_with(|_| value) }
    }

    /// The one way in.
    ///
    /// # Safety
    ///
    /// There is a free slot.
    #[inline(always)]
    unsafe fn fill_with(&mut self, f: impl FnOnce(Handle<T>) -> T) -> Handle<T> {
        /// Passes over the handle of the first free slot, which was told but has no value: so it never has one.
        struct Told<'s, T, A: Allocator>(&'s mut Slots<T, A>);
        impl<T, A: Allocator> Drop for Told<'_, T, A> {
            fn drop(&mut self) {
                let index = self.0.free;
                // SAFETY: there is a free slot, whose generation is not the last; so it stays even, and at most that (H2).
                unsafe {
                    let place = self.0.place(index);
                    self.0.free = place.value.cast::<u32>().read();
                    place.generation.write(place.generation.read() + 2);
                    self.0.give_back(index, &place);
                }
            }
        }
        let index = self.free;
        // SAFETY: the slot is there, without a value, and its generation not the last (H2, H3): so the next one is odd.
        // The closure has no way to the slots, and nothing was changed before it returns.
        unsafe {
            let place = self.place(index);
            let generation = place.generation.read() + 1;
            let handle = Handle::new(index, generation);
            let told = Told(self);
            let value = f(handle);
            core::mem::forget(told);
            self.free = place.value.cast::<u32>().read();
            place.value.write(value);
            place.generation.write(generation);
            self.len += 1;
            handle
        }
    }

    #[cold]
    #[inline(never)]
    fn grow_or_fail(&mut self) {
        or_fail(self.grow());
    }

    /// Makes free slots.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Result<(), Failure> {
        let place = self.table.make_chunk()?;
        self.free = self.chain(place, self.free);
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

    /// Links all slots anew that have no value and are not retired.
    pub(super) fn relink(&mut self) {
        self.free = NONE;
        for place in (0..self.table.places()).rev() {
            if self.table.chunk_at(place).is_some() {
                self.free = self.chain(place, self.free);
            }
        }
    }

    /// The slot with this index.
    ///
    /// # Safety
    ///
    /// There is one: its place is in the table. Where it has no chunk, only the generation may be looked at.
    #[inline(always)]
    unsafe fn place(&self, index: u32) -> Place<T> {
        // SAFETY: as promised.
        unsafe { self.place_at(index as usize / Self::SHAPE.slots, index) }
    }

    /// The slot with this index, which is in this place.
    ///
    /// # Safety
    ///
    /// As for `place`.
    #[inline(always)]
    unsafe fn place_at(&self, place: usize, index: u32) -> Place<T> {
        let slot = index as usize % Self::SHAPE.slots;
        // SAFETY: as promised; the chunk has as many generations and slots (H1).
        unsafe {
            let chunk = self.table.chunk(place);
            Place {
                generation: chunk.add(slot),
                value: Self::SHAPE.slot_of(chunk, slot).cast(),
            }
        }
    }

    /// The slot of a value, if it is there.
    #[inline(always)]
    fn find(&self, handle: Handle<T>) -> Option<Place<T>> {
        let (index, generation) = handle.parts();
        let place = index as usize / Self::SHAPE.slots;
        if place >= self.table.places() {
            return None;
        }
        // SAFETY: there is such a place; where it has no chunk no generation is odd, as that of a handle is (H1, H2).
        unsafe {
            let place = self.place_at(place, index);
            (place.generation.read() == generation).then_some(place)
        }
    }

    /// Whether the handle's value is there.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let a = slots.insert('a');
    /// assert!(slots.contains(a));
    /// slots.clear();
    /// assert!(!slots.contains(a));
    /// ```
    #[inline]
    #[must_use]
    pub fn contains(&self, handle: Handle<T>) -> bool {
        self.find(handle).is_some()
    }

    /// The handle's value, if it is there.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let a = slots.insert('a');
    /// assert_eq!(slots.get(a), Some(&'a'));
    /// ```
    #[inline]
    #[must_use]
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        // SAFETY: there is a value (H2).
        (self.find(handle)).map(|place| unsafe { &*place.value })
    }

    /// The handle's value, if it is there.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let one = slots.insert(1);
    /// *slots.get_mut(one).unwrap() += 1;
    /// assert_eq!(slots[one], 2);
    /// ```
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        // SAFETY: there is a value (H2).
        (self.find(handle)).map(|place| unsafe { &mut *place.value })
    }

    /// The values of several handles at once, if all are there and no two are the same.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let (a, b) = (slots.insert('a'), slots.insert('b'));
    /// let [first, second] = slots.get_disjoint_mut([a, b]).unwrap();
    /// std::mem::swap(first, second);
    /// assert_eq!((slots[a], slots[b]), ('b', 'a'));
    /// assert_eq!(slots.get_disjoint_mut([a, a]), None);
    /// ```
    #[must_use]
    pub fn get_disjoint_mut<const N: usize>(
        &mut self,
        handles: [Handle<T>; N],
    ) -> Option<[&mut T; N]> {
        for (count, handle) in handles.iter().enumerate() {
            let is_again = |earlier: &Handle<T>| earlier.index() == handle.index();
            if !self.contains(*handle) || handles[..count].iter().any(is_again) {
                return None;
            }
        }
        // SAFETY: there are such values (H2), each of them once.
        Some(handles.map(|handle| unsafe { &mut *self.place(handle.index()).value }))
    }

    /// Takes the handle's value out, if it is there.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let a = slots.insert('a');
    /// assert_eq!(slots.remove(a), Some('a'));
    /// assert_eq!(slots.remove(a), None);
    /// ```
    #[inline]
    pub fn remove(&mut self, handle: Handle<T>) -> Option<T> {
        let place = self.find(handle)?;
        // SAFETY: there is a value (H2), which is the caller's from here on.
        unsafe {
            // An option from the start: it would be copied once more.
            let value = Some(read_small(place.value));
            self.vacate(&place);
            self.give_back(handle.index(), &place);
            value
        }
    }

    /// Counts the value of a slot as gone.
    ///
    /// # Safety
    ///
    /// There is one, which is the caller's from here on; then the slot is given back.
    #[inline(always)]
    unsafe fn vacate(&mut self, place: &Place<T>) {
        // SAFETY: the slot is there. Its generation is odd, and less than any that wraps (H2).
        unsafe { place.generation.write(place.generation.read() + 1) };
        self.len -= 1;
    }

    /// Links a slot, unless it is retired.
    ///
    /// # Safety
    ///
    /// It is that of the index, has no value, and is not linked.
    #[inline(always)]
    unsafe fn give_back(&mut self, index: u32, place: &Place<T>) {
        // SAFETY: the slot is there, and has room for a link.
        unsafe {
            if place.generation.read() == RETIRED {
                self.table.capacity -= 1;
            } else {
                place.value.cast::<u32>().write(self.free);
                self.free = index;
            }
        }
    }

    /// Takes the value of a slot out.
    ///
    /// # Safety
    ///
    /// There is one.
    pub(super) unsafe fn take(&mut self, index: u32) -> T {
        // SAFETY: as promised.
        unsafe {
            let place = self.place(index);
            let value = place.value.read();
            self.vacate(&place);
            self.give_back(index, &place);
            value
        }
    }

    /// Drops the value of a slot where it is.
    ///
    /// # Safety
    ///
    /// There is one.
    unsafe fn discard(&mut self, index: u32) {
        struct GiveBack<'s, T, A: Allocator>(&'s mut Slots<T, A>, u32, Place<T>);
        impl<T, A: Allocator> Drop for GiveBack<'_, T, A> {
            fn drop(&mut self) {
                // SAFETY: the value was counted as gone, and dropped.
                unsafe { self.0.give_back(self.1, &self.2) };
            }
        }
        // SAFETY: as promised. The slot goes back also if the destructor panics.
        unsafe {
            let place = self.place(index);
            self.vacate(&place);
            let slots = GiveBack(self, index, place);
            if needs_drop::<T>() {
                slots.2.value.drop_in_place();
            }
        }
    }

    /// Drops the values that `cursor` comes to; if a destructor panics, the others still run.
    pub(super) fn discard_all(&mut self, cursor: &mut Cursor<T>) {
        run_all(|| match cursor.next() {
            Some((handle, _)) => {
                // SAFETY: there is a value.
                unsafe { self.discard(handle.index()) };
                true
            }
            None => false,
        });
    }

    /// Keeps the values of which `keep` says so, and drops the others.
    ///
    /// If it panics, or a destructor does, the values that it was not asked about are kept.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<u32> = (0..10).collect();
    /// slots.retain(|_, n| *n % 2 == 0);
    /// assert_eq!(slots.len(), 5);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(Handle<T>, &mut T) -> bool) {
        let mut cursor = self.cursor();
        while let Some((handle, mut slot)) = cursor.next() {
            // SAFETY: there is a value, which nobody else refers to.
            unsafe {
                if !keep(handle, slot.as_mut()) {
                    self.discard(handle.index());
                }
            }
        }
    }

    /// Drops all values, and keeps the memory.
    ///
    /// If a destructor panics, the others still run.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let gone = slots.insert("gone".to_owned());
    /// slots.clear();
    /// assert!(slots.is_empty() && !slots.contains(gone));
    /// ```
    pub fn clear(&mut self) {
        let mut cursor = self.cursor();
        self.discard_all(&mut cursor);
    }

    /// Takes all values out, with their handles as they were, in the order of their indices. The memory is kept.
    ///
    /// What is not taken is dropped with the iterator; if that is forgotten, it stays.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert!(slots.drain().map(|(_, c)| c).eq(['a', 'b', 'c']));
    /// assert!(slots.is_empty());
    /// ```
    pub fn drain(&mut self) -> Drain<'_, T, A> {
        Drain::new(self)
    }

    /// The values with their handles, in the order of their indices.
    ///
    /// ```
    /// let slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert!(slots.iter().all(|(handle, c)| slots[handle] == *c));
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        // SAFETY: the values are borrowed as long as the iterator lives.
        unsafe { Iter::new(self.cursor()) }
    }

    /// The values with their handles, to be changed, in the order of their indices.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<u32> = (0..10).collect();
    /// slots.iter_mut().for_each(|(_, n)| *n *= 2);
    /// assert_eq!(slots.iter().map(|(_, n)| n).sum::<u32>(), 90);
    /// ```
    #[inline]
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        // SAFETY: the values are borrowed as long as the iterator lives.
        unsafe { IterMut::new(self.cursor()) }
    }

    /// Where all values are.
    #[inline]
    pub(super) fn cursor(&self) -> Cursor<T> {
        Cursor::new(self.table.chunks(), self.table.places(), self.len())
    }

    /// The number of values.
    ///
    /// ```
    /// let slots: arenula::pool::Slots<u32> = (0..10).collect();
    /// assert_eq!(slots.len(), 10);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is no value.
    ///
    /// ```
    /// assert!(arenula::pool::Slots::<u32>::new().is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

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

    /// [`reserve`](Slots::reserve), or an error where there is no such memory; none is then kept.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::<u64>::new();
    /// assert!(slots.try_reserve(usize::MAX).is_err());
    /// ```
    pub fn try_reserve(&mut self, count: usize) -> Result<(), AllocError> {
        Ok(self.make_room(count)?)
    }

    fn make_room(&mut self, count: usize) -> Result<(), Failure> {
        let needed = self.len().checked_add(count);
        let needed = needed
            .filter(|needed| *needed < NONE as usize)
            .ok_or(Failure::TooLarge)?;
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
            let first = self.chain(place, before);
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
}

/// Reads a value that may have been written a moment ago.
///
/// Small ones word by word: processors hand on what was stored to loads of that or a part of it, but a load of
/// several words at once, which is how a value is copied else, has to wait until all of them are in the cache. That takes
/// longer than everything else that `insert` and `remove` do.
///
/// # Safety
///
/// As for `ptr::read`.
#[inline(always)]
unsafe fn read_small<T>(value: *const T) -> T {
    type Word = MaybeUninit<usize>;
    let words = size_of::<T>() / size_of::<Word>();
    let is_words =
        size_of::<T>() == words * size_of::<Word>() && align_of::<T>() % align_of::<Word>() == 0;
    if !is_words || words > 4 {
        // SAFETY: as promised.
        return unsafe { value.read() };
    }
    let mut copy = MaybeUninit::<T>::uninit();
    for word in 0..words {
        // SAFETY: both have as many words, of any bytes. (Volatile reads are not merged.)
        unsafe {
            let word_of_value = value.cast::<Word>().add(word).read_volatile();
            copy.as_mut_ptr()
                .cast::<Word>()
                .add(word)
                .write(word_of_value);
        }
    }
    // SAFETY: these are the bytes of the value.
    unsafe { copy.assume_init() }
}
