//! Text that can still be changed.

use ::serde::de::{Deserialize, Deserializer};
use ::serde::ser::{Serialize, Serializer};
use allocator_api2::alloc::Allocator;
use allocator_api2::boxed::Box;

use super::DeserializeIn;
use crate::string::String;

impl<A: Allocator> Serialize for String<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// As a box of text, whose block the string goes on with.
impl<'de, R: Allocator + Copy> DeserializeIn<'de, R> for String<R> {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        Ok(Box::<str, R>::deserialize_in(arena, deserializer)?.into())
    }
}

impl<'de, A: Allocator + Copy + Default> Deserialize<'de> for String<A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_in(A::default(), deserializer)
    }
}
