//! Arena allocators that are fast, small and sound to the last corner.
//!
//! An arena hands out memory by moving a pointer and takes it back all at once: for the nodes of a
//! syntax tree, what a request needs, what is drawn in a frame. Values live as long as the arena is
//! borrowed, and the compiler sees to it.
//!
//! ```
//! use arenula::Arena;
//!
//! let mut arena = Arena::new();
//! for line in ["let x = 1", "let y = 2"] {
//!     let words: &[&str] = arena.alloc_iter(line.split(' '));
//!     let swapped = arena.alloc_fmt(format_args!("{} = {}", words[3], words[1]));
//!     assert_eq!(swapped.len(), 5);
//!     arena.reset();
//! }
//! ```
//!
//! # Which arena
//!
//! | you have | take |
//! |---|---|
//! | values of any types, that need no destructor | [`Arena`] |
//! | values of any types, with destructors | [`DropArena`]; [`SendDropArena`] to send it to another thread |
//! | values of one type, to be changed, and gone through at the end; they may refer to each other | [`TypedArena`] |
//! | values of one type, to be read while more are added; or numbers for references | [`FrozenArena`], with its [`Id`]s |
//! | texts that come again and again, to be kept once and compared as numbers | [`Interner`], [`BytesInterner`]; for many threads `sync::SyncInterner` (see [`intern`]) |
//! | `Vec`, `String`, `Box`, hash maps that live in an arena | [`Arena`]: `&Arena` is an `Allocator` (see [`collections`]) |
//! | values in an arena that have several owners | [`rc::Rc`] over `&Arena` |
//! | an arena together with what was built in it, to be returned, stored or sent to another thread | [`Owned`] |
//! | something that is made anew from what it was, over and over | [`DoubleBuffer`] |
//! | values of one type that come and go one by one | a [`pool::Pool`], whose boxes give their slots back; or [`pool::Slots`], with handles |
//! | memory for a while inside of that, as in a recursion | [`Arena::scope`] |
//! | several threads that build one structure together | [`SyncArena`](sync::SyncArena) |
//! | workers whose results outlive them, or requests on whatever thread | [`ArenaPool`](sync::ArenaPool) |
//! | memory for the length of a call, without an arena to pass on | [`scratch()`](scratch::scratch()) |
//! | a buffer on the stack, or in a static | [`Arena`] over a [`FixedBuffer`] |
//! | code that knows nothing of arenas, and work that begins and ends, as a request | [`frame`]s, behind the `#[global_allocator]` |
//!
//! Each with its reason, a program and its price: [`docs::choosing`]. The other chapters are [`docs::patterns`],
//! [`docs::frames`], [`docs::threads`], [`docs::costs`], [`docs::migrating`]; and [`docs::variance`], which tells why
//! lifetimes are as they are, and what to make of the compiler's answers.
//!
//! # What is guaranteed
//!
//! - Nothing that safe code does with this crate is undefined behaviour. Each module that has unsafe
//!   code lists the invariants that it keeps. (For containers that are re-exported their own crates answer:
//!   see [`collections`].)
//! - Every method that allocates in an arena has a `try_` form, which neither panics nor aborts for want of memory
//!   and loses nothing. A [limit](Arena::set_limit) is exact.
//! - Code that runs in the middle of an allocation (closures, `Clone`, iterators, `Display`, backing
//!   allocators) may use the arena, panic, or lie about lengths.
//! - In debug builds memory that is given back to an [`Arena`] is overwritten with `0xDD`.
//! - Arenas that run destructors run each once, also if another one panics.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | the standard library; without it the crate needs `alloc` only |
//! | `collections` | yes | `HashMap` and `HashSet` in [`collections`], which are `hashbrown`'s; `Vec`, `String`, `Box` are there without it. Interners, which hash with its hasher |
//! | `frame` | yes | [`frame`] and [`FrameAlloc`], the `#[global_allocator]` with frames (where there are atomics of 64 bits) |
//! | `trace-escapes` | | `frame::escapes()`: where the values were allocated that outlived their frames; slow |
//! | `serde` | | `Serialize` and `Deserialize` for what holds data, and the module `serde`: documents straight into an arena |
//! | `nightly` | | the standard library's unstable `Allocator` trait, beside that of `allocator-api2` 0.2; on a stable compiler nothing. Leave it off where `allocator-api2`'s own `nightly` is on: both traits are then the same one, and it is implemented |
//! | `allocator-api2-03`, `allocator-api2-04` | | the trait of these versions of `allocator-api2` as well |
#![no_std]
#![cfg_attr(std_allocator, feature(allocator_api))]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod arena;
#[cfg(feature = "std")]
mod atomic;
pub mod collections;
pub mod docs;
mod drop_arena;
#[cfg(all(feature = "frame", target_has_atomic = "64"))]
#[cfg_attr(
    loom,
    allow(dead_code, reason = "without the modules that are not modelled")
)]
pub mod frame;
#[cfg(feature = "collections")]
pub mod intern;
#[cfg(feature = "std")]
mod outside;
mod owned;
pub mod pool;
#[cfg(test)]
#[path = "../tests/support/properties.rs"]
mod properties;
pub mod rc;
#[cfg(feature = "std")]
pub mod scratch;
#[cfg(feature = "serde")]
pub mod serde;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
#[cfg_attr(
    loom,
    allow(dead_code, reason = "without the modules that are not modelled")
)]
pub mod sync;
mod typed;
mod unwind;

