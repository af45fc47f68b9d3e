//! The memory of slots: chunks of one size, and a table of where they are.

use core::alloc::Layout;
use core::mem::{ManuallyDrop, needs_drop};
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use crate::arena::Failure;
use crate::unwind::run_all;

/// The end of the free list; no slot has this index.
pub(super) const NONE: u32 = u32::MAX;

/// The generation of a slot that will not be used again. The odd one before it is the last that a value has.
pub(super) const RETIRED: u32 = u32::MAX - 1;

/// About the size of a chunk of small values: a third more or less.
const CHUNK: usize = 8192;

/// The most slots of a chunk.
const MOST: usize = 512;

/// What stands for a chunk where there is none: generations of slots without values, which are all that anyone looks at.
static NO_CHUNK: [u32; MOST] = [0; MOST];

/// The room for one value.
#[repr(C)]
union Slot<T> {
    _value: ManuallyDrop<T>,
    /// The index of the next free slot.
    _link: u32,
}

/// How the values of a type lie in chunks: slots, and behind them their generations.
///
/// Slots begin where the block does: so whatever the alignment is of, it costs nothing. Generations are apart from the values,
/// and not each beside its own, since iterators look at many of them at a time, and a slot of 36 bytes would take
/// more to find than a slot of 32.
pub(super) struct Shape {
    /// The slots of a chunk: a power of two.
    pub(super) slots: usize,
    /// From one slot to the next.
    pub(super) slot: usize,
    /// From the first slot to the generations.
    values: usize,
    /// `None` if a chunk would be larger than can be.
    layout: Option<Layout>,
    drop_values: Option<unsafe fn(NonNull<u32>)>,
}

impl Shape {
    pub(super) const fn of<T>() -> &'static Self {
        const {
            let (slot, align) = (size_of::<Slot<T>>(), align_of::<Slot<T>>());
            // The power of two that is nearest, so that a chunk has a third more at most.
            let slots = match (CHUNK + CHUNK / 3) / slot.saturating_add(4) {
                0 => 1,
                slots if slots > MOST => MOST,
                slots => 1 << slots.ilog2(),
            };
            let values = slots * slot;
            let layout = match values.checked_add(4 * slots) {
                Some(size) => match Layout::from_size_align(size, align) {
                    Ok(layout) => Some(layout),
                    Err(_) => None,
                },
                None => None,
            };
            &Shape {
                slots,
                slot,
                values,
                layout,
                drop_values: if needs_drop::<T>() {
                    Some(drop_values::<T>)
                } else {
                    None
                },
            }
        }
    }

    /// Where a slot is of the chunk with these generations; for what stands for a chunk it is only a number.
    #[inline(always)]
    pub(super) const fn slot_of(&self, generations: NonNull<u32>, slot: usize) -> *mut u8 {
        let offset = (slot * self.slot).wrapping_sub(self.values);
        generations.as_ptr().cast::<u8>().wrapping_add(offset)
    }

    /// The most chunks, so that each slot has an index that is not [`NONE`].
    const fn max_places(&self) -> usize {
        (NONE as usize) / self.slots
    }
}

/// Drops the values of a chunk; if one of the destructors panics, the others still run.
///
/// # Safety
///
/// It is a chunk of slots of `T`s, and not used again but to be freed.
unsafe fn drop_values<T>(chunk: NonNull<u32>) {
    let shape = Shape::of::<T>();
    let mut slot = 0;
    run_all(|| {
        if slot == shape.slots {
            return false;
        }
        // SAFETY: the chunk has as many slots (H1), and a value where the generation says so (H2).
        unsafe {
            let has_value = chunk.add(slot).read() % 2 == 1;
            let value = shape.slot_of(chunk, slot).cast::<T>();
            slot += 1;
            if has_value {
                value.drop_in_place();
            }
        }
        true
    });
}

