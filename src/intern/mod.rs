//! Texts that are kept once each, and have numbers: [`Interner`] and its relatives.
//!
//! | you have | take |
//! |---|---|
//! | text, one thread | [`Interner`] |
//! | bytes that need not be text, one thread | [`BytesInterner`] |
//! | either, and many threads that add | `sync::SyncInterner`, `sync::SyncBytesInterner` |
//! | all the text there will be, to be read from everywhere | [`FrozenInterner`], which [`freeze`](InternerOf::freeze) makes |
//!
//! They share their code, which is generic over [`Text`]: an `Interner` is an [`InternerOf<str>`](InternerOf).
//!
//! # Invariants
//!
//! Every `SAFETY` comment in this module names the ones that it relies on. Of an interner for one thread:
//!
//! - **N1, table.** `table` has a block of the backing allocator's, with the layout that its number of places tells, or
//!   is `Table::NONE`, to which nothing is ever written. A place whose control byte is not 0 has the number of a text, and
//!   each text has one, which a search for its tag comes to. At most seven eighths are taken, so some place is free.
//! - **N2, list.** `list` has a block with the layout that its capacity tells, unless that is 0. Of the first `len`
//!   texts record and tag are written. `capacity` is the lesser of what table and list take, `len` is at most as much,
//!   and that is less than `u32::MAX`.
//! - **N3, texts stay.** What a record points to was written before the record was, is never written again, and
//!   is given back only by `reset` and when the interner is dropped, both of which have it to themselves. It is of
//!   the interner's kind of text. So a reference to it may live as long as the interner is borrowed.
//! - **N4, at rest.** Whenever the backing allocator is called, the others hold, and nothing that was read before is
//!   relied on after: it may call the interner again. Hashers are called before anything is read, and nothing else
//!   of the user's ever is.
//!
//! Of one for many threads N3 and N5 to N7:
//!
//! - **N5, one writes.** All but `table`, buckets, entries, a table's control bytes and numbers, and `len` is touched with
//!   the lock only, and these are written with the lock only. Code of the user that runs meanwhile, which is the backing allocator, can't have
//!   the lock a second time.
//! - **N6, published.** A record is written before its entry points to it, and an entry points to it before `len` counts
//!   it; tables and buckets are written before they can be reached. Each of these is a store with `Release`, and what is read
//!   there is loaded with `Acquire`. What is null was not published. Control bytes and numbers publish nothing: a number
//!   may be that of an entry that is still null to this thread, of another text, or of none, and then it leads nowhere.
//! - **N7, nothing goes.** Tables that were replaced, buckets and texts stay until the interner is dropped, or `reset`,
//!   or frozen, all of which have it to themselves.
//!
//! Of both:
//!
//! - **N8, kind.** All texts in the memory of an [`InternerOf`] are of its kind `T`: they came in as such, and bytes that
//!   are the same are a text of the same kind.

mod add;
mod block;
mod freeze;
mod frozen;
mod group;
mod interner;
mod iter;
mod list;
mod local;
mod make;
mod memory;
mod record;
#[cfg(feature = "serde")]
mod serde;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
mod shared;
mod slots;
mod symbol;
mod table;
mod traits;

pub use frozen::{FrozenBytesInterner, FrozenInterner, FrozenInternerOf, FrozenTexts};
pub use interner::{BytesInterner, Interner, InternerOf};
#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub use interner::{SyncBytesInterner, SyncInterner};
pub use iter::Iter;
pub use local::Local;
pub use memory::Memory;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub use shared::Shared;
pub use symbol::Symbol;

/// How texts are hashed unless another hasher is chosen: that of `hashbrown`, which is fast, and seeded anew in
/// each process.
///
/// It makes it hard to find texts that collide without seeing how long look-ups take, and promises no more.
/// Where texts come from strangers who could measure that, take
/// [`std::hash::RandomState`](https://doc.rust-lang.org/std/hash/struct.RandomState.html), which is slower:
///
/// ```
/// use arenula::Interner;
/// use std::hash::RandomState;
///
/// let interner = Interner::with_hasher(RandomState::new());
/// assert_eq!(interner.intern("from a stranger"), "from a stranger");
/// ```
pub type DefaultHasher = hashbrown::DefaultHashBuilder;

/// What can be interned: `str` and `[u8]`.
///
/// ```
/// use arenula::intern::{InternerOf, Text};
///
/// fn count<T: Text + ?Sized>(texts: &[&T]) -> usize {
///     let interner = InternerOf::<T>::new();
///     texts.iter().for_each(|text| _ = interner.symbol(text));
///     interner.len()
/// }
///
/// assert_eq!(count(&["a", "b", "a"]), 2);
/// assert_eq!(count::<[u8]>(&[b"a", b"b", b"a"]), 2);
/// ```
pub trait Text: Eq + AsRef<Self> + sealed::Sealed + 'static {
    #[doc(hidden)]
    fn as_bytes(&self) -> &[u8];

    /// # Safety
    ///
    /// The bytes are those of a text of this kind.
    #[doc(hidden)]
    unsafe fn from_bytes(bytes: &[u8]) -> &Self;
}

mod sealed {
    /// What a kind of text can do in documents, if there are any.
    #[cfg(feature = "serde")]
    pub use super::serde::InDocuments;
    #[cfg(not(feature = "serde"))]
    pub trait InDocuments {}
    #[cfg(not(feature = "serde"))]
    impl<T: ?Sized> InDocuments for T {}

    pub trait Sealed: core::fmt::Debug + InDocuments {}
    impl Sealed for str {}
    impl Sealed for [u8] {}
}

impl Text for str {
    #[inline(always)]
    fn as_bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    #[inline(always)]
    unsafe fn from_bytes(bytes: &[u8]) -> &Self {
        // SAFETY: as promised.
        unsafe { core::str::from_utf8_unchecked(bytes) }
    }
}

impl Text for [u8] {
    #[inline(always)]
    fn as_bytes(&self) -> &[u8] {
        self
    }

    #[inline(always)]
    unsafe fn from_bytes(bytes: &[u8]) -> &Self {
        bytes
    }
}

/// The tag of a text.
#[inline(always)]
fn tag_of<S: core::hash::BuildHasher>(hasher: &S, text: &[u8]) -> u32 {
    use core::hash::Hasher;
    // Nothing follows that it would have to be told apart from, so it needs neither a length nor an end.
    let mut hasher = hasher.build_hasher();
    hasher.write(text);
    slots::tag(hasher.finish())
}
