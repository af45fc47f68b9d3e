//! Short forms: `arena.vec()` for `Vec::new_in(&arena)`.

use allocator_api2::alloc::Allocator;

use crate::{Arena, Scope};

/// Writes the short forms. Not through the family of what lends: a container holds its allocator, and that
/// of a scope is a borrow of the `Scope`, by which it is gone before an inner scope begins.
macro_rules! short_forms {
    () => {
        /// An empty vector in this arena. Allocates nothing yet.
        ///
        /// ```
        /// use arenula::Arena;
        ///
        /// let mut arena = Arena::new();
        /// arena.scope(|s| {
        ///     let mut numbers = s.vec();
        ///     numbers.push(1);
        ///     assert_eq!(numbers, [1]);
        /// });
        /// let mut numbers = arena.vec();
        /// numbers.push(2);
        /// assert_eq!(numbers, [2]);
        /// ```
        #[inline]
        pub fn vec<T>(&self) -> $crate::vec::Vec<T, &Self> {
            $crate::vec::Vec::new_in(self)
        }

        /// An empty string in this arena. Allocates nothing yet.
        ///
        /// ```
        /// let arena = arenula::Arena::new();
        /// let mut name = arena.string();
        /// name.push_str("Ada");
        /// assert_eq!(name, "Ada");
        /// ```
        #[inline]
        pub fn string(&self) -> $crate::string::String<&Self> {
            $crate::string::String::new_in(self)
        }

        /// An empty hash map in this arena. Allocates nothing yet.
        ///
        /// ```
        /// let arena = arenula::Arena::new();
        /// let mut ages = arena.hash_map();
        /// ages.insert("Ada", 36);
        /// assert_eq!(ages["Ada"], 36);
        /// ```
        #[cfg(feature = "collections")]
        #[inline]
        pub fn hash_map<K, V>(&self) -> $crate::collections::HashMap<K, V, &Self> {
            $crate::collections::HashMap::new_in(self)
        }

        /// An empty hash set in this arena. Allocates nothing yet.
        ///
        /// ```
        /// let arena = arenula::Arena::new();
        /// let mut seen = arena.hash_set();
        /// assert!(seen.insert("Ada"));
        /// assert!(!seen.insert("Ada"));
        /// ```
        #[cfg(feature = "collections")]
        #[inline]
        pub fn hash_set<K>(&self) -> $crate::collections::HashSet<K, &Self> {
            $crate::collections::HashSet::with_hasher_in(Default::default(), self)
        }
    };
}

#[cfg(all(feature = "std", target_has_atomic = "64", not(loom)))]
pub(crate) use short_forms;

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    short_forms!();
}

/// Containers whose allocator is a borrow of the scope; frozen, they live until its end.
impl<const MIN_ALIGN: usize, A: Allocator> Scope<'_, MIN_ALIGN, A> {
    short_forms!();
}
