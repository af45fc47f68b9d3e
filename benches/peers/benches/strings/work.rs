//! What the rows do: one body each, compiled once for every contender.

use std::fmt::{self, Display, Formatter};
use std::hint::black_box;

use hashbrown::{DefaultHashBuilder, HashMap};
use peers::place_code;

use crate::contenders::{Text, Texts};

#[inline(never)]
pub fn pushes<T: Texts, const SHIFT: usize>(memory: &T, chars: &[char]) {
    place_code::<SHIFT>();
    let mut text = memory.text();
    for &ch in chars {
        text.push(ch);
    }
    black_box(text.start());
}

#[inline(never)]
pub fn words<T: Texts, const SHIFT: usize>(memory: &T, words: &[&str], in_each: usize) {
    place_code::<SHIFT>();
    for words in words.chunks(in_each) {
        let mut text = memory.text();
        for word in words {
            text.push_str(word);
        }
        black_box(text.start());
    }
}

#[inline(never)]
pub fn small_formats<T: Texts, const SHIFT: usize>(memory: &T, words: &[&str]) {
    place_code::<SHIFT>();
    for (number, word) in words.iter().enumerate() {
        black_box(memory.format_small(word, number).start());
    }
}

/// Words with numbers, all in one text.
pub struct Numbered<'w>(&'w [&'w str]);

impl Display for Numbered<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, word) in self.0.iter().enumerate() {
            write!(f, "{word} {number}, ")?;
        }
        Ok(())
    }
}

#[inline(never)]
pub fn large_format<T: Texts, const SHIFT: usize>(memory: &T, words: &[&str]) {
    place_code::<SHIFT>();
    black_box(memory.format_large(&Numbered(words)).start());
}

#[inline(never)]
pub fn maps<T: Texts, const SHIFT: usize>(
    memory: &T,
    hasher: &DefaultHashBuilder,
    keys: &[u64],
    in_each: usize,
) {
    place_code::<SHIFT>();
    for keys in keys.chunks(in_each) {
        let mut map = HashMap::with_hasher_in(hasher.clone(), memory.allocator());
        for &key in keys {
            map.insert(key, key);
        }
        black_box(&map);
    }
}

#[inline(never)]
pub fn maps_of_text<T: Texts, const SHIFT: usize>(
    memory: &T,
    hasher: &DefaultHashBuilder,
    keys: &[String],
) {
    place_code::<SHIFT>();
    let mut map = HashMap::with_hasher_in(hasher.clone(), memory.allocator());
    for (number, key) in keys.iter().enumerate() {
        map.insert(memory.key(key), number);
    }
    black_box(&map);
}
