//! Numbers for texts.

use core::fmt;
use core::num::NonZeroU32;

/// The number of a text in an interner: four bytes, and `Option<Symbol>` has no more.
///
/// Numbers are given from 0 on, without gaps, in the order of first sight: so they can index a vector of what
/// is known of the texts. Two symbols of one interner are equal just if their texts are.
///
/// ```
/// use arenula::{Interner, Symbol};
///
/// let interner = Interner::new();
/// let symbols: [Symbol; 3] = ["let", "mut", "let"].map(|text| interner.symbol(text));
/// assert_eq!(symbols.map(Symbol::index), [0, 1, 0]);
/// assert_eq!(size_of::<Option<Symbol>>(), 4);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Symbol(
    /// One more than the index.
    NonZeroU32,
);

impl Symbol {
    /// The symbol with this index, if it is not larger than that of any symbol.
    ///
    /// Whether an interner has a text of that number is another question: one that has none says so.
    ///
    /// ```
    /// use arenula::{Interner, Symbol};
    ///
    /// let interner = Interner::new();
    /// let symbol = interner.symbol("text");
    /// assert_eq!(Symbol::from_index(0), Some(symbol));
    /// assert_eq!(Symbol::from_index(usize::MAX), None);
    /// assert_eq!(interner.get_text(Symbol::from_index(1).unwrap()), None);
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_index(index: usize) -> Option<Self> {
        if index >= u32::MAX as usize {
            return None;
        }
        match NonZeroU32::new(index as u32 + 1) {
            Some(number) => Some(Symbol(number)),
            None => None,
        }
    }

    /// # Safety
    ///
    /// The index is less than `u32::MAX`.
    #[inline(always)]
    pub(super) unsafe fn new(index: usize) -> Self {
        debug_assert!(index < u32::MAX as usize);
        // SAFETY: as promised, so that one more is not 0.
        Symbol(unsafe { NonZeroU32::new_unchecked(index as u32 + 1) })
    }

    /// One more than the index.
    #[inline(always)]
    pub(super) fn number(self) -> usize {
        self.0.get() as usize
    }

    /// How many texts were there before.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.symbol("a").index(), 0);
    /// assert_eq!(interner.symbol("b").index(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Symbol({})", self.index())
    }
}

#[cold]
#[inline(never)]
pub(super) fn no_such_text(symbol: Symbol, len: usize) -> ! {
    panic!("{symbol:?} is not of this interner, which holds {len} texts")
}
