//! Documents straight into an arena: what has a lifetime there, `&'a str` and `&'a [T]`, and the containers.
//!
//! `Deserialize` makes a value out of nothing but the input, so it can't make an `&'a str` in an arena.
//! [`DeserializeIn`] is told where: it is implemented for what can be in an arena, [`deserialize_in!`] writes it
//! for structs, and a [`Deserializer`] of any format takes it as a [`DeserializeSeed`], [`In`].
//!
//! ```
//! use arenula::Arena;
//! use arenula::serde::{DeserializeIn, deserialize_in};
//!
//! deserialize_in! {
//!     #[derive(Debug, PartialEq)]
//!     struct Person<'a> {
//!         name: &'a str,
//!         friends: &'a [Person<'a>] = &[],
//!     }
//! }
//!
//! let arena = Arena::new();
//! let json = r#"{"name": "Ada", "friends": [{"name": "Mary"}]}"#;
//! let ada = Person::deserialize_in(&arena, &mut serde_json::Deserializer::from_str(json)).unwrap();
//! assert_eq!(ada.friends, [Person { name: "Mary", friends: &[] }]);
//! ```
//!
//! # What can be made
//!
//! | type | from |
//! |---|---|
//! | numbers, `bool`, `char`, `()` | itself |
//! | `&'a str`, `&'a mut str`, `Box<str, &Arena>`, `Rc<str, &Arena>` | text, which is copied |
//! | `&'a [T]`, `&'a mut [T]`, `Box<[T], &Arena>`, `Rc<[T], &Arena>`, `Vec<T, &Arena>` | a sequence |
//! | `&'a T`, `&'a mut T`, `Box<T, &Arena>`, `Rc<T, &Arena>`, `Cell<T>`, `RefCell<T>` | a `T` |
//! | `Option<T>` | a `T` or nothing |
//! | tuples of up to 12, arrays | a sequence of just so many |
//! | `HashMap<K, V, S, &Arena>`, [`Pairs<'a, K, V>`](Pairs) | a map |
//! | `HashSet<T, S, &Arena>` | a sequence |
//! | [`Plain<T>`](Plain) | whatever a `T: Deserialize` is made of |
//!
//! In place of `&Arena` there may be `&Scope`: what a scope held when the document turned out to be wrong goes back
//! at its end. Destructors run as everywhere in an arena: those of boxes, vectors and maps do, those of what
//! is behind an `&'a` do not.
//!
//! To read further types, or one type from different things, implement [`DeserializeIn`] with a
//! [`Visitor`] of your own. What stands in a sequence or map can be handed to the types above by
//! [`SeqAccessDeserializer`](::serde::de::value::SeqAccessDeserializer) and
//! [`MapAccessDeserializer`](::serde::de::value::MapAccessDeserializer).
//!
//! # Input from strangers
//!
//! - What the input says of lengths reserves no memory, unless it is in proportion to what has been read: at most
//!   eight times as much.
//! - Where the arena's [limit](crate::Arena::set_limit) is reached, or there is no memory, there is an error. So
//!   set a limit for input that could be of any size.
//! - How deeply a document may be nested is for the deserializer to say, as with `Deserialize`: here each level
//!   takes stack, as there. `serde_json` has a limit of 128.
//! - An error leaves what was read before in the arena. Vectors and boxes among it give back what they have,
//!   if it is the last thing there; a [`Scope`](crate::Scope) gives all back.
//!
//! # The other way
//!
//! [`Rc`] and [`FrozenArena`](crate::FrozenArena) are `Serialize`, and so are the maps. `allocator-api2` has a feature
//! `serde` for its `Box` and `Vec`; it is not turned on here, since it needs the standard library. Without it,
//! slices are `Serialize`: `&*boxed`, `&vec[..]`.

mod containers;
mod macros;
mod rc;
mod slices;
mod string;

use core::cell::{Cell, RefCell};
use core::fmt;
use core::marker::PhantomData;
use core::num;
use core::ops::{Deref, DerefMut};

use ::serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use ::serde::ser::{Serialize, Serializer};

pub use crate::deserialize_in;
pub use containers::Pairs;
#[doc(hidden)]
pub use macros::__private;

