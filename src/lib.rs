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
//! | `Vec`, `Box`, hash maps that live in an arena | [`Arena`]: `&Arena` is an `Allocator` (see [`collections`]) |
//! | values in an arena that have several owners | [`rc::Rc`] over `&Arena` |
//! | memory for a while inside of that, as in a recursion | [`Arena::scope`] |
//! | a buffer on the stack, or in a static | [`Arena`] over a [`FixedBuffer`] |
//!
//! Why their lifetimes are as they are, and what to make of the compiler's answers: [`docs::variance`].
//!
//! # What is guaranteed
//!
//! - Nothing that safe code does with this crate is undefined behaviour. Each module that has unsafe
//!   code lists the invariants that it keeps.
//! - Every method that allocates has a `try_` form, which neither panics nor aborts for want of memory
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
//! | `collections` | yes | [`collections`], with `hashbrown`'s maps |
//! | `frame` | yes | nothing yet: the `#[global_allocator]` is being built |
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
#[cfg(feature = "collections")]
pub mod collections;
pub mod docs;
mod drop_arena;
#[cfg(all(feature = "frame", target_has_atomic = "64"))]
pub mod frame;
pub mod rc;
#[cfg(feature = "serde")]
pub mod serde;
mod typed;
mod unwind;

pub use allocator_api2::alloc::AllocError;
pub use arena::{
    AllocOrInitError, Arena, ArenaRef, Checkpoint, ChunkMap, FixedBuffer, Retain, Scope, Stats,
};
pub use drop_arena::{AnyValue, DropArena, SendDropArena, SendValue, Takes};
#[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
pub use frame::FrameAlloc;
pub use typed::{Drain, FrozenArena, FrozenIter, Id, IntoIter, IterMut, TypedArena};

/// The programs of the README are tested as documentation is.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
