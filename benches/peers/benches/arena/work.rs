//! What the rows do: one body each, compiled once for every contender.
//!
//! The bodies are never inlined and see an arena only by reference, and the black box that takes
//! every allocation's address also keeps the compiler from holding the arena's state in registers
//! from one allocation to the next. So every contender finds its state in memory, as it does
//! where allocations are spread over a program.

use std::alloc::Layout;
use std::hint::black_box;

use hashbrown::{DefaultHashBuilder, HashMap};
use peers::place_code;

use crate::contenders::{AllocLayout, Allocate, Arena, ForHashbrown, GrowVec, InScope};

/// Where values and bytes are put one after another.
pub trait Place {
    fn value<T: Copy>(&mut self, value: T) -> *mut T;
    fn bytes(&mut self, bytes: &[u8]) -> *mut u8;
    fn text(&mut self, text: &str) -> *mut u8;
}

impl<A: Arena> Place for &A {
    #[inline(always)]
    fn value<T: Copy>(&mut self, value: T) -> *mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) -> *mut u8 {
        self.alloc_bytes(bytes)
    }

    #[inline(always)]
    fn text(&mut self, text: &str) -> *mut u8 {
        self.alloc_str(text)
    }
}

/// The next free byte of a buffer, with nothing that would stop it at the buffer's end.
pub struct Cursor(*mut u8);

impl Cursor {
    /// # Safety
    ///
    /// From `start` on there must be room for all that is put, and everything that is put must
    /// leave the cursor aligned for the next.
    pub unsafe fn new(start: *mut u8) -> Self {
        Self(start)
    }
}

impl Place for Cursor {
    #[inline(always)]
    fn value<T: Copy>(&mut self, value: T) -> *mut T {
        let place = self.0.cast::<T>();
        // SAFETY: whoever made the cursor has promised room and alignment.
        unsafe {
            place.write(value);
            self.0 = self.0.add(size_of::<T>());
        }
        place
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) -> *mut u8 {
        let place = self.0;
        // SAFETY: whoever made the cursor has promised room.
        unsafe {
            place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            self.0 = place.add(bytes.len());
        }
        place
    }

    #[inline(always)]
    fn text(&mut self, text: &str) -> *mut u8 {
        self.bytes(text.as_bytes())
    }
}

/// A value that is made anew for every allocation.
pub trait Value: Copy + 'static {
    fn from_index(index: usize) -> Self;
}

macro_rules! values {
    ($($integer:ty)*) => {
        $(
            impl Value for $integer {
                #[inline(always)]
                fn from_index(index: usize) -> Self {
                    index as $integer
                }
            }
        )*
    };
}

values!(u8 u16 u32 u64 u128);

/// A struct of `N` words.
#[derive(Clone, Copy)]
pub struct Words<const N: usize>([u64; N]);

impl<const N: usize> Value for Words<N> {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        Self([index as u64; N])
    }
}

#[inline(never)]
pub fn values<T: Value, const SHIFT: usize>(mut place: impl Place, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        black_box(place.value(T::from_index(index)));
    }
}

/// Ten values of many sizes, in an order that needs no padding: 56 bytes.
#[inline(always)]
fn ten_values(place: &mut impl Place, index: usize) {
    black_box(place.value(u64::from_index(index)));
    black_box(place.value(Words::<3>::from_index(index)));
    black_box(place.value(u32::from_index(index)));
    black_box(place.value(u32::from_index(index)));
    black_box(place.value(u64::from_index(index)));
    black_box(place.value(u16::from_index(index)));
    black_box(place.value(u16::from_index(index)));
    black_box(place.value(u16::from_index(index)));
    black_box(place.value(u8::from_index(index)));
    black_box(place.value(u8::from_index(index)));
}

#[inline(never)]
pub fn mixed_values<const SHIFT: usize>(mut place: impl Place, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count / 10 {
        ten_values(&mut place, index);
    }
}

#[inline(never)]
pub fn slices<const SHIFT: usize>(mut place: impl Place, count: usize, bytes: &[u8]) {
    place_code::<SHIFT>();
    for _ in 0..count {
        black_box(place.bytes(bytes));
    }
}

#[inline(never)]
pub fn texts<const SHIFT: usize>(mut place: impl Place, texts: &[&str]) {
    place_code::<SHIFT>();
    for text in texts {
        black_box(place.text(text));
    }
}

#[inline(never)]
pub fn allocates<A: Allocate, const SHIFT: usize>(arena: &A, layouts: &[Layout]) {
    place_code::<SHIFT>();
    for &layout in layouts {
        black_box(arena.allocate(layout));
    }
}

#[inline(never)]
pub fn layouts<A: AllocLayout, const SHIFT: usize>(arena: &A, layouts: &[Layout]) {
    place_code::<SHIFT>();
    for &layout in layouts {
        black_box(arena.alloc_layout(layout));
    }
}

#[inline(never)]
pub fn pushes<A: GrowVec, const SHIFT: usize>(arena: &A, count: u32) {
    place_code::<SHIFT>();
    arena.push_each(count);
}

#[inline(never)]
pub fn pushes_at_limit<const SHIFT: usize>(mut place: impl Place, count: u32) {
    place_code::<SHIFT>();
    for value in 0..count {
        place.value(black_box(value));
    }
}

#[inline(never)]
pub fn exact_reserves<A: GrowVec, const SHIFT: usize>(arena: &A, count: usize) {
    place_code::<SHIFT>();
    arena.reserve_exact_each(count);
}

#[inline(never)]
pub fn inserts<A: ForHashbrown, const SHIFT: usize>(
    arena: &A,
    hasher: &DefaultHashBuilder,
    keys: &[u64],
) {
    place_code::<SHIFT>();
    let mut map = HashMap::with_hasher_in(hasher.clone(), arena.for_hashbrown());
    for &key in keys {
        map.insert(key, key);
    }
    black_box(&map);
}

#[inline(never)]
pub fn lives<A: Arena, const SHIFT: usize>(count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        let arena = A::new();
        black_box(arena.alloc(u64::from_index(index)));
    }
}

#[inline(never)]
pub fn scopes<A: InScope, const SHIFT: usize>(arena: &mut A, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        // Exclusive access alone would allow to keep the arena in registers; this does not.
        black_box(&mut *arena).alloc_in_scope(u64::from_index(index));
    }
}
