//! Slots and handles in documents.
//!
//! Slots are a sequence: of each slot, in order, its generation, and after that its value if there is one (which is when the
//! generation is odd). So the input can neither name a slot twice nor one that is far away, and handles find
//! their values again.

use core::fmt;
use core::marker::PhantomData;

use ::serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use ::serde::ser::{Serialize, SerializeSeq, Serializer};

use allocator_api2::alloc::Allocator;

use super::rebuild::Rebuild;
use super::table::RETIRED;
use super::{Handle, Slots};
use crate::arena::Failure;

/// A pair of its index and its generation.
impl<T> Serialize for Handle<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.parts().serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Handle<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (index, generation) = <(u32, u32)>::deserialize(deserializer)?;
        Handle::from_bits(u64::from(index) << 32 | u64::from(generation)).ok_or_else(|| {
            D::Error::invalid_value(
                Unexpected::Unsigned(generation.into()),
                &"an odd generation",
            )
        })
    }
}

/// The generation of each slot, and its value if there is one.
impl<T: Serialize, A: Allocator> Serialize for Slots<T, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = self.entries().count() + self.len();
        let mut entries = serializer.serialize_seq(Some(count))?;
        for (generation, value) in self.entries() {
            entries.serialize_element(&generation)?;
            if let Some(value) = value {
                entries.serialize_element(value)?;
            }
        }
        entries.end()
    }
}

impl<'de, T: Deserialize<'de>, A: Allocator + Default> Deserialize<'de> for Slots<T, A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries(PhantomData))
    }
}

struct Entries<T, A>(PhantomData<(T, A)>);

impl<'de, T: Deserialize<'de>, A: Allocator + Default> Visitor<'de> for Entries<T, A> {
    type Value = Slots<T, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("generations, with a value after each odd one")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut entries: S) -> Result<Slots<T, A>, S::Error> {
        let mut slots = Rebuild::new(A::default());
        while let Some(generation) = entries.next_element::<u32>()? {
            if generation > RETIRED {
                let unexpected = Unexpected::Unsigned(generation.into());
                return Err(S::Error::invalid_value(unexpected, &"a generation"));
            }
            let value = if generation % 2 == 1 {
                let value = entries.next_element::<T>()?;
                Some(value.ok_or_else(|| S::Error::custom("a value is missing"))?)
            } else {
                None
            };
            slots.push(generation, value).map_err(|failure| {
                S::Error::custom(match failure {
                    Failure::TooLarge => "too many slots",
                    Failure::Memory(_) => "no memory for the slots",
                })
            })?;
        }
        Ok(slots.finish())
    }
}
