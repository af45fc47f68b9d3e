//! What the rows do: one body each, compiled once for every contender.

use std::hint::black_box;

use peers::place_code;

use crate::contenders::{SyncTexts, Texts};

#[inline(never)]
pub fn adds<T: Texts, const SHIFT: usize>(interner: &mut T, texts: &[String]) {
    place_code::<SHIFT>();
    for text in texts {
        black_box(interner.add(text));
    }
}

#[inline(never)]
pub fn finds<T: Texts, const SHIFT: usize>(interner: &T, texts: &[String]) {
    place_code::<SHIFT>();
    for text in texts {
        black_box(interner.find(text));
    }
}

/// What a text is resolved for: to look at it.
#[inline(always)]
fn look(text: &str) -> usize {
    text.len() + text.as_bytes().first().copied().map_or(0, usize::from)
}

#[inline(never)]
pub fn resolves<T: Texts, const SHIFT: usize>(interner: &T, keys: &[T::Key]) -> usize {
    place_code::<SHIFT>();
    keys.iter().map(|&key| look(interner.resolve(key))).sum()
}

#[inline(never)]
pub fn iterates<T: Texts, const SHIFT: usize>(interner: &T) -> usize {
    place_code::<SHIFT>();
    let mut sum = 0;
    interner.each(|text| sum += look(text));
    sum
}

#[inline(never)]
pub fn sync_adds<T: SyncTexts, const SHIFT: usize>(interner: &T, texts: &[String]) {
    place_code::<SHIFT>();
    for text in texts {
        black_box(interner.add(text));
    }
}

#[inline(never)]
pub fn sync_resolves<T: SyncTexts, const SHIFT: usize>(interner: &T, keys: &[T::Key]) -> usize {
    place_code::<SHIFT>();
    keys.iter().map(|&key| look(interner.resolve(key))).sum()
}
