//! Chapters to read: what the types of this crate ask of the compiler, and why.
//!
//! All programs in them are compiled when the crate is tested. Those that must not compile say so, and are
//! tested to fail for the reason that the text gives. Those that would read freed memory are not run.
//!
//! - [`variance`]: which lifetimes may be seen as shorter ones, what that has to do with arenas, and what the
//!   compiler asks before it lets a destructor run.

pub mod variance;
