//! Documents from strangers: whatever the bytes are, memory stays in proportion to their length, and what was read is what
//! was written. The global allocator is to be [`Counting`](crate::counting::Counting).

use arenula::intern::FrozenInterner;
use arenula::pool::{Handle, Slots};
use arenula::rc::Rc;
use arenula::serde::{DeserializeIn, Pairs, Plain, deserialize_in};
use arenula::string::String as ArenaString;
use arenula::{Arena, BytesInterner, Interner, Symbol};
use serde::Serialize;
use serde::de::value::Error as ValueError;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};

use crate::bytes::Bytes;
use crate::counting::most_bytes;

deserialize_in! {
    /// One of each, more or less.
    struct Tree<'a> in &'a Arena {
        name: &'a str = "",
        numbers: &'a [u32] = &[],
        wide: &'a mut [[u64; 4]] = &mut [],
        units: allocator_api2::vec::Vec<(), &'a Arena>,
        shared: Option<Rc<[Rc<str, &'a Arena>], &'a Arena>>,
        text: Option<ArenaString<&'a Arena>>,
        pairs: Pairs<'a, &'a str, Tree<'a>> = Pairs(&[]),
        children: allocator_api2::vec::Vec<Tree<'a>, &'a Arena>,
        boxed: Option<allocator_api2::boxed::Box<Tree<'a>, &'a Arena>>,
        map: Option<arenula::collections::HashMap<u16, &'a str, &'a Arena>>,
        set: Option<arenula::collections::HashSet<&'a str, &'a Arena>>,
        plain: Plain<std::option::Option<u8>> = Plain(None),
    }
}

/// What takes memory beside what was read: the first chunks and tables.
const FIRST: usize = 16 << 10;

/// How much memory a byte may take.
const EACH: usize = 1 << 10;

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let kind = bytes.next();
    let limit = bytes.one_in(4).then(|| bytes.size() * 4);
    let input = bytes.0;
    if kind % 2 == 0 {
        let mut json = serde_json::Deserializer::from_slice(input);
        read(kind / 2, limit, input.len(), &mut json);
    } else {
        let mut hostile = Hostile { input, depth: 0 };
        read(kind / 2, limit, input.len(), &mut hostile);
    }
}

/// Reads one of the types.
fn read<'de, D: Deserializer<'de>>(kind: u8, limit: Option<usize>, len: usize, deserializer: D) {
    match kind % 8 {
        0 | 1 => bounded(len, || {
            let arena = Arena::new();
            arena.set_limit(limit);
            let tree = Tree::deserialize_in(&arena, deserializer);
            assert!(arena.capacity() <= limit.unwrap_or(usize::MAX));
            if let Ok(tree) = tree {
                look(&tree);
            }
        }),
        2 => back_again::<Slots<u32>>(len, deserializer),
        3 => back_again::<Slots<(Handle<u8>, Symbol)>>(len, deserializer),
        4 => back_again::<Interner>(len, deserializer),
        5 => back_again::<BytesInterner>(len, deserializer),
        6 => back_again::<FrozenInterner>(len, deserializer),
        _ => bounded(len, || {
            let mut arena = Arena::new();
            arena.scope(|scope| {
                let nested = <&[&[(&str, char)]]>::deserialize_in(&*scope, deserializer);
                if let Ok(nested) = nested {
                    assert!(nested.iter().flat_map(|inner| inner.iter()).count() <= len);
                }
            });
            assert_eq!(arena.allocated_bytes(), 0);
        }),
    }
}

/// Runs `f`, which may take memory in proportion to `len`.
fn bounded<T>(len: usize, f: impl FnOnce() -> T) -> T {
    let (value, most) = most_bytes(f);
    assert!(
        most <= FIRST + EACH * len,
        "{most} bytes of memory for {len}"
    );
    value
}

/// Reads a value, and if there is one, writes it and reads it again.
fn back_again<'de, T: DeserializeOwned + Serialize>(
    len: usize,
    deserializer: impl Deserializer<'de>,
) {
    if let Ok(value) = bounded(len, || T::deserialize(deserializer)) {
        let json = serde_json::to_string(&value).unwrap();
        let again: T = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }
}