/// The chunks of slots with the values in them, whose type it knows by its [`Shape`] alone: so its `Drop` impl names none.
#[repr(C)]
pub(super) struct Table<A: Allocator> {
    /// One pointer for each place, to the generations of its chunk; and behind the room for them the base of each.
    chunks: NonNull<NonNull<u32>>,
    places: usize,
    room: usize,
    /// The slots in all chunks but the retired ones.
    pub(super) capacity: usize,
    /// No place before this one can be used for a chunk.
    first_missing: usize,
    held: usize,
    pub(super) limit: usize,
    pub(super) shape: &'static Shape,
    pub(super) backing: A,
}

// SAFETY: chunks and values belong to the table alone; of the values the type is named by who has it.
unsafe impl<A: Allocator + Send> Send for Table<A> {}
// SAFETY: by `&self` nothing is changed; of the values the type is named by who has it.
unsafe impl<A: Allocator + Sync> Sync for Table<A> {}

impl<A: Allocator> Table<A> {
    pub(super) const fn new(shape: &'static Shape, backing: A) -> Self {
        Table {
            chunks: NonNull::dangling(),
            places: 0,
            room: 0,
            capacity: 0,
            first_missing: 0,
            held: 0,
            limit: usize::MAX,
            shape,
            backing,
        }
    }

    #[inline(always)]
    pub(super) fn places(&self) -> usize {
        self.places
    }

    /// The chunks, and what stands for those that are not there.
    #[inline(always)]
    pub(super) fn chunks(&self) -> NonNull<NonNull<u32>> {
        self.chunks
    }

    /// The chunk at a place, or what stands for it.
    ///
    /// # Safety
    ///
    /// There is such a place.
    #[inline(always)]
    pub(super) unsafe fn chunk(&self, place: usize) -> NonNull<u32> {
        debug_assert!(place < self.places);
        // SAFETY: as promised (H1).
        unsafe { self.chunks.add(place).read() }
    }

    /// Where the base of a place is.
    ///
    /// # Safety
    ///
    /// There is room for such a place.
    unsafe fn base(&self, place: usize) -> NonNull<u32> {
        // SAFETY: the bases come after the room for the pointers.
        unsafe { self.chunks.add(self.room).cast::<u32>().add(place) }
    }

    /// The chunk at a place, if there is one.
    pub(super) fn chunk_at(&self, place: usize) -> Option<NonNull<u32>> {
        // SAFETY: there is such a place.
        (place < self.places)
            .then(|| unsafe { self.chunk(place) })
            .filter(|chunk| *chunk != no_chunk())
    }

    /// The base of a place without a chunk.
    pub(super) fn base_at(&self, place: usize) -> u32 {
        debug_assert!(place < self.places);
        // SAFETY: there is such a place.
        unsafe { self.base(place).read() }
    }

    /// Where a slot of a chunk is.
    ///
    /// # Safety
    ///
    /// There is such a chunk, with such a slot.
    pub(super) unsafe fn slot(&self, place: usize, slot: usize) -> *mut u8 {
        // SAFETY: as promised.
        unsafe { self.shape.slot_of(self.chunk(place), slot) }
    }

    /// # Safety
    ///
    /// There is such a chunk, with such a slot.
    pub(super) unsafe fn generation(&self, place: usize, slot: usize) -> u32 {
        // SAFETY: as promised.
        unsafe { self.chunk(place).add(slot).read() }
    }

    /// Sets the generation of a slot that is not linked.
    ///
    /// # Safety
    ///
    /// There is such a chunk, with such a slot; it was never used, and has a value if the generation says so.
    pub(super) unsafe fn set_generation(&mut self, place: usize, slot: usize, generation: u32) {
        self.capacity -= usize::from(generation == RETIRED);
        // SAFETY: as promised.
        unsafe { self.chunk(place).add(slot).write(generation) };
    }

    /// Sets the base of a place.
    ///
    /// # Safety
    ///
    /// There is such a place, without a chunk.
    pub(super) unsafe fn set_base(&mut self, place: usize, base: u32) {
        // SAFETY: as promised.
        unsafe { self.base(place).write(base) };
    }

