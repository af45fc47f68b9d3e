//! Values that are shared. In a document each handle has a value of its own.

use core::fmt;

use ::serde::de::{Deserialize, Deserializer, Error, Visitor};
use ::serde::ser::{Serialize, Serializer};
use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

use super::{DeserializeIn, no_memory};
use crate::FrozenArena;
use crate::rc::Rc;

/// As what it holds: of handles that share a value, each says all of it.
impl<T: ?Sized + Serialize, A: Allocator> Serialize for Rc<T, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, A: Allocator + Default> Deserialize<'de> for Rc<T, A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Rc::try_new_in(T::deserialize(deserializer)?, A::default()).map_err(|_| no_memory())
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Allocator + Copy> DeserializeIn<'de, R> for Rc<T, R> {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        Rc::try_new_in(T::deserialize_in(arena, deserializer)?, arena).map_err(|_| no_memory())
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Allocator + Copy> DeserializeIn<'de, R> for Rc<[T], R> {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<T, R>::deserialize_in(arena, deserializer)?;
        Rc::try_from_iter_in(values, arena).map_err(|_| no_memory())
    }
}

impl<'de, R: Allocator + Copy> DeserializeIn<'de, R> for Rc<str, R> {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        struct Text<R>(R);
        impl<R: Allocator> Visitor<'_> for Text<R> {
            type Value = Rc<str, R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Rc<str, R>, E> {
                Rc::try_from_str_in(text, self.0).map_err(|_| no_memory())
            }
        }
        deserializer.deserialize_str(Text(arena))
    }
}

/// As a sequence of its values, in their order.
impl<T: Serialize, A: Allocator> Serialize for FrozenArena<T, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}
