//! The interner to which nothing is added any more.

use core::alloc::Layout;
use core::fmt;
use core::hash::BuildHasher;
use core::marker::PhantomData;
use core::ops::Index;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};

use super::record::is_same_short;
use super::symbol::no_such_text;
use super::{DefaultHasher, Symbol, Text, slots, tag_of};
use crate::arena::Failure;

/// A [`FrozenInternerOf`] of text.
///
/// ```
/// use arenula::intern::FrozenInterner;
///
/// static KEYWORDS: std::sync::LazyLock<FrozenInterner> =
///     std::sync::LazyLock::new(|| <arenula::Interner>::from_iter(["fn", "let"]).freeze());
/// assert!(KEYWORDS.get("let").is_some());
/// ```
pub type FrozenInterner<S = DefaultHasher, A = Global> = FrozenInternerOf<str, S, A>;

/// A [`FrozenInternerOf`] of bytes.
///
/// ```
/// use arenula::intern::FrozenBytesInterner;
///
/// let frozen: FrozenBytesInterner = arenula::BytesInterner::new().freeze();
/// assert!(frozen.is_empty());
/// ```
pub type FrozenBytesInterner<S = DefaultHasher, A = Global> = FrozenInternerOf<[u8], S, A>;

/// What an interner becomes by [`freeze`](super::InternerOf::freeze): smaller, without the means to add, and free to be
/// read by many threads.
///
/// ```
/// let interner = arenula::Interner::new();
/// let symbol = interner.symbol("text");
/// let held = interner.held_bytes();
///
/// let frozen = interner.freeze();
/// assert!(frozen.held_bytes() < held);
/// assert_eq!(&frozen[symbol], "text");
/// ```
///
/// # Memory
///
/// One block. A text takes its bytes, four for where it ends (eight if they are more than 4 GiB in all), and in the
/// table to look it up 6.7.
pub struct FrozenInternerOf<T: Text + ?Sized, S = DefaultHasher, A: Allocator = Global> {
    block: Block,
    hasher: S,
    backing: A,
    texts: PhantomData<T>,
}

/// All that a frozen interner has, in one block, which is there if it is not empty: where each text ends, a slot and a
/// byte of a tag for each place of a table, and the texts, one behind the other.
///
/// In the table, which is searched as [`slots`] tells, a byte is 0 where a place is free. In the others the slot has the
/// number of a text.
pub(super) struct Block {
    start: NonNull<u8>,
    /// The number of texts.
    len: usize,
    /// The number of places.
    places: usize,
    parts: Parts,
}

/// Where the parts of a block begin: at its start the ends.
#[derive(Clone, Copy)]
struct Parts {
    /// Whether four bytes are too few for where a text ends.
    is_wide: bool,
    layout: Layout,
    slots: usize,
    tags: usize,
    texts: usize,
}

/// What stands in a table for a tag.
#[inline(always)]
fn byte_of(tag: u32) -> u8 {
    // The lower bits: the place says what the upper ones are.
    tag as u8 | 1
}

impl Parts {
    fn of(len: usize, places: usize, bytes: usize, narrow: usize) -> Option<Self> {
        let is_wide = bytes > narrow;
        let ends = if is_wide {
            Layout::array::<usize>(len)
        } else {
            Layout::array::<u32>(len)
        };
        let (layout, slots) = ends.ok()?.extend(Layout::array::<u32>(places).ok()?).ok()?;
        let (layout, tags) = layout.extend(Layout::array::<u8>(places).ok()?).ok()?;
        let (layout, texts) = layout.extend(Layout::array::<u8>(bytes).ok()?).ok()?;
        Some(Parts {
            is_wide,
            layout,
            slots,
            tags,
            texts,
        })
    }
}

