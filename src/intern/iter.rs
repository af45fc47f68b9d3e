//! The texts of an interner, in order.

use core::fmt;
use core::marker::PhantomData;

use super::local::Local;
use super::memory::Memory;
use super::{Symbol, Text};

/// The symbols and texts of an [`InternerOf`](super::InternerOf), made by its [`iter`](super::InternerOf::iter).
///
/// ```
/// use arenula::Interner;
/// use arenula::intern::Iter;
///
/// let interner = <Interner>::from_iter(["a", "b"]);
/// let texts: Iter<'_, str> = interner.iter();
/// assert_eq!(texts.map(|(_, text)| text).collect::<String>(), "ab");
/// ```
pub struct Iter<'a, T: Text + ?Sized, M: Memory = Local> {
    memory: &'a M,
    index: usize,
    texts: PhantomData<&'a T>,
}

impl<'a, T: Text + ?Sized, M: Memory> Iter<'a, T, M> {
    /// # Safety
    ///
    /// The texts are of the kind `T`.
    #[inline(always)]
    pub(super) unsafe fn new(memory: &'a M) -> Self {
        Iter {
            memory,
            index: 0,
            texts: PhantomData,
        }
    }
}

impl<'a, T: Text + ?Sized, M: Memory> Iterator for Iter<'a, T, M> {
    type Item = (Symbol, &'a T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: as many texts as that were there, which is less than there are symbols (N2).
        let symbol = unsafe { Symbol::new(self.index) };
        let bytes = self.memory.text(symbol)?;
        self.index += 1;
        // SAFETY: it is of this kind, as promised to `new`.
        Some((symbol, unsafe { T::from_bytes(bytes) }))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        // More may be added, but none will be gone.
        (self.memory.len() - self.index, None)
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        let skipped = n.min(self.memory.len() - self.index);
        self.index += skipped;
        // Others may be added just now, and each is one of those that are passed over.
        for _ in skipped..n {
            self.next()?;
        }
        self.next()
    }
}

impl<T: Text + ?Sized, M: Memory> Clone for Iter<'_, T, M> {
    fn clone(&self) -> Self {
        Iter { ..*self }
    }
}

impl<T: Text + ?Sized, M: Memory> fmt::Debug for Iter<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}