#[cfg(doc)]
use crate::rc::Rc;

/// What can be made of a document in an arena.
///
/// `R` is how the arena is referred to: an `&Arena` or `&Scope`. Types without memory of their own are made
/// for any `R`, those that borrow from the arena for each [`ArenaRef<'a>`](crate::ArenaRef), and containers for the
/// `R` that is their allocator.
///
/// ```
/// use arenula::Arena;
/// use arenula::serde::DeserializeIn;
///
/// let arena = Arena::new();
/// let mut json = serde_json::Deserializer::from_str(r#"[["a", 1], ["b", 2]]"#);
/// let pairs: &[(&str, u8)] = DeserializeIn::deserialize_in(&arena, &mut json).unwrap();
/// assert_eq!(pairs, [("a", 1), ("b", 2)]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a document into an arena that is given as `{R}`",
    note = "for structs, `arenula::serde::deserialize_in!` writes this trait",
    note = "a type that is `Deserialize` can be read as `arenula::serde::Plain<{Self}>`",
    note = "a container's allocator must be just the `R` that it is read with"
)]
pub trait DeserializeIn<'de, R: Copy>: Sized {
    /// Reads a value into the arena.
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error>;

    /// What a struct's field of this type is if the input lacks it; an [`Option`] is then `None`.
    #[doc(hidden)]
    fn missing<E: Error>(field: &'static str) -> Result<Self, E> {
        Err(E::missing_field(field))
    }
}

/// A seed: the arena to read a `T` into.
///
/// ```
/// use arenula::Arena;
/// use arenula::serde::In;
/// use serde::de::DeserializeSeed;
///
/// let arena = Arena::new();
/// let mut json = serde_json::Deserializer::from_str("[1, 2]");
/// let numbers = In::<&[u8], _>::new(&arena).deserialize(&mut json).unwrap();
/// assert_eq!(numbers, [1, 2]);
/// ```
pub struct In<T, R> {
    arena: R,
    makes: PhantomData<fn() -> T>,
}

impl<T, R> In<T, R> {
    /// The seed of a `T` in this arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let seed = arenula::serde::In::<&str, _>::new(&arena);
    /// ```
    #[inline]
    pub const fn new(arena: R) -> Self {
        In {
            arena,
            makes: PhantomData,
        }
    }
}

impl<T, R: Copy> Clone for In<T, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R: Copy> Copy for In<T, R> {}

impl<T, R> fmt::Debug for In<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("In").finish_non_exhaustive()
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Copy> DeserializeSeed<'de> for In<T, R> {
    type Value = T;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize_in(self.arena, deserializer)
    }
}

/// The error of an arena that is full.
#[cold]
pub(crate) fn no_memory<E: Error>() -> E {
    E::custom("no memory left in the arena")
}

/// A value that is read without an arena, by its own `Deserialize`.
///
/// ```
/// use arenula::Arena;
/// use arenula::serde::{DeserializeIn, Plain};
///
/// let arena = Arena::new();
/// let mut json = serde_json::Deserializer::from_str(r#"["127.0.0.1"]"#);
/// let hosts: &[Plain<std::net::IpAddr>] = DeserializeIn::deserialize_in(&arena, &mut json).unwrap();
/// assert!(hosts[0].is_loopback());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Plain<T>(pub T);

impl<T> Deref for Plain<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Plain<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<'de, T: Deserialize<'de>, R: Copy> DeserializeIn<'de, R> for Plain<T> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(_: R, deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Plain)
    }
}

impl<T: Serialize> Serialize for Plain<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Types that need no arena.
macro_rules! plain {
    ($($type:ty)*) => {$(
        impl<'de, R: Copy> DeserializeIn<'de, R> for $type {
            #[inline]
            fn deserialize_in<D: Deserializer<'de>>(_: R, deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(deserializer)
            }
        }
    )*};
}

plain! {
    () bool char f32 f64
    u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize
    num::NonZero<u8> num::NonZero<u16> num::NonZero<u32> num::NonZero<u64> num::NonZero<u128>
    num::NonZero<usize>
    num::NonZero<i8> num::NonZero<i16> num::NonZero<i32> num::NonZero<i64> num::NonZero<i128>
    num::NonZero<isize>
    core::time::Duration
}

