//! Chapters to read: what the types of this crate ask of the compiler, and why.
//!
//! All programs in them are compiled when the crate is tested. Those that must not compile say so, and are
//! tested to fail for the reason that the text gives. Those that would read freed memory are not run.
//!
//! - [`variance`]: which lifetimes may be seen as shorter ones, what that has to do with arenas, and what the
//!   compiler asks before it lets a destructor run.
//! - `syntax_trees`: the design of a parser whose tree lies in an arena.
//! - `from_heap_to_arena`: how a tree of boxes becomes one in an arena, step by step. (Both with the feature
//!   `collections`.)

pub mod variance;

#[cfg(feature = "collections")]
#[doc = include_str!("../../docs/syntax_trees.md")]
pub mod syntax_trees {}

#[cfg(feature = "collections")]
#[doc = include_str!("../../docs/from_heap_to_arena.md")]
pub mod from_heap_to_arena {}
