//! Interners, whatever their texts and whoever uses them.

use core::fmt;
use core::hash::BuildHasher;
use core::marker::PhantomData;
use core::ops::Index;

use allocator_api2::alloc::{AllocError, Allocator, Global};

use super::frozen::{Block, FrozenInternerOf};
use super::iter::Iter;
use super::local::Local;
use super::memory::Memory;
use super::record::Source;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
use super::shared::Shared;
use super::symbol::no_such_text;
use super::{DefaultHasher, Symbol, Text, tag_of};
use crate::arena::{Failure, or_fail};

/// Keeps each text once: the same text has the same address, and the same [`Symbol`].
///
/// That is the use that compilers, linters and databases have for an arena of strings: names are compared as
/// numbers, and kept in four bytes. Text goes in by `&self`, and the `&str` that comes out lives as long as the
/// interner is borrowed, while it grows.
///
/// ```
/// use arenula::Interner;
///
/// let interner = Interner::new();
/// let symbols: Vec<_> = "to be or not to be".split(' ').map(|word| interner.symbol(word)).collect();
/// assert_eq!(symbols[0], symbols[4]);
/// assert_eq!(interner.resolve(symbols[3]), "not");
///
/// let (one, other) = (interner.intern("be"), interner.intern(&String::from("be")));
/// assert!(std::ptr::eq(one, other));
/// assert_eq!(interner.len(), 4);
/// ```
///
/// Its methods stand at [`InternerOf`], which has `[u8]` for [`BytesInterner`] in place of `str`.
pub type Interner<S = DefaultHasher, A = Global> = InternerOf<str, S, Local<A>>;

/// An [`Interner`] for bytes that need not be text.
///
/// ```
/// use arenula::BytesInterner;
///
/// let interner = BytesInterner::new();
/// let symbol = interner.symbol(b"\xFF\x00");
/// assert_eq!(interner.resolve(symbol), b"\xFF\x00");
/// ```
pub type BytesInterner<S = DefaultHasher, A = Global> = InternerOf<[u8], S, Local<A>>;

/// An [`Interner`] that many threads use at once.
///
/// Two threads that add the same text get the same symbol and the same address. To look up a text, to intern one
/// that is there, or to resolve a symbol takes no lock; to add a text takes one. Symbols have no gaps.
///
/// ```
/// use arenula::sync::SyncInterner;
///
/// let interner = SyncInterner::new();
/// let symbols = std::thread::scope(|scope| {
///     let threads = [(); 2].map(|()| scope.spawn(|| interner.symbol("text")));
///     threads.map(|thread| thread.join().unwrap())
/// });
/// assert_eq!(symbols[0], symbols[1]);
/// assert_eq!(interner.resolve(symbols[0]), "text");
/// ```
///
/// # What threads see of each other
///
/// What a thread was told of in a way that orders memory (a channel, a lock, a join), it finds. A symbol that comes to
/// it in another way may not be there yet, as one of another interner: [`get_text`](InternerOf::get_text) says so, and
/// [`resolve`](InternerOf::resolve) panics.
///
/// # Memory
///
/// As that of an [`Interner`], but its index doubles when it is full, to between 19 and 43 bytes for each text; and tables that grew too small are kept until the interner is reset or dropped,
/// since somebody could be reading there. Together they are smaller than the one in use. The backing allocator is
/// called with the lock. It may look up texts in the interner, and is told by a panic if it adds one, or asks for what
/// needs the lock. As only one thread at a time calls it, it need not be `Sync`.
#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub type SyncInterner<S = DefaultHasher, A = Global> = InternerOf<str, S, Shared<A>>;

/// A [`SyncInterner`] for bytes that need not be text.
///
/// ```
/// use arenula::sync::SyncBytesInterner;
///
/// let interner = SyncBytesInterner::new();
/// assert_eq!(interner.intern(b"\xFF\x00"), b"\xFF\x00");
/// ```
#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub type SyncBytesInterner<S = DefaultHasher, A = Global> = InternerOf<[u8], S, Shared<A>>;

