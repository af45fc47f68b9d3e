//! Interners in documents: their texts, in order, so that symbols mean the same afterwards.

use core::fmt;
use core::hash::BuildHasher;

use ::serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Unexpected, Visitor,
};
use ::serde::ser::{Serialize, SerializeSeq, Serializer};
use allocator_api2::alloc::{Allocator, Global};

use super::frozen::FrozenInternerOf;
use super::interner::InternerOf;
use super::local::Local;
use super::memory::Memory;
use super::{Symbol, Text};

/// A [`Symbol`] is its index.
impl Serialize for Symbol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.index() as u32)
    }
}

impl<'de> Deserialize<'de> for Symbol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let index = u32::deserialize(deserializer)?;
        Symbol::from_index(index as usize).ok_or_else(|| {
            D::Error::invalid_value(Unexpected::Unsigned(index.into()), &"the index of a symbol")
        })
    }
}

/// A text as a format has it.
struct Plain<'t, T: ?Sized>(&'t T);

impl<T: Text + ?Sized> Serialize for Plain<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_text(serializer)
    }
}

/// Writes a sequence of texts, of which there are `len` or more.
fn serialize_all<'t, T: Text + ?Sized + 't, S: Serializer>(
    serializer: S,
    len: usize,
    texts: impl Iterator<Item = (Symbol, &'t T)>,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(len))?;
    // More may have been added since.
    for (_, text) in texts.take(len) {
        sequence.serialize_element(&Plain(text))?;
    }
    sequence.end()
}

/// A sequence of the texts in order.
impl<T: Text + ?Sized, H, M: Memory> Serialize for InternerOf<T, H, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_all(serializer, self.len(), self.iter())
    }
}

/// A sequence of the texts in order.
impl<T: Text + ?Sized, H, A: Allocator> Serialize for FrozenInternerOf<T, H, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_all(serializer, self.len(), self.iter())
    }
}

/// A sequence of texts, of which none comes twice. What it says of its length reserves nothing.
impl<'de, T, H, M> Deserialize<'de> for InternerOf<T, H, M>
where
    T: Text + ?Sized,
    H: BuildHasher + Default,
    M: Memory<Backing = Global>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let interner = Self::default();
        deserializer.deserialize_seq(All(&interner))?;
        Ok(interner)
    }
}

/// As an interner.
impl<'de, T, H> Deserialize<'de> for FrozenInternerOf<T, H, Global>
where
    T: Text + ?Sized,
    H: BuildHasher + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let interner = InternerOf::<T, H, Local>::deserialize(deserializer)?;
        interner.try_freeze().map_err(|_| no_memory())
    }
}

fn no_memory<E: Error>() -> E {
    E::custom("no memory for the texts, or no symbol")
}

/// All texts of a sequence.
struct All<'i, T: Text + ?Sized, H, M: Memory>(&'i InternerOf<T, H, M>);

impl<'de, T: Text + ?Sized, H: BuildHasher, M: Memory> Visitor<'de> for All<'_, T, H, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence of texts, each once")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<(), S::Error> {
        let mut count = 0;
        while sequence.next_element_seed(One(self.0))?.is_some() {
            count += 1;
            if self.0.len() != count {
                return Err(S::Error::custom(format_args!(
                    "text {} of an interner comes twice",
                    count - 1
                )));
            }
        }
        Ok(())
    }
}

/// One text, which goes into the interner without another copy.
struct One<'i, T: Text + ?Sized, H, M: Memory>(&'i InternerOf<T, H, M>);

impl<'de, T: Text + ?Sized, H: BuildHasher, M: Memory> DeserializeSeed<'de> for One<'_, T, H, M> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::deserialize_text(deserializer, |text| self.0.try_symbol(text).is_ok())
    }
}

/// How each kind of text is written and read.
pub trait InDocuments {
    fn serialize_text<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a text, and hands it on; it is an error if that answers no.
    fn deserialize_text<'de, D: Deserializer<'de>>(
        deserializer: D,
        take: impl FnOnce(&Self) -> bool,
    ) -> Result<(), D::Error>;
}

fn taken<E: Error>(is_taken: bool) -> Result<(), E> {
    if is_taken { Ok(()) } else { Err(no_memory()) }
}

impl InDocuments for str {
    fn serialize_text<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }

    fn deserialize_text<'de, D: Deserializer<'de>>(
        deserializer: D,
        take: impl FnOnce(&str) -> bool,
    ) -> Result<(), D::Error> {
        struct Str<F>(F);
        impl<F: FnOnce(&str) -> bool> Visitor<'_> for Str<F> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
                taken(self.0(text))
            }
        }
        deserializer.deserialize_str(Str(take))
    }
}

impl InDocuments for [u8] {
    fn serialize_text<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self)
    }

    fn deserialize_text<'de, D: Deserializer<'de>>(
        deserializer: D,
        take: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), D::Error> {
        struct Bytes<F>(F);
        impl<'de, F: FnOnce(&[u8]) -> bool> Visitor<'de> for Bytes<F> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
                taken(self.0(bytes))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
                taken(self.0(text.as_bytes()))
            }

            // Formats without bytes have them so.
            fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<(), S::Error> {
                let mut bytes = alloc::vec::Vec::new();
                while let Some(byte) = sequence.next_element()? {
                    bytes.try_reserve(1).map_err(|_| no_memory())?;
                    bytes.push(byte);
                }
                taken(self.0(&bytes))
            }
        }
        deserializer.deserialize_bytes(Bytes(take))
    }
}
