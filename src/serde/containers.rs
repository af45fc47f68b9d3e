//! Maps and sets.

use core::fmt;
#[cfg(feature = "collections")]
use core::marker::PhantomData;
use core::ops::Deref;

use ::serde::de::{Deserializer, MapAccess, Visitor};
use ::serde::ser::{Serialize, Serializer};

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

use super::slices::{Source, gather, release};
use super::{DeserializeIn, In};
use crate::ArenaRef;

/// The entries of a map, as they come: a slice in the arena. Where keys may be given twice, both entries are there.
///
/// ```
/// use arenula::Arena;
/// use arenula::serde::{DeserializeIn, Pairs};
///
/// let arena = Arena::new();
/// let mut json = serde_json::Deserializer::from_str(r#"{"b": 1, "a": 2}"#);
/// let entries: Pairs<&str, u8> = DeserializeIn::deserialize_in(&arena, &mut json).unwrap();
/// assert_eq!(*entries, [("b", 1), ("a", 2)]);
/// assert_eq!(serde_json::to_string(&entries).unwrap(), r#"{"b":1,"a":2}"#);
/// ```
pub struct Pairs<'a, K, V>(pub &'a [(K, V)]);

impl<K, V> Clone for Pairs<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Pairs<'_, K, V> {}

impl<K, V> Default for Pairs<'_, K, V> {
    fn default() -> Self {
        Pairs(&[])
    }
}

impl<K, V> Deref for Pairs<'_, K, V> {
    type Target = [(K, V)];

    fn deref(&self) -> &[(K, V)] {
        self.0
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Pairs<'_, K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq, V: Eq> Eq for Pairs<'_, K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Pairs<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter().map(|(key, value)| (key, value));
        f.debug_map().entries(entries).finish()
    }
}

impl<K: Serialize, V: Serialize> Serialize for Pairs<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'a, 'de, K, V, R> DeserializeIn<'de, R> for Pairs<'a, K, V>
where
    K: DeserializeIn<'de, R>,
    V: DeserializeIn<'de, R>,
    R: ArenaRef<'a> + Copy,
{
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        let entries = deserializer.deserialize_map(Entries(In::<(K, V), R>::new(arena)))?;
        Ok(Pairs(release(entries.into_boxed_slice())))
    }
}

/// Reads a map as a sequence of pairs.
struct Entries<K, V, R>(In<(K, V), R>);

impl<'de, K, V, R> Visitor<'de> for Entries<K, V, R>
where
    K: DeserializeIn<'de, R>,
    V: DeserializeIn<'de, R>,
    R: Allocator + Copy,
{
    type Value = Vec<(K, V), R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    #[inline]
    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        gather(self.0.arena, EntrySource(map))
    }
}

struct EntrySource<M>(M);

impl<'de, K, V, R, M> Source<'de, (K, V), R> for EntrySource<M>
where
    K: DeserializeIn<'de, R>,
    V: DeserializeIn<'de, R>,
    R: Copy,
    M: MapAccess<'de>,
{
    type Error = M::Error;

    #[inline(always)]
    fn next(&mut self, arena: R) -> Result<Option<(K, V)>, M::Error> {
        self.0.next_entry_seed(In::new(arena), In::new(arena))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

#[cfg(feature = "collections")]
mod hash {
    use core::hash::{BuildHasher, Hash};

    use ::serde::de::SeqAccess;
    use hashbrown::{HashMap, HashSet};

    use super::super::no_memory;
    use super::*;

    impl<'de, K, V, H, R> DeserializeIn<'de, R> for HashMap<K, V, H, R>
    where
        K: DeserializeIn<'de, R> + Eq + Hash,
        V: DeserializeIn<'de, R>,
        H: BuildHasher + Default,
        R: Allocator + Copy,
    {
        fn deserialize_in<D: Deserializer<'de>>(
            arena: R,
            deserializer: D,
        ) -> Result<Self, D::Error> {
            deserializer.deserialize_map(MapVisitor(arena, PhantomData))
        }
    }

    struct MapVisitor<K, V, H, R>(R, PhantomData<(K, V, H)>);

    impl<'de, K, V, H, R> Visitor<'de> for MapVisitor<K, V, H, R>
    where
        K: DeserializeIn<'de, R> + Eq + Hash,
        V: DeserializeIn<'de, R>,
        H: BuildHasher + Default,
        R: Allocator + Copy,
    {
        type Value = HashMap<K, V, H, R>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut values = HashMap::with_hasher_in(H::default(), self.0);
            let seeds = (In::<K, R>::new(self.0), In::<V, R>::new(self.0));
            while let Some((key, value)) = map.next_entry_seed(seeds.0, seeds.1)? {
                values.try_reserve(1).map_err(|_| no_memory())?;
                values.insert(key, value);
            }
            Ok(values)
        }
    }

    impl<'de, T, H, R> DeserializeIn<'de, R> for HashSet<T, H, R>
    where
        T: DeserializeIn<'de, R> + Eq + Hash,
        H: BuildHasher + Default,
        R: Allocator + Copy,
    {
        fn deserialize_in<D: Deserializer<'de>>(
            arena: R,
            deserializer: D,
        ) -> Result<Self, D::Error> {
            deserializer.deserialize_seq(SetVisitor(arena, PhantomData))
        }
    }

    struct SetVisitor<T, H, R>(R, PhantomData<(T, H)>);

    impl<'de, T, H, R> Visitor<'de> for SetVisitor<T, H, R>
    where
        T: DeserializeIn<'de, R> + Eq + Hash,
        H: BuildHasher + Default,
        R: Allocator + Copy,
    {
        type Value = HashSet<T, H, R>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
            let mut values = HashSet::with_hasher_in(H::default(), self.0);
            while let Some(value) = seq.next_element_seed(In::<T, R>::new(self.0))? {
                values.try_reserve(1).map_err(|_| no_memory())?;
                values.insert(value);
            }
            Ok(values)
        }
    }
}