/// What all interners are: of texts `T`, with a hasher `S`, in the memory of one thread or many.
///
/// | | one thread at a time | many threads |
/// |---|---|---|
/// | `str` | [`Interner`] | `sync::SyncInterner` |
/// | `[u8]` | [`BytesInterner`] | `sync::SyncBytesInterner` |
///
/// [`DefaultHasher`] says what that of the default promises. A hasher is given a text's bytes in one piece, once for each
/// call, and every bit of its answer counts, so that any hasher will do. Hashers may use the interner that they
/// are called from, as may backing allocators (of one for many threads: to look up).
///
/// # Memory
///
/// A text takes its bytes and one (seventeen if there are 255 of them or more), packed without alignment in an
/// [`Arena`](crate::Arena); and in the index, whose two parts double each when it is full, between 18 and 36 bytes. When
/// it grows no text is hashed or moved. A new interner owns nothing.
pub struct InternerOf<T: Text + ?Sized, S = DefaultHasher, M: Memory = Local> {
    /// All texts in it are of the kind `T` (N8).
    memory: M,
    hasher: S,
    texts: PhantomData<T>,
}

impl<T: Text + ?Sized, M: Memory<Backing = Global>> InternerOf<T, DefaultHasher, M> {
    /// An interner that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert!(interner.is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self::with_hasher(DefaultHasher::default())
    }

    /// An interner with room for `texts` texts in its index.
    ///
    /// [`reserve`](InternerOf::reserve) makes room for what they consist of as well.
    ///
    /// ```
    /// let interner = arenula::Interner::with_capacity(1000);
    /// assert!(interner.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity(texts: usize) -> Self {
        Self::with_capacity_and_hasher(texts, DefaultHasher::default())
    }

    /// [`with_capacity`](InternerOf::with_capacity), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::Interner;
    ///
    /// assert!(Interner::try_with_capacity(1000).is_ok());
    /// assert!(Interner::try_with_capacity(usize::MAX).is_err());
    /// ```
    pub fn try_with_capacity(texts: usize) -> Result<Self, AllocError> {
        Self::try_with_capacity_and_hasher(texts, DefaultHasher::default())
    }
}

impl<T: Text + ?Sized, S, M: Memory<Backing = Global>> InternerOf<T, S, M> {
    /// An interner that hashes with `hasher`. Allocates nothing.
    ///
    /// ```
    /// use arenula::BytesInterner;
    /// use std::hash::RandomState;
    ///
    /// let interner = BytesInterner::with_hasher(RandomState::new());
    /// assert_eq!(interner.intern(b"bytes"), b"bytes");
    /// ```
    #[inline]
    #[must_use]
    pub fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher, Global)
    }

    /// An interner that hashes with `hasher`, with room for `texts` texts in its index.
    ///
    /// ```
    /// use arenula::Interner;
    /// use std::hash::RandomState;
    ///
    /// let interner = Interner::with_capacity_and_hasher(1000, RandomState::new());
    /// assert!(interner.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity_and_hasher(texts: usize, hasher: S) -> Self {
        let interner = Self::with_hasher(hasher);
        or_fail(interner.memory.reserve(texts, 0));
        interner
    }

    /// [`with_capacity_and_hasher`](InternerOf::with_capacity_and_hasher), or an error where there is no such memory.
    ///
    /// ```
    /// use arenula::Interner;
    /// use std::hash::RandomState;
    ///
    /// assert!(Interner::try_with_capacity_and_hasher(usize::MAX, RandomState::new()).is_err());
    /// ```
    pub fn try_with_capacity_and_hasher(texts: usize, hasher: S) -> Result<Self, AllocError> {
        let interner = Self::with_hasher(hasher);
        interner.memory.reserve(texts, 0)?;
        Ok(interner)
    }
}

impl<T: Text + ?Sized, M: Memory> InternerOf<T, DefaultHasher, M> {
    /// An interner that gets its memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{Arena, Interner};
    ///
    /// let arena = Arena::new();
    /// let interner = Interner::new_in(&arena);
    /// assert!(arena.contains(interner.intern("text").as_ptr()));
    /// ```
    #[inline]
    #[must_use]
    pub fn new_in(backing: M::Backing) -> Self {
        Self::with_hasher_in(DefaultHasher::default(), backing)
    }
}

impl<T: Text + ?Sized, S, M: Memory> InternerOf<T, S, M> {
    /// An interner that hashes with `hasher`, and gets its memory from `backing`. Allocates nothing.
    ///
    /// ```
    /// use arenula::{FixedBuffer, Interner};
    /// use core::mem::MaybeUninit;
    /// use std::hash::RandomState;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let interner = Interner::with_hasher_in(RandomState::new(), FixedBuffer::new(&mut buffer));
    /// assert_eq!(interner.try_intern("on the stack"), Ok("on the stack"));
    /// assert!(interner.try_intern(&"too long".repeat(1000)).is_err());
    /// ```
    #[inline]
    #[must_use]
    pub fn with_hasher_in(hasher: S, backing: M::Backing) -> Self {
        InternerOf {
            memory: M::new(backing),
            hasher,
            texts: PhantomData,
        }
    }

