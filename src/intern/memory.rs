//! What an interner needs of its memory, whoever may use it.

use allocator_api2::alloc::Allocator;

use super::Symbol;
use super::block::Block;
use super::record::Source;
use crate::arena::Failure;

/// The memory of an interner: [`Local`](super::Local) for one thread, `Shared` for many.
///
/// It keeps bytes; that they are all of one kind of text is what its interner sees to.
pub trait Memory: sealed::Memory<From = Self::Backing> {
    /// Where the memory comes from.
    type Backing: Allocator;
}

pub(super) mod sealed {
    use super::*;

    /// A backing allocator, as only an interner hands it in: nobody else can make its memory, and so nobody else
    /// can call what follows.
    pub(in crate::intern) struct Given<A>(pub(in crate::intern) A);

    /// How the methods of interners do what they say.
    #[allow(
        private_interfaces,
        private_bounds,
        reason = "nobody can name this trait outside of the module"
    )]
    pub trait Memory: Sized {
        type From: Allocator;

        fn new(backing: Given<Self::From>) -> Self;

        /// The number of a text, and where it is kept, which is added if it is new.
        fn intern(&self, tag: u32, text: impl Source) -> Result<(usize, &[u8]), Failure>;

        /// The same of a text that is there.
        fn look_up(&self, tag: u32, text: &[u8]) -> Option<(usize, &[u8])>;

        /// The text of this symbol, if there is one.
        fn text(&self, symbol: Symbol) -> Option<&[u8]>;

        fn len(&self) -> usize;

        fn capacity(&self) -> usize;

        /// Makes room for `count` more texts with `bytes` bytes in all.
        fn reserve(&self, count: usize, bytes: usize) -> Result<(), Failure>;

        /// The bytes that were asked for and not given back.
        fn held(&self) -> usize;

        fn set_limit(&self, limit: Option<usize>);

        fn limit(&self) -> Option<usize>;

        /// Forgets all texts, and keeps the memory.
        fn reset(&mut self);

        /// A copy that is only read, in memory from the same allocator.
        fn frozen(&mut self) -> Result<Block, Failure>;

        /// Where the memory comes from.
        fn origin(&mut self) -> &Self::From;

        /// Forgets all texts, and gives back all memory, also if the backing allocator panics.
        fn release(&mut self);

        /// Gives back all memory, and hands out where it came from.
        fn into_backing(self) -> Self::From;
    }
}

impl<M: sealed::Memory> Memory for M {
    type Backing = M::From;
}