/// Looks at all that a tree has.
fn look(tree: &Tree<'_>) -> usize {
    let texts = (tree.pairs.iter().map(|(key, _)| *key))
        .chain(tree.map.iter().flat_map(|map| map.values().copied()))
        .chain(tree.set.iter().flatten().copied())
        .chain(
            tree.shared
                .iter()
                .flat_map(|shared| shared.iter().map(|text| &**text)),
        )
        .chain(tree.text.iter().map(|text| text.as_str()))
        .chain([tree.name]);
    let of_texts: usize = texts.map(|text| text.chars().count()).sum();
    let of_numbers = tree.numbers.iter().filter(|number| **number > 7).count()
        + tree
            .wide
            .iter()
            .flatten()
            .filter(|number| **number > 7)
            .count();
    let below = (tree.pairs.iter().map(|(_, tree)| tree)).chain(&tree.children);
    let below: usize = below
        .chain(tree.boxed.iter().map(|boxed| &**boxed))
        .map(look)
        .sum();
    of_texts + of_numbers + below + tree.units.len() + usize::from(tree.plain.is_some())
}

/// A format in which any bytes are a document, and that lies about lengths.
struct Hostile<'de> {
    input: &'de [u8],
    depth: usize,
}

/// As deep as `serde_json` goes.
const DEEPEST: usize = 128;

/// The byte that ends a sequence or map.
const END: u8 = 255;

impl<'de> Hostile<'de> {
    fn next(&mut self) -> Result<u8, ValueError> {
        let (&first, rest) = self
            .input
            .split_first()
            .ok_or_else(|| ValueError::custom("the end"))?;
        self.input = rest;
        Ok(first)
    }

    fn take(&mut self) -> Result<&'de [u8], ValueError> {
        let len = usize::from(self.next()? % 64).min(self.input.len());
        let (taken, rest) = self.input.split_at(len);
        self.input = rest;
        Ok(taken)
    }

    /// Lends itself for what is inside.
    fn inside<T>(
        &mut self,
        f: impl FnOnce(Items<'_, 'de>) -> Result<T, ValueError>,
    ) -> Result<T, ValueError> {
        if self.depth == DEEPEST {
            return Err(ValueError::custom("too deep"));
        }
        let says = match self.next()? % 8 {
            0 => None,
            1 => Some(0),
            2 => Some(1 << 16),
            3 => Some(1 << 40),
            4 => Some(usize::MAX),
            5 => Some(isize::MAX as usize),
            few => Some(usize::from(few)),
        };
        self.depth += 1;
        let value = f(Items { from: self, says });
        self.depth -= 1;
        value
    }
}

impl<'de> Deserializer<'de> for &mut Hostile<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.next()? % 16 {
            0 => visitor.visit_unit(),
            1 => visitor.visit_bool(true),
            2 | 3 => visitor.visit_u64(self.next()?.into()),
            4 => visitor.visit_u64(u64::MAX / (1 + u64::from(self.next()?))),
            5 => visitor.visit_i64(-i64::from(self.next()?)),
            6 => visitor.visit_char(char::from(self.next()?)),
            7 | 8 => visitor.visit_str(&String::from_utf8_lossy(self.take()?)),
            9 => match std::str::from_utf8(self.take()?) {
                Ok(text) => visitor.visit_borrowed_str(text),
                Err(error) => Err(ValueError::custom(error)),
            },
            10 => visitor.visit_borrowed_bytes(self.take()?),
            11..14 => self.inside(|items| visitor.visit_seq(items)),
            _ => self.inside(|items| visitor.visit_map(items)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.next()? % 4 {
            0 => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_u64((self.next()? % 13).into())
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum ignored_any
    }
}

/// What is in a sequence or map, of which it says that there is as much.
struct Items<'h, 'de> {
    from: &'h mut Hostile<'de>,
    says: Option<usize>,
}

impl<'de> Items<'_, 'de> {
    fn read<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ValueError> {
        match self.from.input.first() {
            None => Ok(None),
            Some(&END) => {
                self.from.next()?;
                Ok(None)
            }
            Some(_) => seed.deserialize(&mut *self.from).map(Some),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ValueError> {
        self.read(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.says
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = ValueError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ValueError> {
        self.read(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ValueError> {
        seed.deserialize(&mut *self.from)
    }

    fn size_hint(&self) -> Option<usize> {
        self.says
    }
}
