//! How an interner becomes one that is only read.

use core::hash::BuildHasher;

use super::block::Block;
use super::{FrozenInternerOf, InternerOf, Memory, Text};
use crate::arena::or_fail;

impl<T: Text + ?Sized, S: BuildHasher, M: Memory> InternerOf<T, S, M> {
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
