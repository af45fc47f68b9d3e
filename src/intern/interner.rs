//! Interners, whatever their texts and whoever uses them.

use core::marker::PhantomData;

use allocator_api2::alloc::{AllocError, Allocator, Global};

#[cfg(all(feature = "std", target_has_atomic = "64"))]
use super::Shared;
use super::symbol::no_such_text;
use super::{DefaultHasher, Iter, Local, Memory, Symbol, Text};
use crate::arena::or_fail;

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
/// As that of an [`Interner`], but its index doubles when it is full, to between 19 and 38 bytes for each text; and
/// tables that grew too small are kept until the interner is reset or dropped, since somebody could be reading there.
/// Together they are smaller than the one in use, and have 13 bytes for each text at most. The backing allocator is
/// called with the lock. It may look up texts in the interner, and is told by a panic if it adds one, or asks for what
/// needs the lock. As only one thread at a time calls it, it need not be `Sync`.
///
/// # The lock
///
/// One lock for all texts that are new is what symbols without gaps cost. A thread that adds nothing but new texts adds
/// some 40 million of them in a second; two that do nothing else add 20 million together, since what the one has
/// written has to come to the other's cache. That is what interners with many locks and with gaps come to, on two cores
/// (`cargo bench -p peers --bench interner -- --interleaved apart`). So there is one lock, which a thread awaits awake for
/// some microseconds, and each text that is there already is found without it.
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
/// # Which method
///
/// | from | to | adds what is new | only looks |
/// |---|---|---|---|
/// | a text | the text as it is kept | [`intern`](InternerOf::intern), [`intern_static`](InternerOf::intern_static) | [`get`](InternerOf::get) |
/// | a text | its symbol | [`symbol`](InternerOf::symbol), [`symbol_static`](InternerOf::symbol_static) | [`get_symbol`](InternerOf::get_symbol) |
/// | a symbol | its text | | [`resolve`](InternerOf::resolve) and `interner[symbol]`, which panic if there is none; [`get_text`](InternerOf::get_text) |
///
/// Those that add have a `try_` form, which answers an error where there is no memory.
///
/// # Hashers
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
    pub(super) memory: M,
    pub(super) hasher: S,
    pub(super) texts: PhantomData<T>,
}

impl<T: Text + ?Sized, S, M: Memory> InternerOf<T, S, M> {
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

    /// The number of texts that the index takes before a part of it grows, with those in it. Until then the backing
    /// allocator is called for chunks of text only.
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
    /// The index grows by doubling, and needs the new half beside the old until it is done. So a text can be refused
    /// that would itself fit, while up to two thirds of the limit are free; what is there stays and can be looked
    /// up, and each further text is refused until the limit is raised. Whoever knows how many texts will come
    /// [reserves](InternerOf::reserve) them first, when there is no old index, and can use the limit to the last byte.
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