    /// Makes a chunk at the first place that can have one, and tells which.
    pub(super) fn make_chunk(&mut self) -> Result<usize, Failure> {
        while self.first_missing < self.places {
            let place = self.first_missing;
            if self.chunk_at(place).is_none() && self.base_at(place) != RETIRED {
                self.fill_place(place)?;
                return Ok(place);
            }
            self.first_missing += 1;
        }
        let place = self.add_place(0)?;
        let Err(failure) = self.fill_place(place) else {
            return Ok(place);
        };
        self.places = place;
        Err(failure)
    }

    /// Makes a chunk, without values, at a place that has none.
    pub(super) fn fill_place(&mut self, place: usize) -> Result<(), Failure> {
        let layout = self.shape.layout.ok_or(Failure::TooLarge)?;
        let block = self.allocate(layout)?;
        let base = self.base_at(place);
        // SAFETY: the block is ours, and has room for as many generations (H1, H2, H4).
        unsafe {
            let chunk = block.byte_add(self.shape.values).cast::<u32>();
            for slot in 0..self.shape.slots {
                chunk.add(slot).write(base);
            }
            self.chunks.add(place).write(chunk);
        }
        self.capacity += self.shape.slots;
        Ok(())
    }

    /// Adds a place without a chunk, with the generation where one would begin.
    pub(super) fn add_place(&mut self, base: u32) -> Result<usize, Failure> {
        let place = self.places;
        if place == self.shape.max_places() {
            return Err(Failure::TooLarge);
        }
        if place == self.room {
            self.resize((self.room * 2).max(4))?;
        }
        // SAFETY: there is room.
        unsafe {
            self.chunks.add(place).write(no_chunk());
            self.base(place).write(base);
        }
        self.places += 1;
        Ok(place)
    }

    /// Makes room for so many places, which are enough for those that there are.
    pub(super) fn resize(&mut self, room: usize) -> Result<(), Failure> {
        let layout = table(room)?;
        let chunks = self.allocate(layout)?.cast::<NonNull<u32>>();
        // SAFETY: both have room for the places, and are elsewhere than the other.
        unsafe {
            let bases = chunks.add(room).cast::<u32>();
            chunks.copy_from_nonoverlapping(self.chunks, self.places);
            bases.copy_from_nonoverlapping(self.base(0), self.places);
        }
        let old = (self.chunks, self.room);
        (self.chunks, self.room) = (chunks, room);
        self.free_table(old);
        Ok(())
    }

    fn free_table(&mut self, (chunks, room): (NonNull<NonNull<u32>>, usize)) {
        if let (1.., Ok(layout)) = (room, table(room)) {
            // SAFETY: it was allocated with this layout, and is not used again.
            unsafe { self.free(chunks.cast(), layout) };
        }
    }

    /// Takes a chunk without values off the table, whose place keeps the highest of its generations in mind. The
    /// caller unlinks its slots.
    ///
    /// # Safety
    ///
    /// The chunk is that of the place, and there is no value in it.
    pub(super) unsafe fn give_back(&mut self, place: usize, chunk: NonNull<u32>) {
        let mut base = 0;
        // SAFETY: the chunk has as many generations (H1), and its place a base.
        unsafe {
            for slot in 0..self.shape.slots {
                let generation = chunk.add(slot).read();
                debug_assert!(generation % 2 == 0);
                base = base.max(generation);
                self.capacity -= usize::from(generation != RETIRED);
            }
            self.base(place).write(base);
            self.chunks.add(place).write(no_chunk());
        }
        self.first_missing = self.first_missing.min(place);
        // SAFETY: it is linked nowhere any more.
        unsafe { self.free_chunk(chunk) };
    }

    /// # Safety
    ///
    /// The chunk is this table's, and is not used again.
    unsafe fn free_chunk(&mut self, chunk: NonNull<u32>) {
        if let Some(layout) = self.shape.layout {
            // SAFETY: the block begins with the slots, and was allocated with this layout (H1).
            unsafe { self.free(chunk.byte_sub(self.shape.values).cast(), layout) };
        }
    }