impl Block {
    /// Makes a block of texts in the order of their numbers, and their tags in any order.
    pub(super) fn make<'t, A: Allocator>(
        texts: impl Iterator<Item = &'t [u8]> + Clone,
        tags: impl Iterator<Item = (u32, usize)>,
        backing: &A,
    ) -> Result<Self, Failure> {
        Self::make_with(texts, tags, backing, u32::MAX as usize)
    }

    /// The same, where four bytes suffice for ends up to `narrow`.
    fn make_with<'t, A: Allocator>(
        texts: impl Iterator<Item = &'t [u8]> + Clone,
        tags: impl Iterator<Item = (u32, usize)>,
        backing: &A,
        narrow: usize,
    ) -> Result<Self, Failure> {
        let (mut len, mut bytes) = (0, 0_usize);
        for text in texts.clone() {
            len += 1;
            // Static texts may be counted more than once.
            bytes = bytes.checked_add(text.len()).ok_or(Failure::TooLarge)?;
        }
        let places = slots::slots_for(len).ok_or(Failure::TooLarge)?;
        let parts = Parts::of(len, places, bytes, narrow).ok_or(Failure::TooLarge)?;
        let layout = parts.layout;
        let mut block = Block {
            start: NonNull::dangling(),
            len,
            places,
            parts,
        };
        if len == 0 {
            return Ok(block);
        }
        block.start = (backing.allocate(layout))
            .map_err(|_| Failure::Memory(layout))?
            .cast();
        // SAFETY: the block is as large as `parts` says, and nobody is called but the iterators, which are this module's
        // own. The texts are as many, and as long, as before.
        unsafe {
            let mut end = 0;
            for (index, text) in texts.enumerate().take(len) {
                let place = block.start.add(parts.texts + end);
                place.copy_from_nonoverlapping(NonNull::from(text).cast(), text.len());
                end += text.len();
                if parts.is_wide {
                    block.start.cast::<usize>().add(index).write(end);
                } else {
                    block.start.cast::<u32>().add(index).write(end as u32);
                }
            }
            let table = block.start.add(parts.tags);
            table.write_bytes(0, block.places);
            for (tag, index) in tags {
                let mut place = slots::home(tag, block.places);
                while table.add(place).read() != 0 {
                    place = slots::next(place, block.places);
                }
                table.add(place).write(byte_of(tag));
                let slot = block.start.add(parts.slots).cast::<u32>().add(place);
                slot.write(index as u32);
            }
        }
        Ok(block)
    }

    /// # Safety
    ///
    /// The block came from `backing`, and is not used again.
    pub(super) unsafe fn free<A: Allocator>(&self, backing: &A) {
        if self.len != 0 {
            // SAFETY: as promised.
            unsafe { backing.deallocate(self.start, self.parts.layout) };
        }
    }

    /// Where the text before this number ends.
    ///
    /// # Safety
    ///
    /// The index is at most the number of texts, which is not 0.
    #[inline(always)]
    unsafe fn start_of(&self, index: usize) -> usize {
        let Some(before) = index.checked_sub(1) else {
            return 0;
        };
        // SAFETY: the ends of all texts were written.
        unsafe {
            if self.parts.is_wide {
                self.start.cast::<usize>().add(before).read()
            } else {
                self.start.cast::<u32>().add(before).read() as usize
            }
        }
    }

    #[inline(always)]
    fn text(&self, index: usize) -> Option<&[u8]> {
        if index >= self.len {
            return None;
        }
        // SAFETY: the text was written, and stays as it is.
        unsafe {
            let (start, end) = (self.start_of(index), self.start_of(index + 1));
            let place = self.start.add(self.parts.texts + start);
            Some(core::slice::from_raw_parts(place.as_ptr(), end - start))
        }
    }

    #[inline]
    fn find(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])> {
        if self.len == 0 {
            return None;
        }
        let parts = &self.parts;
        let mut place = slots::home(tag, self.places);
        loop {
            // SAFETY: the place is below `places`; the bytes were written, and the slot if its byte is not 0.
            let index = unsafe {
                let byte = self.start.add(parts.tags + place).read();
                if byte == 0 {
                    return None;
                }
                let slot = self.start.add(parts.slots).cast::<u32>().add(place);
                (byte == byte_of(tag)).then(|| slot.read() as usize)
            };
            if let Some(index) = index {
                if let Some(found) = self
                    .text(index)
                    .filter(|found| is_same_short(found, text) || *found == text)
                {
                    return Some((index, found));
                }
            }
            place = slots::next(place, self.places);
        }
    }
}

// SAFETY: what the block has belongs to the interner, and is only read.
unsafe impl<T: Text + ?Sized, S: Send, A: Allocator + Send> Send for FrozenInternerOf<T, S, A> {}
// SAFETY: as above.
unsafe impl<T: Text + ?Sized, S: Sync, A: Allocator + Sync> Sync for FrozenInternerOf<T, S, A> {}

