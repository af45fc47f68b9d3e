//! Containers that live in an arena: those of `allocator-api2` and `hashbrown`, which speak its trait, and
//! a [`String`] of the same kind.
//!
//! ```
//! # #[cfg(feature = "collections")] {
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! let mut lengths = arena.hash_map();
//! for word in ["one", "two", "three"] {
//!     let words = lengths.entry(word.len()).or_insert_with(|| arena.vec());
//!     words.push(word);
//! }
//! assert_eq!(lengths[&3], ["one", "two"]);
//! # }
//! ```
//!
//! What is done growing can be frozen: [`into_slice`](VecExt::into_slice) and
//! [`into_str`](String::into_str) make plain references of it, which live as long as the arena is borrowed
//! and hold no allocator.
//!
//! ```
//! use arenula::collections::VecExt;
//! use arenula::{Arena, vec};
//!
//! struct Line<'a> {
//!     words: &'a [&'a str],
//! }
//!
//! let arena = Arena::new();
//! let mut words = vec![in &arena; "to", "be"];
//! words.push("or");
//! let line = Line { words: words.into_slice() };
//! assert_eq!(line.words.len(), 3);
//! ```
//!
//! The maps need the feature `collections`; the rest is there without it.
//!
//! What is re-exported is as good as its own crate. In `allocator-api2` 0.2.21 `Vec::drain` and
//! `Vec::extend_from_within` ask a range for its bounds more than once, and rely on getting the same
//! answers: don't give them a `RangeBounds` of your own that changes its mind. (This crate's `String` asks
//! once.)

#[cfg(feature = "collections")]
use allocator_api2::alloc::Global;

mod collect;
mod collect_results;
mod freeze;
pub(crate) mod macros;
pub(crate) mod short;
pub(crate) mod string;

pub use allocator_api2::boxed::Box;
pub use allocator_api2::collections::TryReserveError;
pub use allocator_api2::vec::Vec;

pub use collect::{CollectIn, FromIteratorIn};
pub use freeze::{BoxExt, VecExt};
pub use string::String;

pub use crate::rc::{self, Rc};

/// `hashbrown`'s hash map, with its default hasher.
///
/// ```
/// use arenula::Arena;
/// use arenula::collections::HashMap;
///
/// let arena = Arena::new();
/// let mut ages: HashMap<&str, u32, &Arena> = HashMap::with_capacity_in(10, &arena);
/// ages.insert("Ada", 36);
/// assert_eq!(ages["Ada"], 36);
/// ```
#[cfg(feature = "collections")]
pub type HashMap<K, V, A = Global> = hashbrown::HashMap<K, V, hashbrown::DefaultHashBuilder, A>;

/// `hashbrown`'s hash set, with its default hasher.
///
/// ```
/// use arenula::Arena;
/// use arenula::collections::HashSet;
///
/// let arena = Arena::new();
/// let mut seen: HashSet<u32, &Arena> = HashSet::new_in(&arena);
/// assert!(seen.insert(7));
/// assert!(!seen.insert(7));
/// ```
#[cfg(feature = "collections")]
pub type HashSet<K, A = Global> = hashbrown::HashSet<K, hashbrown::DefaultHashBuilder, A>;
