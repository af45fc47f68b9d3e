//! What is filled, and how much it holds then.

use std::hint::black_box;
use std::sync::LazyLock;

use peers::taken;

use crate::others::arenas::Arena;
use crate::others::interners::Texts;
use crate::others::pools::{Store, Value};
use crate::others::{input, typed};

/// The most objects.
pub const MOST: usize = 2_000_000;

/// When it is asked what is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Filled for the first time.
    Cold,
    /// Emptied.
    Empty,
    /// Filled, emptied and filled again.
    Warm,
}

/// Fills, empties and fills a `store`, up to the state, and answers what it holds of the
/// heap.
fn held<S>(
    state: State,
    make: impl FnOnce() -> S,
    fill: impl Fn(&mut S),
    empty: impl Fn(&mut S),
) -> (usize, S) {
    let before = taken();
    let mut store = make();
    fill(&mut store);
    if state != State::Cold {
        empty(&mut store);
    }
    if state == State::Warm {
        fill(&mut store);
    }
    (taken() - before, store)
}

/// 24 bytes.
pub type Node = [u64; 3];

pub fn nodes_size(count: usize) -> usize {
    count * size_of::<Node>()
}

pub fn nodes_in_arena<A: Arena>(count: usize, state: State) -> usize {
    let fill = |arena: &mut A| {
        for index in 0..count as u64 {
            black_box(arena.alloc([index; 3]));
        }
    };
    held(state, A::new, fill, A::reset).0 + size_of::<A>()
}

/// Those that cannot be emptied.
pub fn nodes_in_typed<A: typed::Arena<Node>>(count: usize, state: State) -> usize {
    let fill = |arena: &mut A| {
        for index in 0..count as u64 {
            black_box(arena.alloc([index; 3]));
        }
    };
    held(state, A::new, fill, |_| {
        unreachable!("it cannot be emptied")
    })
    .0 + size_of::<A>()
}

/// Boxes; the pointers to them are as little counted as references into an arena.
fn boxed<T: ?Sized>(count: usize, state: State, make: impl Fn(usize) -> Box<T>) -> usize {
    let mut boxes = Vec::with_capacity(count);
    let fill = |boxes: &mut &mut Vec<Box<T>>| boxes.extend((0..count).map(&make));
    held(state, || &mut boxes, fill, |boxes| boxes.clear()).0
}

pub fn nodes_in_boxes(count: usize, state: State) -> usize {
    boxed(count, state, |index| Box::new([index as u64; 3]))
}

/// The words of a text.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| input::words(MOST));

pub fn words_size(count: usize) -> usize {
    WORDS[..count].iter().map(|word| word.len()).sum()
}

pub fn words_in_arena<A: Arena>(count: usize, state: State) -> usize {
    let words = &WORDS[..count];
    let fill = |arena: &mut A| {
        for word in words {
            black_box(arena.alloc_str(word));
        }
    };
    held(state, A::new, fill, A::reset).0 + size_of::<A>()
}

pub fn words_in_boxes(count: usize, state: State) -> usize {
    let words = &WORDS[..count];
    boxed(count, state, |index| Box::<str>::from(words[index]))
}

pub fn values_size(count: usize) -> usize {
    count * size_of::<Value>()
}

/// The keys are as little counted as references into an arena.
pub fn values_in_store<S: Store>(count: usize, state: State) -> usize {
    let keys = Vec::with_capacity(count);
    let (held, (mut store, keys)) = held(
        state,
        || (S::new(), keys),
        |(store, keys)| keys.extend((0..count as u64).map(|index| store.put([index; 4]))),
        |(store, keys)| keys.drain(..).for_each(|key| store.give(key)),
    );
    keys.into_iter().for_each(|key| store.give(key));
    store.end();
    held + size_of::<S>()
}

/// Different texts, of some 12 bytes.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let words = WORDS.iter().enumerate();
    words
        .map(|(number, word)| format!("{word}_{number}"))
        .collect()
});

pub fn names_size(count: usize) -> usize {
    NAMES[..count].iter().map(String::len).sum()
}

pub fn names_in_interner<T: Texts>(count: usize, state: State) -> usize {
    let names = &NAMES[..count];
    let fill = |interner: &mut T| {
        for name in names {
            black_box(interner.add(name));
        }
    };
    held(state, T::new, fill, |_| unreachable!("it is not emptied")).0 + size_of::<T>()
}