impl<T: Text + ?Sized, S: UnwindSafe, A: Allocator + UnwindSafe> UnwindSafe
    for FrozenInternerOf<T, S, A>
{
}
impl<T: Text + ?Sized, S: RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe
    for FrozenInternerOf<T, S, A>
{
}

impl<T: Text + ?Sized, S, A: Allocator> FrozenInternerOf<T, S, A> {
    /// # Safety
    ///
    /// The block was made from `backing`, and all its texts are of this kind.
    pub(super) unsafe fn new(block: Block, hasher: S, backing: A) -> Self {
        FrozenInternerOf {
            block,
            hasher,
            backing,
            texts: PhantomData,
        }
    }

    /// Where the interner's memory came from.
    ///
    /// ```
    /// use arenula::{Arena, Interner};
    ///
    /// let arena = Arena::new();
    /// let frozen = Interner::new_in(&arena).freeze();
    /// assert!(std::ptr::eq(*frozen.allocator(), &arena));
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        &self.backing
    }

    /// What texts are hashed with.
    ///
    /// ```
    /// let frozen = arenula::Interner::new().freeze();
    /// let hasher = frozen.hasher().clone();
    /// ```
    #[inline]
    pub fn hasher(&self) -> &S {
        &self.hasher
    }

    /// The number of texts.
    ///
    /// ```
    /// assert_eq!(<arenula::Interner>::from_iter(["a", "b"]).freeze().len(), 2);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.block.len
    }

    /// Whether there is no text.
    ///
    /// ```
    /// assert!(arenula::Interner::new().freeze().is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes that the interner has from its backing allocator.
    ///
    /// ```
    /// assert_eq!(arenula::Interner::new().freeze().held_bytes(), 0);
    /// ```
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        self.block.parts.layout.size()
    }

    /// The text of a symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let symbol = interner.symbol("text");
    /// assert_eq!(interner.freeze().resolve(symbol), "text");
    /// ```
    ///
    /// # Panics
    ///
    /// If this interner has no text with that number.
    #[inline]
    pub fn resolve(&self, symbol: Symbol) -> &T {
        match self.get_text(symbol) {
            Some(text) => text,
            None => no_such_text(symbol, self.len()),
        }
    }

    /// The text of a symbol, if this interner has one with that number.
    ///
    /// ```
    /// use arenula::{Interner, Symbol};
    ///
    /// let frozen = <Interner>::from_iter(["a"]).freeze();
    /// assert_eq!(frozen.get_text(Symbol::from_index(0).unwrap()), Some("a"));
    /// assert_eq!(frozen.get_text(Symbol::from_index(1).unwrap()), None);
    /// ```
    #[inline]
    pub fn get_text(&self, symbol: Symbol) -> Option<&T> {
        let bytes = self.block.text(symbol.index())?;
        // SAFETY: all texts are of this kind, as promised to `new`.
        Some(unsafe { T::from_bytes(bytes) })
    }

    /// The symbols and texts in the order of their numbers.
    ///
    /// ```
    /// let frozen = <arenula::Interner>::from_iter(["b", "a", "b"]).freeze();
    /// assert!(frozen.iter().map(|(_, text)| text).eq(["b", "a"]));
    /// ```
    #[inline]
    pub fn iter(&self) -> FrozenTexts<'_, T> {
        FrozenTexts {
            block: &self.block,
            index: 0,
            texts: PhantomData,
        }
    }
}

impl<T: Text + ?Sized, S: BuildHasher, A: Allocator> FrozenInternerOf<T, S, A> {
    #[inline(always)]
    fn look_up(&self, text: &T) -> Option<(Symbol, &T)> {
        let tag = tag_of(&self.hasher, text.as_bytes());
        let (index, bytes) = self.block.find(tag, text.as_bytes())?;
        // SAFETY: it is the number of a text; all are of this kind, as promised to `new`.
        Some(unsafe { (Symbol::new(index), T::from_bytes(bytes)) })
    }

    /// The text as it is kept here, if it is.
    ///
    /// ```
    /// let frozen = <arenula::Interner>::from_iter(["text"]).freeze();
    /// assert_eq!(frozen.get("text"), Some("text"));
    /// assert_eq!(frozen.get("other text"), None);
    /// ```
    #[inline]
    pub fn get(&self, text: &T) -> Option<&T> {
        Some(self.look_up(text)?.1)
    }