    /// What texts are hashed with.
    ///
    /// ```
    /// use std::hash::{BuildHasher, RandomState};
    ///
    /// let interner = arenula::Interner::with_hasher(RandomState::new());
    /// let hash = interner.hasher().hash_one("text");
    /// ```
    #[inline]
    pub fn hasher(&self) -> &S {
        &self.hasher
    }

    /// The text of a symbol.
    ///
    /// A symbol of another interner leads to the text that has the same number here, if there is one.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let symbol = interner.symbol("text");
    /// assert_eq!(interner.resolve(symbol), "text");
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
    /// let (one, other) = (arenula::Interner::new(), arenula::Interner::new());
    /// let symbol = one.symbol("text");
    /// assert_eq!(one.get_text(symbol), Some("text"));
    /// assert_eq!(other.get_text(symbol), None);
    /// ```
    #[inline]
    pub fn get_text(&self, symbol: Symbol) -> Option<&T> {
        let bytes = self.memory.text(symbol)?;
        // SAFETY: the texts are of this kind (N8).
        Some(unsafe { T::from_bytes(bytes) })
    }

    /// The number of texts.
    ///
    /// ```
    /// let interner = <arenula::Interner>::from_iter(["a", "b", "a"]);
    /// assert_eq!(interner.len(), 2);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.memory.len()
    }

    /// Whether there is no text.
    ///
    /// ```
    /// assert!(arenula::Interner::new().is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of texts that the index can hold before it grows, with those in it.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// interner.intern("text");
    /// assert!(interner.capacity() >= 1);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.memory.capacity()
    }

    /// Makes room for `texts` more texts with `bytes` bytes in all, each of less than 254: if they are added then, the
    /// backing allocator is called no more.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// interner.reserve(2, 10);
    /// let held = interner.held_bytes();
    /// interner.intern("first");
    /// interner.intern("other");
    /// assert_eq!(interner.held_bytes(), held);
    /// ```
    pub fn reserve(&self, texts: usize, bytes: usize) {
        or_fail(self.memory.reserve(texts, bytes));
    }

    /// [`reserve`](InternerOf::reserve), or an error where there is no such memory.
    ///
    /// ```
    /// assert!(arenula::Interner::new().try_reserve(usize::MAX, 0).is_err());
    /// ```
    pub fn try_reserve(&self, texts: usize, bytes: usize) -> Result<(), AllocError> {
        Ok(self.memory.reserve(texts, bytes)?)
    }

    /// Sets how many bytes the interner may hold; `None` for no limit.
    ///
    /// All that it asks its backing allocator for counts: the chunks of text, with their headers, and the index;
    /// while that grows, both the old and the new one. What would exceed the limit by one byte is refused. Memory
    /// in use that already exceeds it stays.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// interner.set_limit(Some(4096));
    /// let refused = (0..).find(|n| interner.try_intern(&n.to_string()).is_err());
    /// assert_eq!(refused, Some(interner.len()));
    /// assert!(interner.held_bytes() <= 4096);
    /// ```
    pub fn set_limit(&self, limit: Option<usize>) {
        self.memory.set_limit(limit);
    }

    /// The bytes that the interner may hold.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.limit(), None);
    /// interner.set_limit(Some(1 << 20));
    /// assert_eq!(interner.limit(), Some(1 << 20));
    /// ```
    pub fn limit(&self) -> Option<usize> {
        self.memory.limit()
    }

    /// The bytes that the interner has from its backing allocator.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.held_bytes(), 0);
    /// interner.intern("text");
    /// assert!(interner.held_bytes() > 4);
    /// ```
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.memory.held()
    }

    /// The symbols and texts in the order of first sight, also those that are added meanwhile.
    ///
    /// ```
    /// let interner = <arenula::Interner>::from_iter(["b", "a", "b"]);
    /// let texts: Vec<&str> = interner.iter().map(|(_, text)| text).collect();
    /// assert_eq!(texts, ["b", "a"]);
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T, M> {
        // SAFETY: the texts are of this kind (N8).
        unsafe { Iter::new(&self.memory) }
    }

    /// Forgets all texts, and keeps the memory. Symbols from before lead to what is added after.
    ///
    /// ```
    /// let mut interner = <arenula::Interner>::from_iter(["a", "b"]);
    /// interner.reset();
    /// assert!(interner.is_empty() && interner.get("a").is_none());
    /// assert_eq!(interner.symbol("b").index(), 0);
    /// ```
    pub fn reset(&mut self) {
        self.memory.reset();
    }
}