    /// Gives up the places at the end that never had a value, and the room that is not used.
    pub(super) fn shrink(&mut self) {
        while let Some(last) = self.places.checked_sub(1) {
            if self.chunk_at(last).is_some() || self.base_at(last) != 0 {
                break;
            }
            self.places = last;
        }
        self.first_missing = self.first_missing.min(self.places);
        if self.places == 0 {
            let old = (self.chunks, self.room);
            (self.chunks, self.room) = (NonNull::dangling(), 0);
            self.free_table(old);
        } else if self.places < self.room {
            // Where there is no memory for a smaller one, the larger one will do.
            let _ = self.resize(self.places);
        }
    }

    /// Whether so many more slots have indices, and their chunks a place below the limit.
    pub(super) fn check_room(&self, slots: usize) -> Result<(), Failure> {
        let layout = self.shape.layout.ok_or(Failure::TooLarge)?;
        let chunks = slots.div_ceil(self.shape.slots);
        let held = (chunks.checked_mul(layout.size()))
            .and_then(|bytes| bytes.checked_add(self.held))
            .ok_or(Failure::TooLarge)?;
        let most = self.shape.max_places() * self.shape.slots;
        if self.capacity.saturating_add(slots) > most {
            Err(Failure::TooLarge)
        } else if held > self.limit {
            Err(Failure::Memory(layout))
        } else {
            Ok(())
        }
    }

    fn allocate(&mut self, layout: Layout) -> Result<NonNull<u8>, Failure> {
        let held = self.held.checked_add(layout.size());
        let Some(held) = held.filter(|held| *held <= self.limit) else {
            return Err(Failure::Memory(layout));
        };
        let block = self.backing.allocate(layout);
        let block = block.map_err(|_| Failure::Memory(layout))?;
        self.held = held;
        Ok(block.cast())
    }

    /// # Safety
    ///
    /// The block was allocated with this layout, and is not used again.
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        self.held -= layout.size();
        // SAFETY: as promised.
        unsafe { self.backing.deallocate(block, layout) };
    }
}

impl<A: Allocator> Drop for Table<A> {
    fn drop(&mut self) {
        /// The memory goes after the values, also if a destructor panics.
        struct Free<'t, A: Allocator>(&'t mut Table<A>);
        impl<A: Allocator> Drop for Free<'_, A> {
            fn drop(&mut self) {
                let table = &mut *self.0;
                run_all(|| {
                    let Some(last) = table.places.checked_sub(1) else {
                        let old = (table.chunks, core::mem::take(&mut table.room));
                        table.free_table(old);
                        return false;
                    };
                    table.places = last;
                    // SAFETY: there was such a place (H1).
                    unsafe {
                        let chunk = table.chunks.add(last).read();
                        if chunk != no_chunk() {
                            table.free_chunk(chunk);
                        }
                    }
                    true
                });
            }
        }
        let table = Free(self);
        if let Some(drop_values) = table.0.shape.drop_values {
            let mut place = 0;
            run_all(|| {
                if place == table.0.places {
                    return false;
                }
                place += 1;
                if let Some(chunk) = table.0.chunk_at(place - 1) {
                    // SAFETY: the values are of the shape's type, and the chunk is only freed after this.
                    unsafe { drop_values(chunk) };
                }
                true
            });
        }
    }
}

/// The room for so many places.
fn table(room: usize) -> Result<Layout, Failure> {
    let entry = size_of::<NonNull<u32>>() + size_of::<u32>();
    let size = room.checked_mul(entry).ok_or(Failure::TooLarge)?;
    Layout::from_size_align(size, align_of::<NonNull<u32>>()).map_err(|_| Failure::TooLarge)
}

/// What stands for a chunk that is not there.
fn no_chunk() -> NonNull<u32> {
    NonNull::from(&NO_CHUNK).cast()
}
