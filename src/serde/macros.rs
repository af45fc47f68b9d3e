//! What `deserialize_in!` writes.

/// Writes structs that are read from documents into an arena: the struct, and its [`DeserializeIn`].
///
/// Each field's type is one that is [`DeserializeIn`]. As with serde's `Deserialize`, fields that the struct does not
/// have are skipped, one that comes twice or is missing is an error, and a missing `Option` is `None`; formats
/// without names give the fields in their order.
///
/// ```
/// use arenula::Arena;
/// use arenula::serde::{DeserializeIn, deserialize_in};
///
/// deserialize_in! {
///     /// With a lifetime it borrows from the arena. There may be type parameters behind it.
///     #[derive(Debug)]
///     pub struct Event<'a, T> {
///         /// A name in the document that is none in Rust.
///         pub kind as "type": &'a str,
///         /// What it is if it is missing.
///         pub count: u32 = 1,
///         pub note: Option<&'a str>,
///         data: &'a [T],
///     }
/// }
///
/// deserialize_in! {
///     // Fields that the struct does not have are an error.
///     #![deny_unknown_fields]
///     struct Point {
///         x: f64,
///         y: f64,
///     }
/// }
///
/// let arena = Arena::new();
/// let json = r#"{"type": "line", "data": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}"#;
/// let event: Event<Point> =
///     DeserializeIn::deserialize_in(&arena, &mut serde_json::Deserializer::from_str(json)).unwrap();
/// assert_eq!((event.kind, event.count, event.note, event.data[1].x), ("line", 1, None, 3.0));
///
/// let json = r#"{"x": 1, "z": 2}"#;
/// let error = Point::deserialize_in(&arena, &mut serde_json::Deserializer::from_str(json)).err().unwrap();
/// assert!(error.to_string().starts_with("unknown field `z`, expected `x` or `y`"));
/// ```
///
/// A struct with containers, whose type names the arena, is read into an arena that is given as just that:
///
/// ```
/// use arenula::Arena;
/// use allocator_api2::vec::Vec;
/// use arenula::serde::{DeserializeIn, deserialize_in};
///
/// deserialize_in! {
///     struct Words<'a> in &'a Arena {
///         words: Vec<&'a str, &'a Arena>,
///     }
/// }
///
/// let arena = Arena::new();
/// let mut json = serde_json::Deserializer::from_str(r#"{"words": ["a"]}"#);
/// let mut read = Words::deserialize_in(&arena, &mut json).unwrap();
/// read.words.push("b");
/// assert_eq!(read.words, ["a", "b"]);
/// ```
///
/// [`DeserializeIn`]: crate::serde::DeserializeIn
#[macro_export]
macro_rules! deserialize_in {
    // Strict or not, then the generics, then the arena.
    (#![deny_unknown_fields] $($struct:tt)*) => {
        $crate::deserialize_in! { @struct [true] $($struct)* }
    };
    (@struct [$strict:literal]
        $(#[$meta:meta])* $vis:vis struct $name:ident
        $(<$first:lifetime $(, $param:ident)* $(,)?>)?
        { $($fields:tt)* }
    ) => {
        $crate::deserialize_in! { @write [$strict] [$(#[$meta])*] [$vis] $name
            [$(<$first $(, $param)*>)?]
            [$($first,)? '__de, $($($param: $crate::serde::DeserializeIn<'__de, __R>,)*)?
                __R: $($crate::ArenaRef<$first> +)? ::core::marker::Copy]
            [__R] { $($fields)* }
        }
    };
    (@struct [$strict:literal]
        $(#[$meta:meta])* $vis:vis struct $name:ident
        $(<$first:lifetime $(, $param:ident)* $(,)?>)?
        in $arena:ty { $($fields:tt)* }
    ) => {
        $crate::deserialize_in! { @write [$strict] [$(#[$meta])*] [$vis] $name
            [$(<$first $(, $param)*>)?]
            [$($first,)? '__de, $($($param: $crate::serde::DeserializeIn<'__de, $arena>,)*)?]
            [$arena] { $($fields)* }
        }
    };
    (@struct [$strict:literal]
        $(#[$meta:meta])* $vis:vis struct $name:ident
        <$($param:ident),+ $(,)?>
        { $($fields:tt)* }
    ) => {
        $crate::deserialize_in! { @write [$strict] [$(#[$meta])*] [$vis] $name
            [<$($param),+>]
            ['__de, $($param: $crate::serde::DeserializeIn<'__de, __R>,)+ __R: ::core::marker::Copy]
            [__R] { $($fields)* }
        }
    };
    (@write [$strict:literal] [$(#[$meta:meta])*] [$vis:vis] $name:ident
        [$($generics:tt)*] [$($parameters:tt)*] [$arena:ty] {
        $(
            $(#[$field_meta:meta])*
            $field_vis:vis $field:ident $(as $key:literal)? : $type:ty $(= $default:expr)?
        ),* $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name $($generics)* {
            $($(#[$field_meta])* $field_vis $field: $type,)*
        }

        const _: () = {
            const __FIELDS: &[&::core::primitive::str] =
                &[$($crate::deserialize_in!(@key $field $($key)?)),*];

            #[allow(non_camel_case_types, dead_code)]
            enum __Index {
                $($field,)*
            }

            struct __Visitor<__Value, __Arena>(__Arena, ::core::marker::PhantomData<fn() -> __Value>);

            impl<$($parameters)*> $crate::serde::__private::Visitor<'__de>
                for __Visitor<$name $($generics)*, $arena>
            {
                type Value = $name $($generics)*;

                fn expecting(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.write_str(::core::concat!("struct ", ::core::stringify!($name)))
                }

                #[inline]
                fn visit_seq<__S: $crate::serde::__private::SeqAccess<'__de>>(
                    self,
                    mut seq: __S,
                ) -> ::core::result::Result<Self::Value, __S::Error> {
                    $(
                        let $field: $type = match seq.next_element_seed($crate::serde::In::new(self.0))? {
                            ::core::option::Option::Some(value) => value,
                            ::core::option::Option::None => $crate::deserialize_in!(
                                @default ($crate::serde::__private::too_short(
                                    __Index::$field as ::core::primitive::usize,
                                    ::core::stringify!($name),
                                    __FIELDS.len(),
                                )?) $($default)?
                            ),
                        };
                    )*
                    let _ = &mut seq;
                    ::core::result::Result::Ok($name { $($field),* })
                }

                #[inline]
                fn visit_map<__M: $crate::serde::__private::MapAccess<'__de>>(
                    self,
                    mut map: __M,
                ) -> ::core::result::Result<Self::Value, __M::Error> {
                    $(let mut $field: ::core::option::Option<$type> = ::core::option::Option::None;)*
                    while let ::core::option::Option::Some(index) =
                        map.next_key_seed($crate::serde::__private::Key { names: __FIELDS, strict: $strict })?
                    {
                        $(
                            if index == __Index::$field as ::core::primitive::usize {
                                if $field.is_some() {
                                    return $crate::serde::__private::twice(__FIELDS[index]);
                                }
                                $field = ::core::option::Option::Some(
                                    map.next_value_seed($crate::serde::In::new(self.0))?,
                                );
                                continue;
                            }
                        )*
                        map.next_value::<$crate::serde::__private::IgnoredAny>()?;
                    }
                    $(
                        let $field: $type = match $field {
                            ::core::option::Option::Some(value) => value,
                            ::core::option::Option::None => $crate::deserialize_in!(
                                @default (<$type as $crate::serde::DeserializeIn<'__de, $arena>>::missing(
                                    $crate::deserialize_in!(@key $field $($key)?),
                                )?) $($default)?
                            ),
                        };
                    )*
                    ::core::result::Result::Ok($name { $($field),* })
                }
            }

            impl<$($parameters)*> $crate::serde::DeserializeIn<'__de, $arena>
                for $name $($generics)*
            {
                fn deserialize_in<__D: $crate::serde::__private::Deserializer<'__de>>(
                    arena: $arena,
                    deserializer: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    deserializer.deserialize_struct(
                        ::core::stringify!($name),
                        __FIELDS,
                        __Visitor::<Self, $arena>(arena, ::core::marker::PhantomData),
                    )
                }
            }
        };
    };
    (@key $field:ident) => {
        ::core::stringify!($field)
    };
    (@key $field:ident $key:literal) => {
        $key
    };
    (@default ($otherwise:expr)) => {
        $otherwise
    };
    (@default ($otherwise:expr) $default:expr) => {
        $default
    };
    (@$($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `struct Name<'a, T> { field: Type, .. }`: a lifetime at most, then type parameters without bounds"
        );
    };
    ($($struct:tt)*) => {
        $crate::deserialize_in! { @struct [false] $($struct)* }
    };
}

/// What the macro's code calls.
#[doc(hidden)]
pub mod __private {
    use core::fmt;

    use ::serde::de::{DeserializeSeed, Error};
    pub use ::serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

    /// Reads a field's name, or number, as its number; one that there is not is the number of fields.
    pub struct Key {
        pub names: &'static [&'static str],
        pub strict: bool,
    }

    impl<'de> DeserializeSeed<'de> for Key {
        type Value = usize;

        #[inline]
        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
            deserializer.deserialize_identifier(self)
        }
    }

    impl Visitor<'_> for Key {
        type Value = usize;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("field identifier")
        }

        fn visit_u64<E: Error>(self, index: u64) -> Result<usize, E> {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            Ok(index.min(self.names.len()))
        }

        #[inline]
        fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
            match self.names.iter().position(|known| *known == name) {
                Some(index) => Ok(index),
                None if self.strict => Err(E::unknown_field(name, self.names)),
                None => Ok(self.names.len()),
            }
        }

        fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<usize, E> {
            match core::str::from_utf8(name) {
                Ok(name) => self.visit_str(name),
                Err(_) if self.strict => Err(E::unknown_field("\u{FFFD}", self.names)),
                Err(_) => Ok(self.names.len()),
            }
        }
    }

    #[cold]
    pub fn twice<T, E: Error>(name: &'static str) -> Result<T, E> {
        Err(E::duplicate_field(name))
    }

    #[cold]
    pub fn too_short<T, E: Error>(index: usize, name: &str, fields: usize) -> Result<T, E> {
        let s = if fields == 1 { "" } else { "s" };
        let expected = alloc::format!("struct {name} with {fields} element{s}");
        Err(E::invalid_length(index, &expected.as_str()))
    }
}
