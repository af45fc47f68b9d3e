//! What the rows do: one body each, compiled once for every contender.
//!
//! As in the comparison of the untyped arenas, the bodies are never inlined, and the black box that
//! takes every address keeps the compiler from holding a contender's state in registers from one
//! allocation to the next.

use std::hint::black_box;

use peers::place_code;

use crate::contenders::{AllocIter, Anything, Arena, Frozen, Get, Iterate, Values};

/// A value that is made anew for every allocation, and something in it to look at.
pub trait Value: 'static {
    fn from_index(index: usize) -> Self;
    fn number(&self) -> u64;
    fn count_up(&mut self);
}

/// 24 bytes that own nothing.
#[derive(Clone, Copy, Default)]
pub struct Node([u64; 3]);

impl Value for Node {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        Self([index as u64; 3])
    }

    #[inline(always)]
    fn number(&self) -> u64 {
        self.0[0]
    }

    #[inline(always)]
    fn count_up(&mut self) {
        self.0[0] += 1;
    }
}

/// 40 bytes with a destructor. The text is empty, so that the row is not about `malloc`.
#[derive(Default)]
pub struct Named {
    numbers: [u64; 2],
    text: String,
}

impl Value for Named {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        Self {
            numbers: [index as u64; 2],
            text: String::new(),
        }
    }

    #[inline(always)]
    fn number(&self) -> u64 {
        self.numbers[0] + self.text.len() as u64
    }

    #[inline(always)]
    fn count_up(&mut self) {
        self.numbers[0] += 1;
    }
}

#[inline(never)]
pub fn allocs<T: Value, A: Arena<T>, const SHIFT: usize>(arena: &A, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        black_box(arena.alloc(T::from_index(index)));
    }
}

/// Nothing stops it at the end of the memory.
///
/// # Safety
///
/// The vector is empty and has room for as many values.
#[inline(never)]
pub unsafe fn writes<T: Value, const SHIFT: usize>(vec: &mut Vec<T>, count: usize) {
    place_code::<SHIFT>();
    let start = black_box(vec.as_mut_ptr());
    for index in 0..count {
        // SAFETY: as promised.
        unsafe {
            let place = start.add(index);
            place.write(T::from_index(index));
            black_box(place);
        }
    }
    // SAFETY: as many were written.
    unsafe { vec.set_len(count) };
}

/// Makes the owner, fills it and drops it.
#[inline(never)]
pub fn life<T: Value, A: Arena<T>, const SHIFT: usize>(count: usize) {
    let arena = A::new();
    allocs::<T, A, SHIFT>(&arena, count);
}

#[inline(never)]
pub fn exact_iters<T: Value, A: AllocIter<T>, const SHIFT: usize>(
    arena: &A,
    iters: usize,
    length: usize,
) {
    place_code::<SHIFT>();
    for _ in 0..iters {
        black_box(arena.alloc_exact((0..length).map(T::from_index)));
    }
}

/// The iterators do not know how many values they have.
#[inline(never)]
pub fn filtered_iters<T: Value, A: AllocIter<T>, const SHIFT: usize>(
    arena: &A,
    iters: usize,
    length: usize,
) {
    place_code::<SHIFT>();
    for _ in 0..iters {
        let all = (0..length).filter(|&index| black_box(index) < usize::MAX);
        black_box(arena.alloc_iter(all.map(T::from_index)));
    }
}

#[inline(never)]
pub fn iterates<T: Value, A: Iterate<T>, const SHIFT: usize>(arena: &mut A) {
    place_code::<SHIFT>();
    for value in arena.values() {
        value.count_up();
    }
}

#[inline(never)]
pub fn iterates_vec<T: Value, const SHIFT: usize>(vec: &mut Vec<T>) {
    place_code::<SHIFT>();
    for value in vec {
        value.count_up();
    }
}

#[inline(never)]
pub fn drops<A, const SHIFT: usize>(owner: A) {
    place_code::<SHIFT>();
    drop(owner);
}

#[inline(never)]
pub fn pushes<T: Value, A: Frozen<T>, const SHIFT: usize>(arena: &A, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        black_box(arena.push(T::from_index(index)));
    }
}

/// Makes the owner, fills it and drops it.
#[inline(never)]
pub fn frozen_life<T: Value, A: Frozen<T>, const SHIFT: usize>(count: usize) {
    let arena = A::new();
    pushes::<T, A, SHIFT>(&arena, count);
}

#[inline(never)]
pub fn gets<T: Value, A: Get<T>, const SHIFT: usize>(arena: &A, keys: &[A::Key]) -> u64 {
    place_code::<SHIFT>();
    let mut sum = 0_u64;
    for &key in keys {
        sum = sum.wrapping_add(arena.get(key).number());
    }
    sum
}

#[inline(never)]
pub fn gets_of_slice<T: Value, const SHIFT: usize>(values: &[T], indices: &[usize]) -> u64 {
    place_code::<SHIFT>();
    let mut sum = 0_u64;
    for &index in indices {
        sum = sum.wrapping_add(values[index].number());
    }
    sum
}

#[inline(never)]
pub fn sums<T: Value, A: Values<T>, const SHIFT: usize>(arena: &mut A) -> u64 {
    place_code::<SHIFT>();
    let mut sum = 0_u64;
    for value in arena.values() {
        sum = sum.wrapping_add(value.number());
    }
    sum
}

#[inline(never)]
pub fn sums_of_slice<T: Value, const SHIFT: usize>(values: &[T]) -> u64 {
    place_code::<SHIFT>();
    let mut sum = 0_u64;
    for value in values {
        sum = sum.wrapping_add(value.number());
    }
    sum
}

#[inline(never)]
pub fn any_allocs<A: Anything, const SHIFT: usize>(arena: &A, count: usize) {
    place_code::<SHIFT>();
    for _ in 0..count {
        black_box(arena.alloc(String::new()));
    }
}

/// Makes the owner, fills it and drops it.
#[inline(never)]
pub fn any_life<A: Anything, const SHIFT: usize>(count: usize) {
    let arena = A::new();
    any_allocs::<A, SHIFT>(&arena, count);
}

/// Fills the owner and empties it.
#[inline(never)]
pub fn any_cycle<A: Anything, const SHIFT: usize>(arena: &mut A, count: usize) {
    any_allocs::<A, SHIFT>(arena, count);
    arena.reset();
}
