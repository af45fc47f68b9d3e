//! Chapters to read: what to take when, how it fits together, and what the types ask of the compiler.
//!
//! All programs in them are compiled when the crate is tested. Those that must not compile say so, and are
//! tested to fail for the reason that the text gives. Those that would read freed memory are not run.
//!
//! - [`choosing`]: which arena when, in one table, with the reason, a program and the price of each.
//! - [`patterns`]: texts, builders, copy on write, graphs, errors, recursion, layout.
//! - [`frames`]: frames in servers; what it means that a value escapes.
//! - [`threads`]: arenas for several threads, which of them is cheapest when, and what can't be sent.
//! - [`costs`]: instructions, bytes, growth, limits, platforms.
//! - [`migrating`]: from `bumpalo`, `typed-arena`, `slotmap`, `lasso`, `string-interner`.
//! - [`variance`]: which lifetimes may be seen as shorter ones, what that has to do with arenas, and what the
//!   compiler asks before it lets a destructor run.

// Programs may use all that is there by default; what is written around them is always there.
macro_rules! chapters {
    ($($name:ident)*) => {$(
        #[cfg(any(
            not(doctest),
            all(feature = "frame", feature = "collections", target_has_atomic = "64")
        ))]
        pub mod $name;
    )*};
}

chapters! { choosing costs frames migrating patterns threads }
pub mod variance;
