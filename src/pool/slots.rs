//! Values with handles.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::mem::{MaybeUninit, needs_drop};
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::Handle;
use super::table::{NONE, RETIRED, Shape, Table};
use crate::AllocOrInitError;

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
    /// The first of the linked slots.
    pub(super) free: u32,
    /// The slots that are fresh: from here to the end of their chunk,
    pub(super) fresh: u32,
    pub(super) fresh_end: u32,
    /// and all of the chunk that begins here, and of those that follow it.
    pub(super) fresh_chunks: u32,
    pub(super) len: u32,
    values: PhantomData<T>,
}

/// A slot that exists: where its generation is, and where its value.
pub(super) struct Place<T> {
    pub(super) generation: NonNull<u32>,
    pub(super) value: *mut T,
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
    pub(super) const SHAPE: &'static Shape = Shape::of::<T>();

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
            fresh: 0,
            fresh_end: 0,
            fresh_chunks: NONE,
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
        self.insert_with(|_| value)
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
        self.try_insert_with(|_| value)
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
        let Ok(handle) = self.insert_try_with(|handle| Ok::<_, Infallible>(f(handle)));
        handle
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
        let Ok(handle) = self.put(Self::grow, |handle| Ok::<_, Infallible>(f(handle)))?;
        Ok(handle)
    }

    /// Puts in the value that `f` makes, which is told its handle, unless that fails. If it fails or panics nothing is put
    /// in, and that handle never stands for a value.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let number = slots.insert_try_with(|_| "12".parse::<i32>());
    /// assert_eq!(slots[number.unwrap()], 12);
    /// assert!(slots.insert_try_with(|_| "12x".parse::<i32>()).is_err());
    /// assert_eq!(slots.len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`insert`](Slots::insert), or if the closure does.
    #[inline]
    pub fn insert_try_with<E>(
        &mut self,
        f: impl FnOnce(Handle<T>) -> Result<T, E>,
    ) -> Result<Handle<T>, E> {
        let Ok(handle) = self.put(Self::grow_or_fail, f);
        handle
    }

    /// [`insert_try_with`](Slots::insert_try_with), or an error where there is no memory or no further index; the
    /// closure is then not called.
    ///
    /// ```
    /// use arenula::{AllocOrInitError, pool::Slots};
    ///
    /// let mut slots = Slots::new();
    /// let failed = slots.try_insert_try_with(|_| "12x".parse::<i32>());
    /// assert!(matches!(failed, Err(AllocOrInitError::Init(_))));
    /// ```
    #[inline]
    pub fn try_insert_try_with<E>(
        &mut self,
        f: impl FnOnce(Handle<T>) -> Result<T, E>,
    ) -> Result<Handle<T>, AllocOrInitError<E>> {
        let handle = self.put(Self::grow, f)?;
        handle.map_err(AllocOrInitError::Init)
    }

    /// The one way in. Where no slot is free `grow` makes some that are fresh.
    #[inline(always)]
    fn put<E, F>(
        &mut self,
        grow: impl FnOnce(&mut Self) -> Result<(), F>,
        f: impl FnOnce(Handle<T>) -> Result<T, E>,
    ) -> Result<Result<Handle<T>, E>, F> {
        if self.free != NONE {
            // SAFETY: there is a linked slot.
            return Ok(unsafe { self.fill::<true, E>(f) });
        }
        if self.fresh == self.fresh_end {
            grow(self)?;
        }
        // SAFETY: there is a fresh slot.
        Ok(unsafe { self.fill::<false, E>(f) })
    }

    /// Fills a slot.
    ///
    /// # Safety
    ///
    /// There is one that is linked, or one that is fresh.
    #[inline(always)]
    unsafe fn fill<const IS_LINKED: bool, E>(
        &mut self,
        f: impl FnOnce(Handle<T>) -> Result<T, E>,
    ) -> Result<Handle<T>, E> {
        /// Passes over the handle of a slot, which was told but has no value: so it never has one.
        struct Told<'s, T, A: Allocator, const IS_LINKED: bool>(&'s mut Slots<T, A>);
        impl<T, A: Allocator, const IS_LINKED: bool> Drop for Told<'_, T, A, IS_LINKED> {
            fn drop(&mut self) {
                // SAFETY: there is such a slot, whose generation is not the last; so it stays even, and at most that (H2).
                unsafe {
                    let index = self.0.next_free::<IS_LINKED>();
                    let place = self.0.place(index);
                    self.0.pass_free::<IS_LINKED>(&place);
                    place.generation.write(place.generation.read() + 2);
                    self.0.give_back(index, &place);
                }
            }
        }
        // SAFETY: the slot is there, without a value, and its generation not the last (H2, H3): so the next one is odd.
        // The closure has no way to the slots, and nothing was changed before it returns.
        unsafe {
            let index = self.next_free::<IS_LINKED>();
            let place = self.place(index);
            let generation = place.generation.read() + 1;
            let handle = Handle::new(index, generation);
            let told = Told::<T, A, IS_LINKED>(self);
            let value = f(handle)?;
            core::mem::forget(told);
            self.pass_free::<IS_LINKED>(&place);
            place.value.write(value);
            place.generation.write(generation);
            self.len += 1;
            Ok(handle)
        }
    }

    /// The slot that is filled next, of the linked ones or of the fresh ones.
    #[inline(always)]
    fn next_free<const IS_LINKED: bool>(&self) -> u32 {
        if IS_LINKED { self.free } else { self.fresh }
    }

    /// Takes the slot that is filled next, whose place this is.
    ///
    /// # Safety
    ///
    /// It is, and is linked or fresh.
    #[inline(always)]
    unsafe fn pass_free<const IS_LINKED: bool>(&mut self, place: &Place<T>) {
        if IS_LINKED {
            // SAFETY: the link to the next one lies in it (H3).
            self.free = unsafe { place.value.cast::<u32>().read() };
        } else {
            self.fresh += 1;
        }
    }

    /// The slot with this index.
    ///
    /// # Safety
    ///
    /// There is one: its place is in the table. Where it has no chunk, only the generation may be looked at.
    #[inline(always)]
    pub(super) unsafe fn place(&self, index: u32) -> Place<T> {
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
    pub(super) unsafe fn discard(&mut self, index: u32) {
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
