//! Containers that live in an arena: those of `allocator-api2` and `hashbrown`, which speak its trait.
//!
//! ```
//! use arenula::Arena;
//! use arenula::collections::{HashMap, Vec};
//!
//! let arena = Arena::new();
//! let mut lengths = HashMap::new_in(&arena);
//! for word in ["one", "two", "three"] {
//!     let words = lengths.entry(word.len()).or_insert_with(|| Vec::new_in(&arena));
//!     words.push(word);
//! }
//! assert_eq!(lengths[&3], ["one", "two"]);
//! ```

use allocator_api2::alloc::Global;

pub use allocator_api2::boxed::Box;
pub use allocator_api2::vec::Vec;

pub use crate::rc::{self, Rc};

/// `hashbrown`'s hash map, with its default hasher.
pub type HashMap<K, V, A = Global> = hashbrown::HashMap<K, V, hashbrown::DefaultHashBuilder, A>;

/// `hashbrown`'s hash set, with its default hasher.
pub type HashSet<K, A = Global> = hashbrown::HashSet<K, hashbrown::DefaultHashBuilder, A>;
