//! What interners can do as other collections do.

use core::fmt;
use core::hash::BuildHasher;
use core::marker::PhantomData;
use core::ops::Index;

use allocator_api2::alloc::{AllocError, Allocator};

use super::{InternerOf, Iter, Local, Memory, Symbol, Text};
use crate::arena::{Failure, or_fail};

impl<T: Text + ?Sized, S, M: Memory> Index<Symbol> for InternerOf<T, S, M> {
    type Output = T;

    /// # Panics
    ///
    /// If this interner has no text with that number.
    #[inline]
    fn index(&self, symbol: Symbol) -> &T {
        self.resolve(symbol)
    }
}

impl<T: Text + ?Sized, S, M: Memory> fmt::Debug for InternerOf<T, S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().fmt(f)
    }
}

/// All of the texts: whatever has them, as `&str` and `String` do.
impl<T: Text + ?Sized, S: BuildHasher, M: Memory, I: AsRef<T>> Extend<I> for InternerOf<T, S, M> {
    fn extend<Texts: IntoIterator<Item = I>>(&mut self, texts: Texts) {
        for text in texts {
            self.symbol(text.as_ref());
        }
    }
}

impl<T: Text + ?Sized, S: BuildHasher + Default, M: Memory, I: AsRef<T>> FromIterator<I>
    for InternerOf<T, S, M>
where
    M::Backing: Default,
{
    fn from_iter<Texts: IntoIterator<Item = I>>(texts: Texts) -> Self {
        let mut interner = Self::default();
        interner.extend(texts);
        interner
    }
}

impl<'a, T: Text + ?Sized, S, M: Memory> IntoIterator for &'a InternerOf<T, S, M> {
    type Item = (Symbol, &'a T);
    type IntoIter = Iter<'a, T, M>;

    fn into_iter(self) -> Iter<'a, T, M> {
        self.iter()
    }
}

impl<T: Text + ?Sized, S: Clone, A: Allocator + Clone> InternerOf<T, S, Local<A>> {
    /// A [clone](Clone), or an error where there is no such memory.
    ///
    /// ```
    /// let interner = <arenula::Interner>::from_iter(["a", "b"]);
    /// let copy = interner.try_clone().expect("there is memory");
    /// assert_eq!(copy.get_symbol("b"), interner.get_symbol("b"));
    /// ```
    pub fn try_clone(&self) -> Result<Self, AllocError> {
        Ok(self.copied()?)
    }

    fn copied(&self) -> Result<Self, Failure> {
        // Cloned before anything is read: either may use the interner (N4).
        let (hasher, backing) = (self.hasher.clone(), self.allocator().clone());
        Ok(InternerOf {
            // The texts are the same, and so of this kind (N8).
            memory: self.memory.copied(backing)?,
            hasher,
            texts: PhantomData,
        })
    }
}

/// The same texts with the same symbols, in memory of its own; static text is not copied. No text is hashed.
///
/// An interner for many threads can't be cloned while they add to it: share it, or
/// [`freeze`](InternerOf::freeze) it and clone that.
impl<T: Text + ?Sized, S: Clone, A: Allocator + Clone> Clone for InternerOf<T, S, Local<A>> {
    fn clone(&self) -> Self {
        or_fail(self.copied())
    }
}

/// Two interners are equal if they have the same texts with the same symbols, whatever they hash with.
impl<T: Text + ?Sized, S, A: Allocator> PartialEq for InternerOf<T, S, Local<A>> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Text + ?Sized, S, A: Allocator> Eq for InternerOf<T, S, Local<A>> {}
