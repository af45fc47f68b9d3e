//! What the rows do: one body each, compiled once for every contender, and never inlined.

use std::hint::black_box;

use peers::place_code;

use crate::contenders::{Find, Store, Value};

#[inline(always)]
pub fn value(index: usize) -> Value {
    [index as u64; 4]
}

/// Each value is put in and given back before the next one comes.
#[inline(never)]
pub fn rounds<S: Store, const SHIFT: usize>(store: &mut S, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        let key = black_box(black_box(&mut *store).put(value(index)));
        store.give(key);
    }
}

/// Each step gives back the value at one of these places, and puts another in.
#[inline(never)]
pub fn churn<S: Store, const SHIFT: usize>(
    store: &mut S,
    keys: &mut [Option<S::Key>],
    places: &[u32],
) {
    place_code::<SHIFT>();
    for &place in places {
        let key = &mut keys[place as usize];
        if let Some(key) = key.take() {
            store.give(key);
        }
        *key = Some(store.put(value(place as usize)));
    }
}

#[inline(never)]
pub fn gets<S: Find, const SHIFT: usize>(store: &S, keys: &[S::Key]) -> u64 {
    place_code::<SHIFT>();
    let mut sum = 0_u64;
    for &key in keys {
        sum = sum.wrapping_add(store.get(key)[0]);
    }
    sum
}

#[inline(never)]
pub fn each<S: Find, const SHIFT: usize>(store: &S) -> u64 {
    place_code::<SHIFT>();
    let mut sum = 0_u64;
    store.each(|value| sum = sum.wrapping_add(value[0]));
    sum
}

#[inline(never)]
pub fn loops<S: Find, const SHIFT: usize>(store: &S) -> u64 {
    place_code::<SHIFT>();
    store.sum()
}

/// Fills what is new.
#[inline(never)]
pub fn fill<S: Store, const SHIFT: usize>(store: &mut S, keys: &mut Vec<S::Key>, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        keys.push(store.put(value(index)));
    }
}