pub use allocator_api2::alloc::AllocError;
pub use arena::{
    AllocOrInitError, Arena, ArenaRef, Checkpoint, ChunkMap, FixedBuffer, Retain, Scope, Stats,
};
pub use drop_arena::{AnyValue, DropArena, SendDropArena, SendValue, Takes};
#[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
pub use frame::FrameAlloc;
#[cfg(feature = "collections")]
pub use intern::{BytesInterner, Interner, Symbol};
pub use owned::{CovariantRoot, DoubleBuffer, Owned, Root};
#[cfg(feature = "std")]
pub use scratch::scratch;
pub use typed::{Drain, FrozenArena, FrozenIter, Id, IntoIter, IterMut, TypedArena};

#[doc(hidden)]
pub use collections::macros::private as __private;

/// `Box`, of any allocator: that of `allocator-api2`.
///
/// ```
/// use arenula::Arena;
/// use arenula::boxed::Box;
///
/// let arena = Arena::new();
/// let boxed = Box::new_in(7, &arena);
/// assert_eq!(*boxed, 7);
/// ```
pub mod boxed {
    pub use crate::collections::BoxExt;
    pub use allocator_api2::boxed::Box;
}

/// `Vec`, of any allocator: that of `allocator-api2`, with [`VecExt`](vec::VecExt).
///
/// ```
/// use arenula::Arena;
/// use arenula::vec::{Vec, VecExt};
///
/// let arena = Arena::new();
/// let mut numbers = Vec::with_capacity_in(10, &arena);
/// numbers.push(7);
/// assert_eq!(numbers.into_slice(), [7]);
/// assert_eq!(arena.allocated_bytes(), 8);
/// ```
pub mod vec {
    pub use crate::collections::VecExt;
    pub use allocator_api2::vec::{Drain, IntoIter, Splice, Vec};
}

/// `String`, of any allocator.
///
/// ```
/// use arenula::Arena;
/// use arenula::string::String;
///
/// let arena = Arena::new();
/// let mut name = String::from_str_in("Ada", &arena);
/// name.push('!');
/// assert_eq!(name, "Ada!");
/// ```
pub mod string {
    pub use crate::collections::string::{Drain, FromUtf8Error, FromUtf16Error, String};
}

/// The programs of the README are tested as documentation is.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
