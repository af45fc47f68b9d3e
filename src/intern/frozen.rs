//! The interner to which nothing is added any more.

use core::fmt;
use core::hash::BuildHasher;
use core::marker::PhantomData;
use core::ops::Index;
use core::panic::{RefUnwindSafe, UnwindSafe};

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::block::Block;
use super::symbol::no_such_text;
use super::{DefaultHasher, Symbol, Text, tag_of};
use crate::arena::{Failure, or_fail};

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
        self.block.size()
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

impl<T: Text + ?Sized, S: Clone, A: Allocator + Clone> FrozenInternerOf<T, S, A> {
    /// A [clone](Clone), or an error where there is no such memory.
    ///
    /// ```
    /// let frozen = <arenula::Interner>::from_iter(["a", "b"]).freeze();
    /// assert!(frozen.try_clone() == Ok(frozen));
    /// ```
    pub fn try_clone(&self) -> Result<Self, AllocError> {
        Ok(self.copied()?)
    }

    fn copied(&self) -> Result<Self, Failure> {
        let (hasher, backing) = (self.hasher.clone(), self.backing.clone());
        let block = self.block.copied(&backing)?;
        // SAFETY: the block came from there, and its texts are the same.
        Ok(unsafe { Self::new(block, hasher, backing) })
    }
}

/// The same texts with the same symbols, in memory of its own: one block, which is copied as it is.
impl<T: Text + ?Sized, S: Clone, A: Allocator + Clone> Clone for FrozenInternerOf<T, S, A> {
    fn clone(&self) -> Self {
        or_fail(self.copied())
    }
}

/// Two interners are equal if they have the same texts with the same symbols, whatever they hash with.
impl<T: Text + ?Sized, S, A: Allocator> PartialEq for FrozenInternerOf<T, S, A> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl<T: Text + ?Sized, S, A: Allocator> Eq for FrozenInternerOf<T, S, A> {}

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
