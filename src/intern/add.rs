//! Texts go into an interner, and are found there.

use core::hash::BuildHasher;

use allocator_api2::alloc::AllocError;

use super::record::{Copied, Lent, Source};
use super::{InternerOf, Memory, Symbol, Text, tag_of};
use crate::arena::{Failure, or_fail};

impl<T: Text + ?Sized, S: BuildHasher, M: Memory> InternerOf<T, S, M> {
    /// Adds a text if it is new: the one body of all methods that do.
    #[inline(always)]
    fn add(&self, text: impl Source) -> Result<(Symbol, &T), Failure> {
        // Hashed before anything is read: the hasher may use the interner (N4).
        let tag = tag_of(&self.hasher, text.bytes());
        let (index, bytes) = self.memory.intern(tag, text)?;
        // SAFETY: the number is that of a text (N2), which is of this kind (N8): either the caller's is, or it
        // consists of the same bytes (N8).
        Ok(unsafe { (Symbol::new(index), T::from_bytes(bytes)) })
    }

    #[inline(always)]
    fn look_up(&self, text: &T) -> Option<(Symbol, &T)> {
        let tag = tag_of(&self.hasher, text.as_bytes());
        let (index, bytes) = self.memory.look_up(tag, text.as_bytes())?;
        // SAFETY: as above.
        Some(unsafe { (Symbol::new(index), T::from_bytes(bytes)) })
    }

    /// The text as it is kept here: copied when it is seen for the first time.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let text = interner.intern("text");
    /// assert!(std::ptr::eq(text, interner.intern("text")));
    /// ```
    ///
    /// # Panics
    ///
    /// If there are some three thousand millions of texts: more than an index can have.
    #[inline]
    pub fn intern(&self, text: &T) -> &T {
        or_fail(self.add(Copied(text.as_bytes()))).1
    }

    /// [`intern`](InternerOf::intern), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_intern("text"), Ok("text"));
    /// interner.set_limit(Some(0));
    /// assert!(interner.try_intern(&"another".repeat(1000)).is_err());
    /// assert_eq!(interner.try_intern("text"), Ok("text"));
    /// ```
    #[inline]
    pub fn try_intern(&self, text: &T) -> Result<&T, AllocError> {
        Ok(self.add(Copied(text.as_bytes()))?.1)
    }

    /// [`intern`](InternerOf::intern) for what lives long enough, and is not copied: if it is seen for the first time,
    /// the text is kept where it is.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let keyword = "fn";
    /// assert!(std::ptr::eq(interner.intern_static(keyword), keyword));
    /// assert!(std::ptr::eq(interner.intern(&String::from("fn")), keyword));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`intern`](InternerOf::intern).
    #[inline]
    pub fn intern_static(&self, text: &'static T) -> &T {
        or_fail(self.add(Lent(text.as_bytes()))).1
    }

    /// [`intern_static`](InternerOf::intern_static), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_intern_static("fn"), Ok("fn"));
    /// ```
    #[inline]
    pub fn try_intern_static(&self, text: &'static T) -> Result<&T, AllocError> {
        Ok(self.add(Lent(text.as_bytes()))?.1)
    }

    /// The symbol of a text, which is copied when it is seen for the first time.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.symbol("text"), interner.symbol("text"));
    /// assert_ne!(interner.symbol("text"), interner.symbol("other text"));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`intern`](InternerOf::intern).
    #[inline]
    pub fn symbol(&self, text: &T) -> Symbol {
        or_fail(self.add(Copied(text.as_bytes()))).0
    }

    /// [`symbol`](InternerOf::symbol), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_symbol("text").unwrap().index(), 0);
    /// ```
    #[inline]
    pub fn try_symbol(&self, text: &T) -> Result<Symbol, AllocError> {
        Ok(self.add(Copied(text.as_bytes()))?.0)
    }

    /// [`symbol`](InternerOf::symbol) for what lives long enough, and is not copied.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let keywords = ["fn", "let"].map(|keyword| interner.symbol_static(keyword));
    /// assert_eq!(interner.symbol("let"), keywords[1]);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`intern`](InternerOf::intern).
    #[inline]
    pub fn symbol_static(&self, text: &'static T) -> Symbol {
        or_fail(self.add(Lent(text.as_bytes()))).0
    }

    /// [`symbol_static`](InternerOf::symbol_static), or an error where there is no memory or no further symbol.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// assert_eq!(interner.try_symbol_static("fn").unwrap().index(), 0);
    /// ```
    #[inline]
    pub fn try_symbol_static(&self, text: &'static T) -> Result<Symbol, AllocError> {
        Ok(self.add(Lent(text.as_bytes()))?.0)
    }

    /// The text as it is kept here, if it is.
    ///
    /// ```
    /// let interner = <arenula::Interner>::from_iter(["text"]);
    /// assert_eq!(interner.get("text"), Some("text"));
    /// assert_eq!(interner.get("other text"), None);
    /// ```
    #[inline]
    pub fn get(&self, text: &T) -> Option<&T> {
        Some(self.look_up(text)?.1)
    }

    /// The symbol of a text, if it is kept here.
    ///
    /// ```
    /// let interner = arenula::Interner::new();
    /// let symbol = interner.symbol("text");
    /// assert_eq!(interner.get_symbol("text"), Some(symbol));
    /// assert_eq!(interner.get_symbol("other text"), None);
    /// ```
    #[inline]
    pub fn get_symbol(&self, text: &T) -> Option<Symbol> {
        Some(self.look_up(text)?.0)
    }
}