impl<'de, T: DeserializeIn<'de, R>, R: Copy> DeserializeIn<'de, R> for Cell<T> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        T::deserialize_in(arena, deserializer).map(Cell::new)
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Copy> DeserializeIn<'de, R> for RefCell<T> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        T::deserialize_in(arena, deserializer).map(RefCell::new)
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Copy> DeserializeIn<'de, R> for Option<T> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(OptionVisitor(In::new(arena)))
    }

    fn missing<E: Error>(_: &'static str) -> Result<Self, E> {
        Ok(None)
    }
}

struct OptionVisitor<T, R>(In<T, R>);

impl<'de, T: DeserializeIn<'de, R>, R: Copy> Visitor<'de> for OptionVisitor<T, R> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

/// The next value of a sequence that has `count` of them.
#[inline]
fn next_of<'de, T: DeserializeIn<'de, R>, R: Copy, S: SeqAccess<'de>>(
    seq: &mut S,
    arena: R,
    index: usize,
    expected: &dyn ::serde::de::Expected,
) -> Result<T, S::Error> {
    match seq.next_element_seed(In::new(arena))? {
        Some(value) => Ok(value),
        None => Err(S::Error::invalid_length(index, expected)),
    }
}

macro_rules! tuples {
    ($($count:literal: $($type:ident $index:literal)+;)*) => {$(
        impl<'de, R: Copy, $($type: DeserializeIn<'de, R>),+> DeserializeIn<'de, R> for ($($type,)+) {
            fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
                struct TupleVisitor<$($type,)+ R>(R, PhantomData<fn() -> ($($type,)+)>);
                impl<'de, R: Copy, $($type: DeserializeIn<'de, R>),+> Visitor<'de>
                    for TupleVisitor<$($type,)+ R>
                {
                    type Value = ($($type,)+);

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a tuple of size ", $count))
                    }

                    #[inline]
                    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
                        Ok(($(next_of::<$type, R, S>(&mut seq, self.0, $index, &self)?,)+))
                    }
                }
                deserializer.deserialize_tuple($count, TupleVisitor(arena, PhantomData))
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 E 3;
    5: A 0 B 1 C 2 E 3 F 4;
    6: A 0 B 1 C 2 E 3 F 4 G 5;
    7: A 0 B 1 C 2 E 3 F 4 G 5 H 6;
    8: A 0 B 1 C 2 E 3 F 4 G 5 H 6 I 7;
    9: A 0 B 1 C 2 E 3 F 4 G 5 H 6 I 7 J 8;
    10: A 0 B 1 C 2 E 3 F 4 G 5 H 6 I 7 J 8 K 9;
    11: A 0 B 1 C 2 E 3 F 4 G 5 H 6 I 7 J 8 K 9 L 10;
    12: A 0 B 1 C 2 E 3 F 4 G 5 H 6 I 7 J 8 K 9 L 10 M 11;
}

impl<'de, T: DeserializeIn<'de, R>, R: Copy, const N: usize> DeserializeIn<'de, R> for [T; N] {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        struct ArrayVisitor<T, R, const N: usize>(R, PhantomData<fn() -> T>);
        impl<'de, T: DeserializeIn<'de, R>, R: Copy, const N: usize> Visitor<'de>
            for ArrayVisitor<T, R, N>
        {
            type Value = [T; N];

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of length {N}")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<[T; N], S::Error> {
                // An array can't be left half way out of `from_fn`: so the values are kept as options.
                let mut failed = None;
                let values: [Option<T>; N] = core::array::from_fn(|index| {
                    if failed.is_some() {
                        return None;
                    }
                    match next_of::<T, R, S>(&mut seq, self.0, index, &self) {
                        Ok(value) => Some(value),
                        Err(error) => {
                            failed = Some(error);
                            None
                        }
                    }
                });
                match failed {
                    Some(error) => Err(error),
                    None => {
                        Ok(values.map(|value| value.expect("none is missing without an error")))
                    }
                }
            }
        }
        deserializer.deserialize_tuple(N, ArrayVisitor::<T, R, N>(arena, PhantomData))
    }
}