impl<T: Text + ?Sized, S, A: Allocator> InternerOf<T, S, Local<A>> {
    /// Where the interner's memory comes from.
    ///
    /// ```
    /// use arenula::{Arena, Interner};
    ///
    /// let arena = Arena::new();
    /// let interner = Interner::new_in(&arena);
    /// interner.intern("text");
    /// assert!(interner.allocator().allocated_bytes() >= interner.held_bytes());
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        self.memory.backing()
    }
}

impl<T: Text + ?Sized, S: BuildHasher, M: Memory> InternerOf<T, S, M> {
    /// Adds a text if it is new: the one body of all methods that do.
    #[inline(always)]
    fn add(&self, text: Source<'_>) -> Result<(Symbol, &T), Failure> {
        // Hashed before anything is read: the hasher may use the interner (N4).
        let tag = tag_of(&self.hasher, text.bytes());
        let (index, bytes) = self.memory.intern(tag, text)?;
        // SAFETY: the number is that of a text (N2), which is of this kind (N8): either the caller's is, or it
        // consists of the same bytes (N8).
        Ok(unsafe { (Symbol::new(index), T::from_bytes(bytes)) })
    }

    #[inline(always)]
    fn look_up(&self, text: &T) -> Option<(Symbol, &T)> {
        let tag = tag_of(&self.hasher, text.as_bytes());
        let (index, bytes) = self.memory.look_up(tag, text.as_bytes())?;
        // SAFETY: as above.
        Some(unsafe { (Symbol::new(index), T::from_bytes(bytes)) })
    }

    /// The text as it is kept here: copied when it is seen for the first time.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let text = interner.intern("text");
    /// assert!(std::ptr::eq(text, interner.intern("text")));
    /// ```
    ///
    /// # Panics
    ///
    /// If there are some three thousand millions of texts: more than an index can have.
    #[inline]
    pub fn intern(&self, text: &T) -> &T {
        or_fail(self.add(Source::of(text))).1
    }

    /// [`intern`](InternerOf::intern), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_intern("text"), Ok("text"));
    /// interner.set_limit(Some(0));
    /// assert!(interner.try_intern(&"another".repeat(1000)).is_err());
    /// assert_eq!(interner.try_intern("text"), Ok("text"));
    /// ```
    #[inline]
    pub fn try_intern(&self, text: &T) -> Result<&T, AllocError> {
        Ok(self.add(Source::of(text))?.1)
    }

    /// [`intern`](InternerOf::intern) for what lives long enough, and is not copied: if it is seen for the first time,
    /// the text is kept where it is.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let keyword = "fn";
    /// assert!(std::ptr::eq(interner.intern_static(keyword), keyword));
    /// assert!(std::ptr::eq(interner.intern(&String::from("fn")), keyword));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`intern`](InternerOf::intern).
    #[inline]
    pub fn intern_static(&self, text: &'static T) -> &T {
        or_fail(self.add(Source::Lent(text.as_bytes()))).1
    }

    /// [`intern_static`](InternerOf::intern_static), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_intern_static("fn"), Ok("fn"));
    /// ```
    #[inline]
    pub fn try_intern_static(&self, text: &'static T) -> Result<&T, AllocError> {
        Ok(self.add(Source::Lent(text.as_bytes()))?.1)
    }

    /// The symbol of a text, which is copied when it is seen for the first time.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.symbol("text"), interner.symbol("text"));
    /// assert_ne!(interner.symbol("text"), interner.symbol("other text"));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`intern`](InternerOf::intern).
    #[inline]
    pub fn symbol(&self, text: &T) -> Symbol {
        or_fail(self.add(Source::of(text))).0
    }

    /// [`symbol`](InternerOf::symbol), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_symbol("text").unwrap().index(), 0);
    /// ```
    #[inline]
    pub fn try_symbol(&self, text: &T) -> Result<Symbol, AllocError> {
        Ok(self.add(Source::of(text))?.0)
    }

    /// [`symbol`](InternerOf::symbol) for what lives long enough, and is not copied.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let keywords = ["fn", "let"].map(|keyword| interner.symbol_static(keyword));
    /// assert_eq!(interner.symbol("let"), keywords[1]);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`intern`](InternerOf::intern).
    #[inline]
    pub fn symbol_static(&self, text: &'static T) -> Symbol {
        or_fail(self.add(Source::Lent(text.as_bytes()))).0
    }

    /// [`symbol_static`](InternerOf::symbol_static), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_symbol_static("fn").unwrap().index(), 0);
    /// ```
    #[inline]
    pub fn try_symbol_static(&self, text: &'static T) -> Result<Symbol, AllocError> {
        Ok(self.add(Source::Lent(text.as_bytes()))?.0)
    }