    /// The symbol of a text, if it is kept here.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let symbol = interner.symbol("text");
    /// assert_eq!(interner.freeze().get_symbol("text"), Some(symbol));
    /// ```
    #[inline]
    pub fn get_symbol(&self, text: &T) -> Option<Symbol> {
        Some(self.look_up(text)?.0)
    }
}

impl<T: Text + ?Sized, S, A: Allocator> Drop for FrozenInternerOf<T, S, A> {
    fn drop(&mut self) {
        // SAFETY: the block came from there, and nobody can reach it any more.
        unsafe { self.block.free(&self.backing) };
    }
}

impl<T: Text + ?Sized, S, A: Allocator> Index<Symbol> for FrozenInternerOf<T, S, A> {
    type Output = T;

    /// # Panics
    ///
    /// If this interner has no text with that number.
    #[inline]
    fn index(&self, symbol: Symbol) -> &T {
        self.resolve(symbol)
    }
}

impl<T: Text + ?Sized, S, A: Allocator> fmt::Debug for FrozenInternerOf<T, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().fmt(f)
    }
}

impl<'a, T: Text + ?Sized, S, A: Allocator> IntoIterator for &'a FrozenInternerOf<T, S, A> {
    type Item = (Symbol, &'a T);
    type IntoIter = FrozenTexts<'a, T>;

    fn into_iter(self) -> FrozenTexts<'a, T> {
        self.iter()
    }
}

/// The symbols and texts of a [`FrozenInternerOf`], made by its [`iter`](FrozenInternerOf::iter).
///
/// ```
/// let frozen = <arenula::Interner>::from_iter(["a", "b"]).freeze();
/// assert_eq!(frozen.iter().len(), 2);
/// ```
pub struct FrozenTexts<'a, T: Text + ?Sized> {
    block: &'a Block,
    index: usize,
    texts: PhantomData<&'a T>,
}

// SAFETY: what the block has is only read.
unsafe impl<T: Text + ?Sized> Send for FrozenTexts<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Text + ?Sized> Sync for FrozenTexts<'_, T> {}

impl<T: Text + ?Sized> UnwindSafe for FrozenTexts<'_, T> {}
impl<T: Text + ?Sized> RefUnwindSafe for FrozenTexts<'_, T> {}

impl<'a, T: Text + ?Sized> Iterator for FrozenTexts<'a, T> {
    type Item = (Symbol, &'a T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let index = self.index;
        let bytes = self.block.text(index)?;
        self.index += 1;
        // SAFETY: it is the number of a text; all are of this kind, as promised to `FrozenInternerOf::new`.
        Some(unsafe { (Symbol::new(index), T::from_bytes(bytes)) })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.block.len - self.index;
        (left, Some(left))
    }
}

impl<T: Text + ?Sized> ExactSizeIterator for FrozenTexts<'_, T> {}
impl<T: Text + ?Sized> core::iter::FusedIterator for FrozenTexts<'_, T> {}

impl<T: Text + ?Sized> Clone for FrozenTexts<'_, T> {
    fn clone(&self) -> Self {
        FrozenTexts { ..*self }
    }
}

impl<T: Text + ?Sized> fmt::Debug for FrozenTexts<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_block_is_the_same_whether_it_is_wide_or_not() {
        let texts: Vec<Vec<u8>> = (0..300_u32)
            .map(|n| std::format!("{n:>width$}", width = n as usize % 40).into_bytes())
            .collect();
        // Some tags are the same.
        let tag = |index: usize| slots::tag(index as u64 / 2);
        for (narrow, is_wide) in [(usize::MAX, false), (u32::MAX as usize, false), (100, true)] {
            let tags = (0..texts.len()).map(|index| (tag(index), index));
            let all = texts.iter().map(Vec::as_slice);
            let block = Block::make_with(all, tags, &Global, narrow).expect("there is memory");
            assert_eq!(block.parts.is_wide, is_wide);
            for (index, text) in texts.iter().enumerate() {
                assert_eq!(block.text(index), Some(&**text));
                assert_eq!(block.find(tag(index), text), Some((index, &**text)));
                assert_eq!(block.find(tag(index), b"none"), None);
            }
            assert_eq!(block.text(texts.len()), None);
            // SAFETY: the block came from there.
            unsafe { block.free(&Global) };
        }
    }
}
