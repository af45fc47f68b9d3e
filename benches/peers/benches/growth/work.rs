//! What the rows do: one body each, compiled once for every contender, and never inlined.

use std::hint::black_box;

use peers::place_code;

use crate::others::interners::Texts;
use crate::others::pools::Store;
use crate::others::{arenas, typed};

/// What is made in numbers.
pub trait Object: 'static {
    fn from_index(index: usize) -> Self;
}

/// 24 bytes that own nothing.
pub type Node = [u64; 3];

impl Object for Node {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        [index as u64; 3]
    }
}

/// 40 bytes with a destructor. The text is empty, so that the row is not about `malloc`.
#[allow(dead_code, reason = "the fields are there to be written, and dropped")]
pub struct Named {
    numbers: [u64; 2],
    text: String,
}

impl Object for Named {
    #[inline(always)]
    fn from_index(index: usize) -> Self {
        Self {
            numbers: [index as u64; 2],
            text: String::new(),
        }
    }
}

#[inline(never)]
pub fn arena_life<A: arenas::Arena, const SHIFT: usize>(count: usize) {
    place_code::<SHIFT>();
    let arena = A::new();
    let arena = black_box(&arena);
    for index in 0..count {
        black_box(arena.alloc(Node::from_index(index)));
    }
}

#[inline(never)]
pub fn typed_life<T: Object, A: typed::Arena<T>, const SHIFT: usize>(count: usize) {
    place_code::<SHIFT>();
    let arena = A::new();
    let arena = black_box(&arena);
    for index in 0..count {
        black_box(arena.alloc(T::from_index(index)));
    }
}

#[inline(never)]
pub fn fill<S: Store, const SHIFT: usize>(store: &mut S, keys: &mut Vec<S::Key>, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        keys.push(store.put([index as u64; 4]));
    }
}

#[inline(never)]
pub fn intern<T: Texts, const SHIFT: usize>(texts: &[&str]) -> T {
    place_code::<SHIFT>();
    let mut interner = T::new();
    for text in texts {
        black_box(interner.add(text));
    }
    interner
}