    /// The text as it is kept here, if it is.
    ///
    /// ```
    /// let interner = <arenula::Interner>::from_iter(["text"]);
    /// assert_eq!(interner.get("text"), Some("text"));
    /// assert_eq!(interner.get("other text"), None);
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
    /// assert_eq!(interner.get_symbol("text"), Some(symbol));
    /// assert_eq!(interner.get_symbol("other text"), None);
    /// ```
    #[inline]
    pub fn get_symbol(&self, text: &T) -> Option<Symbol> {
        Some(self.look_up(text)?.0)
    }

    /// Makes it smaller, so that no more can be added, and everybody can read it: symbols stay what they are.
    ///
    /// All text is copied, static text too, into one block of the least size with the index.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let symbol = interner.symbol("text");
    /// let frozen = interner.freeze();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert_eq!(frozen.resolve(symbol), "text"));
    ///     scope.spawn(|| assert_eq!(frozen.get_symbol("text"), Some(symbol)));
    /// });
    /// ```
    #[must_use]
    pub fn freeze(mut self) -> FrozenInternerOf<T, S, M::Backing> {
        let block = or_fail(self.memory.frozen());
        self.freeze_with(block)
    }

    /// [`freeze`](InternerOf::freeze), or the interner as it was where there is no memory.
    ///
    /// ```
    /// use arenula::{FixedBuffer, Interner};
    /// use core::mem::MaybeUninit;
    ///
    /// let mut buffer = [MaybeUninit::uninit(); 2048];
    /// let interner = Interner::new_in(FixedBuffer::new(&mut buffer));
    /// interner.intern(&"text".repeat(200));
    /// let Err(interner) = interner.try_freeze() else { unreachable!("there is no room") };
    /// assert_eq!(interner.len(), 1);
    /// ```
    pub fn try_freeze(mut self) -> Result<FrozenInternerOf<T, S, M::Backing>, Self> {
        match self.memory.frozen() {
            Ok(block) => Ok(self.freeze_with(block)),
            Err(_) => Err(self),
        }
    }

    fn freeze_with(mut self, block: Block) -> FrozenInternerOf<T, S, M::Backing> {
        /// Gives the block back if the backing allocator panics over the rest.
        struct Kept<'m, M: Memory>(&'m mut M, &'m Block);
        impl<M: Memory> Drop for Kept<'_, M> {
            fn drop(&mut self) {
                // SAFETY: the block came from there, and nobody else will have it.
                unsafe { self.1.free(self.0.origin()) };
            }
        }
        let kept = Kept(&mut self.memory, &block);
        kept.0.release();
        core::mem::forget(kept);
        // SAFETY: the block came from this allocator, and its texts are of this kind (N8).
        unsafe { FrozenInternerOf::new(block, self.hasher, self.memory.into_backing()) }
    }
}

impl<T: Text + ?Sized, S, M: Memory> Index<Symbol> for InternerOf<T, S, M> {
    type Output = T;

    /// # Panics
    ///
    /// If this interner has no text with that number.
    #[inline]
    fn index(&self, symbol: Symbol) -> &T {
        self.resolve(symbol)
    }
}

impl<T: Text + ?Sized, S: Default, M: Memory> Default for InternerOf<T, S, M>
where
    M::Backing: Default,
{
    fn default() -> Self {
        Self::with_hasher_in(S::default(), M::Backing::default())
    }
}

impl<T: Text + ?Sized, S, M: Memory> fmt::Debug for InternerOf<T, S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().fmt(f)
    }
}

impl<'t, T: Text + ?Sized, S: BuildHasher, M: Memory> Extend<&'t T> for InternerOf<T, S, M> {
    fn extend<I: IntoIterator<Item = &'t T>>(&mut self, texts: I) {
        for text in texts {
            self.symbol(text);
        }
    }
}

impl<'t, T: Text + ?Sized, S: BuildHasher + Default, M: Memory> FromIterator<&'t T>
    for InternerOf<T, S, M>
where
    M::Backing: Default,
{
    fn from_iter<I: IntoIterator<Item = &'t T>>(texts: I) -> Self {
        let mut interner = Self::default();
        interner.extend(texts);
        interner
    }
}

impl<'a, T: Text + ?Sized, S, M: Memory> IntoIterator for &'a InternerOf<T, S, M> {
    type Item = (Symbol, &'a T);
    type IntoIter = Iter<'a, T, M>;

    fn into_iter(self) -> Iter<'a, T, M> {
        self.iter()
    }
}
