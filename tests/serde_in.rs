//! Documents into an arena: right ones, wrong ones, and deserializers that mean harm.
#![cfg(feature = "serde")]
#![allow(non_snake_case, reason = "names that the macro uses itself")]

mod support;

use std::cell::Cell;
use std::fmt;

use allocator_api2::boxed::Box as ArenaBox;
use allocator_api2::vec::Vec as ArenaVec;
use arenula::rc::Rc;
use arenula::serde::{DeserializeIn, In, Pairs, Plain, deserialize_in};
use arenula::{Arena, FrozenArena, Scope};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::value::{Error as ValueError, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde_json::json;
use support::properties::properties;
use support::values::{Log, Panicking, Tracked};
use support::{Watch, Watched, panics, until_there_is_memory};

fn read<'de, R: Copy, T: DeserializeIn<'de, R>>(
    arena: R,
    json: &'de str,
) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = T::deserialize_in(arena, &mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// What JSON can say, in an arena.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(&'a str),
    Array(&'a [Value<'a>]),
    Object(Pairs<'a, &'a str, Value<'a>>),
}

impl<'a, 'de, R: arenula::ArenaRef<'a> + Copy> DeserializeIn<'de, R> for Value<'a> {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor<'a, R>(R, std::marker::PhantomData<&'a ()>);
        impl<'a, 'de, R: arenula::ArenaRef<'a> + Copy> Visitor<'de> for ValueVisitor<'a, R> {
            type Value = Value<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }
            fn visit_unit<E: Error>(self) -> Result<Value<'a>, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Value<'a>, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Value<'a>, E> {
                Ok(Value::Integer(value))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Value<'a>, E> {
                Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Integer))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Value<'a>, E> {
                Ok(Value::Float(value))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Value<'a>, E> {
                DeserializeIn::deserialize_in(self.0, text.into_deserializer()).map(Value::Text)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<Value<'a>, S::Error> {
                let seq = SeqAccessDeserializer::new(seq);
                DeserializeIn::deserialize_in(self.0, seq).map(Value::Array)
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Value<'a>, M::Error> {
                let map = MapAccessDeserializer::new(map);
                DeserializeIn::deserialize_in(self.0, map).map(Value::Object)
            }
        }
        deserializer.deserialize_any(ValueVisitor(arena, std::marker::PhantomData))
    }
}

impl PartialEq<serde_json::Value> for Value<'_> {
    fn eq(&self, other: &serde_json::Value) -> bool {
        use serde_json::Value as Other;
        match (self, other) {
            (Value::Null, Other::Null) => true,
            (Value::Bool(a), Other::Bool(b)) => a == b,
            (Value::Integer(a), Other::Number(b)) => Some(*a) == b.as_i64(),
            (Value::Float(a), Other::Number(b)) => Some(*a) == b.as_f64(),
            (Value::Text(a), Other::String(b)) => a == b,
            (Value::Array(a), Other::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
            }
            (Value::Object(a), Other::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| b.get(*key).is_some_and(|b| a == b))
            }
            _ => false,
        }
    }
}

fn documents() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        (-1000..1000i32).prop_map(|n| json!(f64::from(n) / 8.0)),
        ".{0,40}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(5, 300, 60, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..60).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..20)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn a_tree_in_the_arena_is_the_document(document in documents(), cut in any::<prop::sample::Index>(), limit in 0..5000usize) {
        let text = document.to_string();
        let mut arena = Arena::new();
        let tree: Value = read(&arena, &text).unwrap();
        assert!(tree == document);
        arena.reset();
        // Cut off, it is an error, unless what is left is a number.
        let end = (0..=cut.index(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap();
        let expected = serde_json::from_str::<serde_json::Value>(&text[..end]).is_ok();
        assert_eq!(read::<_, Value>(&arena, &text[..end]).is_ok(), expected);
        // Where the limit is too low, there is an error as well.
        let small = Arena::new();
        small.set_limit(Some(limit));
        if let Ok(tree) = read::<_, Value>(&small, &text) {
            assert!(tree == document);
        }
        // In a scope nothing of it stays.
        let before = arena.allocated_bytes();
        arena.scope(|scope: &mut Scope<'_>| assert!(read::<_, Value>(&*scope, &text).unwrap() == document));
        assert_eq!(arena.allocated_bytes(), before);
    }
}

#[test]
fn each_type_is_read() {
    let arena = Arena::new();
    let arena = &arena;
    let text: &mut str = read(arena, r#""text""#).unwrap();
    text.make_ascii_uppercase();
    assert_eq!(text, "TEXT");
    assert_eq!(*read::<_, &str>(arena, r#""\u00e9""#).unwrap(), *"é");
    assert_eq!(
        *read::<_, ArenaBox<str, &Arena>>(arena, r#""text""#).unwrap(),
        *"text"
    );
    assert_eq!(
        *read::<_, Rc<str, &Arena>>(arena, r#""text""#).unwrap(),
        *"text"
    );
    assert_eq!(
        *read::<_, Rc<[u8], &Arena>>(arena, "[1,2]").unwrap(),
        [1, 2]
    );
    assert_eq!(
        *read::<_, Rc<Rc<u8, &Arena>, &Arena>>(arena, "1").unwrap(),
        Rc::new_in(1, arena)
    );
    assert_eq!(
        *read::<_, ArenaBox<[u8], &Arena>>(arena, "[1,2]").unwrap(),
        [1, 2]
    );
    assert_eq!(
        read::<_, ArenaVec<char, &Arena>>(arena, r#"["a"]"#).unwrap(),
        ['a']
    );
    assert_eq!(**read::<_, &&mut u8>(arena, "1").unwrap(), 1);
    assert_eq!(read::<_, Option<&u8>>(arena, "null").unwrap(), None);
    assert_eq!(read::<_, Option<&u8>>(arena, "1").unwrap(), Some(&1));
    assert_eq!(
        read::<_, (u8, &str, [f32; 2])>(arena, r#"[1,"a",[2,3.5]]"#).unwrap(),
        (1, "a", [2.0, 3.5])
    );
    assert_eq!(read::<_, [(); 0]>(arena, "[]").unwrap(), []);
    read::<_, ()>(arena, "null").unwrap();
    assert_eq!(read::<_, Cell<u8>>(arena, "1").unwrap().get(), 1);
    assert_eq!(
        *read::<_, Plain<String>>(arena, r#""text""#).unwrap(),
        "text"
    );
    let large: &[&[u8]] = read(arena, &format!("[{}[]]", "[1,2,3],".repeat(1000))).unwrap();
    assert!(large.len() == 1001 && large[..1000].iter().all(|few| *few == [1, 2, 3]));
    type Deep<'a> = &'a mut [ArenaVec<ArenaBox<&'a [u8], &'a Arena>, &'a Arena>];
    let deep: &[Deep] = read(arena, "[[[[1]]]]").unwrap();
    assert_eq!(**deep[0][0][0], [1]);
    // The allocator of all is what `Copy` and an allocator: also the heap.
    let heap: ArenaBox<[ArenaBox<u8>]> = read(allocator_api2::alloc::Global, "[1]").unwrap();
    assert_eq!(*heap[0], 1);
}

#[cfg(feature = "collections")]
#[test]
fn maps_and_sets_are_read_and_written() {
    use arenula::collections::{HashMap, HashSet};
    let arena = Arena::new();
    let map: HashMap<&str, &[u8], &Arena> = read(&arena, r#"{"a":[1],"b":[],"a":[2]}"#).unwrap();
    assert_eq!((map.len(), map["a"]), (2, &[2][..]));
    let set: HashSet<&str, &Arena> = read(&arena, r#"["a","b","a"]"#).unwrap();
    assert_eq!(set.len(), 2);
    let one: HashMap<&str, u8, &Arena> = read(&arena, r#"{"a":1}"#).unwrap();
    assert_eq!(serde_json::to_string(&one).unwrap(), r#"{"a":1}"#);
    arena.set_limit(Some(arena.capacity()));
    let many: Vec<String> = (0..10_000).map(|i| format!("\"{i}\":1")).collect();
    let error = read::<_, HashMap<&str, u8, &Arena>>(&arena, &format!("{{{}}}", many.join(",")))
        .unwrap_err();
    assert!(error.to_string().starts_with("no memory left in the arena"));
}

#[test]
fn what_is_shared_is_written_with_each_handle() {
    let shared = Rc::<str>::from("text");
    let frozen = FrozenArena::from_iter([shared.clone(), shared]);
    assert_eq!(
        serde_json::to_string(&frozen).unwrap(),
        r#"["text","text"]"#
    );
    let read: Rc<u8> = serde_json::from_str("1").unwrap();
    assert_eq!(*read, 1);
    let pairs = Pairs(&[("a", 1), ("b", 2)]);
    assert_eq!(format!("{pairs:?}"), r#"{"a": 1, "b": 2}"#);
    assert_eq!(serde_json::to_string(&pairs).unwrap(), r#"{"a":1,"b":2}"#);
}

// Structs.

deserialize_in! {
    #[derive(Debug, PartialEq, Serialize)]
    struct Person<'a> {
        name: &'a str,
        r#type as "type": u8,
        nick: Option<&'a str>,
        friends: &'a [Person<'a>] = &[],
    }
}

deserialize_in! {
    #![deny_unknown_fields]
    #[derive(Debug)]
    struct Strict { x: u8, y: u8 }
}

deserialize_in! {
    #[derive(Debug)]
    struct Generic<'a, T, U,> {
        first: &'a T,
        second: [U; 2],
        third: Option<&'a str> = Some("c"),
    }
}

deserialize_in! {
    struct Owner<'a> in &'a Arena {
        list: ArenaVec<Rc<str, &'a Arena>, &'a Arena>,
    }
}

deserialize_in! {
    #[derive(Debug, PartialEq)]
    struct OnlyTypes<T> { value: T }
}

deserialize_in! {
    /// Names that the macro uses itself.
    struct Names { arena: u8, map: u8, seq: u8, index: u8, value: u8, Index: Index, FIELDS: u8 = 2, }
}
deserialize_in! {
    struct Index { deserializer: u8 }
}

deserialize_in! { struct Empty {} }

#[test]
fn structs_are_read_as_serdes_derive_does() {
    let arena = Arena::new();
    let arena = &arena;
    let ada = Person {
        name: "Ada",
        r#type: 1,
        nick: None,
        friends: &[],
    };
    let json = r#"{"unknown":[{"x":1}],"type":1,"name":"Ada"}"#;
    assert_eq!(read::<_, Person>(arena, json).unwrap(), ada);
    assert_eq!(
        read::<_, Person>(arena, r#"["Ada",1,null,[]]"#).unwrap(),
        ada
    );
    // What has a default may be missing at the end.
    assert_eq!(read::<_, Person>(arena, r#"["Ada",1,null]"#).unwrap(), ada);
    let both = read::<_, Person>(
        arena,
        r#"{"name":"B","type":2,"nick":"b","friends":[["Ada",1,null,[]]]}"#,
    );
    assert_eq!(
        both.unwrap(),
        Person {
            name: "B",
            r#type: 2,
            nick: Some("b"),
            friends: &[ada]
        }
    );

    mod derived {
        #[allow(dead_code)]
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Strict {
            x: u8,
            y: u8,
        }
    }
    for wrong in [
        r#"{"x":1}"#,
        r#"{"x":1,"x":2}"#,
        r#"{"x":1,"y":2,"z":3}"#,
        r#"{"x":1,"y":256}"#,
        "{}",
        "[1]",
        "[]",
        r#"{"x":1,"y":"2"}"#,
        "[1,2,3]",
        "1",
        "null",
        r#""x""#,
        r#"{"x""#,
        r#"{"x":"#,
        r#"{"x":1,"y":2"#,
        "{1:2}",
    ] {
        let ours = read::<_, Strict>(arena, wrong).unwrap_err().to_string();
        let theirs = serde_json::from_str::<derived::Strict>(wrong)
            .unwrap_err()
            .to_string();
        assert_eq!(ours, theirs, "{wrong}");
    }
    let right: Strict = read(arena, r#"{"y":1,"x":2}"#).unwrap();
    assert_eq!((right.x, right.y), (2, 1));

    let generic: Generic<&str, OnlyTypes<u8>> =
        read(arena, r#"{"first":"a","second":[{"value":1},[2]]}"#).unwrap();
    assert_eq!((*generic.first, generic.third), ("a", Some("c")));
    assert_eq!(
        (*generic.first, &generic.second),
        ("a", &[OnlyTypes { value: 1 }, OnlyTypes { value: 2 }])
    );
    let owner: Owner = read(arena, r#"{"list":["a"]}"#).unwrap();
    assert_eq!(*owner.list[0], *"a");
    let names: Names = read(
        arena,
        r#"{"arena":1,"map":1,"seq":1,"index":1,"value":1,"Index":{"deserializer":1}}"#,
    )
    .unwrap();
    let sum = names.arena
        + names.map
        + names.seq
        + names.index
        + names.value
        + names.Index.deserializer
        + names.FIELDS;
    assert_eq!(sum, 8);
    read::<_, Empty>(arena, r#"{"x":1}"#).unwrap();
    read::<_, Empty>(arena, "[]").unwrap();
}

#[test]
fn wrong_types_are_said_to_be_wrong() {
    let arena = Arena::new();
    let message = |error: serde_json::Error| error.to_string();
    assert!(
        message(read::<_, &str>(&arena, "1").unwrap_err())
            .contains("integer `1`, expected a string")
    );
    assert!(
        message(read::<_, &[u8]>(&arena, "{}").unwrap_err()).contains("map, expected a sequence")
    );
    assert!(
        message(read::<_, Pairs<u8, u8>>(&arena, "[]").unwrap_err())
            .contains("sequence, expected a map")
    );
    assert!(message(read::<_, (u8, u8)>(&arena, "[1]").unwrap_err()).contains("a tuple of size 2"));
    assert!(
        message(read::<_, [u8; 2]>(&arena, "[1]").unwrap_err()).contains("an array of length 2")
    );
    assert!(read::<_, (u8, u8)>(&arena, "[1,2,3]").is_err());
    assert!(read::<_, &[u8]>(&arena, "[1,2,").is_err());
}

#[test]
fn deep_nesting_is_for_the_deserializer_to_refuse() {
    let arena = Arena::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = read::<_, Value>(&arena, &deep).unwrap_err();
    assert!(error.to_string().contains("recursion limit"));
}

// Deserializers that mean harm.

/// Says that it holds `says` values, and gives `gives` of what it holds.
#[derive(Clone, Copy)]
struct Hostile<'h> {
    says: usize,
    gives: usize,
    inner: Option<&'h Hostile<'h>>,
    fails: bool,
    given: &'h Cell<usize>,
}

impl<'de> Deserializer<'de> for Hostile<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(HostileSeq(self))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct HostileSeq<'h>(Hostile<'h>);

impl<'de> SeqAccess<'de> for HostileSeq<'_> {
    type Error = ValueError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ValueError> {
        let Some(left) = self.0.gives.checked_sub(1) else {
            return if self.0.fails {
                Err(ValueError::custom("cut off"))
            } else {
                Ok(None)
            };
        };
        self.0.gives = left;
        self.0.given.set(self.0.given.get() + 1);
        match self.0.inner {
            Some(inner) => seed.deserialize(*inner).map(Some),
            None => seed.deserialize((left as u8).into_deserializer()).map(Some),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.says)
    }
}

#[test]
fn what_is_said_of_lengths_reserves_little() {
    for says in [0, 10, 100_000, usize::MAX >> 24, usize::MAX] {
        for gives in [0, 1, 10, 100, 1000, 5000] {
            for fails in [false, true] {
                let (arena, given) = (Arena::new(), Cell::new(0));
                let leaf = Hostile {
                    says,
                    gives,
                    inner: None,
                    fails,
                    given: &given,
                };
                let read = <&[u64]>::deserialize_in(&arena, leaf);
                assert_eq!(read.is_err(), fails);
                assert!(read.is_err() || read.unwrap().len() == gives);
                // At most eight times what was given, and twice that for a block that had to move.
                assert!(
                    arena.capacity() <= 1024 + 16 * 8 * gives,
                    "{says} {gives}: {}",
                    arena.capacity()
                );
                if fails {
                    // Unless it had to move on its way.
                    assert!(arena.allocated_bytes() == 0 || gives > 100);
                } else {
                    assert!(arena.allocated_bytes() <= 3 * 8 * gives);
                }
            }
        }
    }
    // Nested, each with a bold word and one value.
    let (arena, given) = (Arena::new(), Cell::new(0));
    let leaf = Hostile {
        says: usize::MAX,
        gives: 1,
        inner: None,
        fails: false,
        given: &given,
    };
    let middle = Hostile {
        gives: 100,
        inner: Some(&leaf),
        ..leaf
    };
    let outer = Hostile {
        gives: 100,
        inner: Some(&middle),
        ..leaf
    };
    let read = <&[&[&[u8]]]>::deserialize_in(&arena, outer).unwrap();
    assert!(read.len() == 100 && read[99][99] == [0]);
    assert!(
        arena.allocated_bytes() < 1_500_000,
        "{}",
        arena.allocated_bytes()
    );
    // Maps do not believe it either.
    #[cfg(feature = "collections")]
    {
        use arenula::collections::HashSet;
        let (arena, given) = (Arena::new(), Cell::new(0));
        let leaf = Hostile {
            says: usize::MAX,
            gives: 3,
            inner: None,
            fails: false,
            given: &given,
        };
        assert_eq!(
            HashSet::<u8, &Arena>::deserialize_in(&arena, leaf)
                .unwrap()
                .len(),
            3
        );
        assert!(arena.capacity() <= 1024);
    }
}

#[test]
fn an_input_without_end_meets_the_limit() {
    let (arena, given) = (Arena::new(), Cell::new(0));
    arena.set_limit(Some(100_000));
    let endless = Hostile {
        says: 0,
        gives: usize::MAX,
        inner: None,
        fails: false,
        given: &given,
    };
    let error = <&[u64]>::deserialize_in(&arena, endless).unwrap_err();
    assert_eq!(error.to_string(), "no memory left in the arena");
    assert!(given.get() < 100_000 / 8);
    assert!(ArenaVec::<u8, &Arena>::deserialize_in(&arena, endless).is_err());
    assert!(Rc::<[u8], &Arena>::deserialize_in(&arena, endless).is_err());
    assert!(<&mut [&str]>::deserialize_in(&arena, endless).is_err());
    arena.set_limit(Some(0));
    let one = Hostile {
        gives: 1,
        ..endless
    };
    assert!(<&[u8]>::deserialize_in(&arena, one).is_err() || arena.capacity() > 0);
    let none = Arena::new();
    none.set_limit(Some(0));
    assert!(<&[u8]>::deserialize_in(&none, one).is_err());
    assert!(read::<_, &str>(&none, r#""text""#).is_err());
    assert!(read::<_, Rc<str, &Arena>>(&none, r#""text""#).is_err());
    assert!(read::<_, ArenaBox<u8, &Arena>>(&none, "1").is_err());
    assert!(read::<_, Rc<u8, &Arena>>(&none, "1").is_err());
    assert!(read::<_, &[u8]>(&none, "[]").unwrap().is_empty());
    assert_eq!(read::<_, &str>(&none, r#""""#).unwrap(), "");
}

/// A value that is watched over. It panics or fails when it is told to.
struct Watching<'l>(#[allow(dead_code)] Tracked<'l>);

#[derive(Clone, Copy)]
struct Seeing<'a, 'l> {
    arena: &'a Arena,
    log: &'l Log,
    left: &'l Cell<usize>,
    panics: bool,
}

// SAFETY: it hands on what the arena does.
unsafe impl allocator_api2::alloc::Allocator for Seeing<'_, '_> {
    fn allocate(
        &self,
        layout: std::alloc::Layout,
    ) -> Result<std::ptr::NonNull<[u8]>, arenula::AllocError> {
        self.arena.allocate(layout)
    }
    unsafe fn deallocate(&self, block: std::ptr::NonNull<u8>, layout: std::alloc::Layout) {
        // SAFETY: as promised.
        unsafe { self.arena.deallocate(block, layout) }
    }
}

impl<'de, 'l> DeserializeIn<'de, Seeing<'_, 'l>> for Watching<'l> {
    fn deserialize_in<D: Deserializer<'de>>(
        seeing: Seeing<'_, 'l>,
        _: D,
    ) -> Result<Self, D::Error> {
        match seeing.left.get().checked_sub(1) {
            Some(left) => {
                seeing.left.set(left);
                Ok(Watching(seeing.log.value()))
            }
            None if seeing.panics => support::panic_quietly(),
            None => Err(D::Error::custom("on purpose")),
        }
    }
}

#[test]
fn what_was_read_before_a_failure_is_dropped_once() {
    use allocator_api2::alloc::Allocator;
    fn check<'a, 'l, T>(seeing: Seeing<'a, 'l>, hostile: Hostile<'_>)
    where
        T: for<'de> DeserializeIn<'de, Seeing<'a, 'l>>,
        Seeing<'a, 'l>: Allocator,
    {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = T::deserialize_in(seeing, hostile);
        }));
        assert!(seeing.log.alive().is_empty());
    }
    for gives in [0, 1, 3, 30, 200] {
        for good in [0, 1, gives / 2, gives] {
            for panics in [false, true] {
                let (arena, log, left, given) =
                    (Arena::new(), Log::default(), Cell::new(good), Cell::new(0));
                let seeing = Seeing {
                    arena: &arena,
                    log: &log,
                    left: &left,
                    panics,
                };
                let hostile = Hostile {
                    says: 7,
                    gives,
                    inner: None,
                    fails: gives == 3,
                    given: &given,
                };
                check::<ArenaVec<Watching, Seeing>>(seeing, hostile);
                check::<ArenaBox<[ArenaBox<Watching, Seeing>], Seeing>>(seeing, hostile);
                check::<Rc<[Watching], Seeing>>(seeing, hostile);
                check::<[Watching; 4]>(seeing, hostile);
                check::<(Watching, Watching, Watching)>(seeing, hostile);
            }
        }
    }
}

#[test]
fn a_seed_is_a_seed() {
    let arena = Arena::new();
    let seed = In::<&str, _>::new(&arena);
    assert_eq!(format!("{seed:?}"), "In { .. }");
    let text = seed.deserialize(IntoDeserializer::<ValueError>::into_deserializer("a"));
    assert_eq!(text.unwrap(), "a");
}

#[test]
fn strings_come_and_go_as_text() {
    use arenula::string::String;

    let arena = Arena::new();
    let mut json = serde_json::Deserializer::from_str(r#"["one", "tw\u00f6"]"#);
    let mut words = ArenaVec::<String<&Arena>, _>::deserialize_in(&arena, &mut json).unwrap();
    words[1].push_str("lf");
    assert_eq!(words[1], "tw\u{f6}lf");
    assert_eq!(serde_json::to_string(&words[0]).unwrap(), r#""one""#);
    let own: String = serde_json::from_str(r#""own""#).unwrap();
    assert_eq!(own, "own");
    assert!(serde_json::from_str::<String>("1").is_err());
}

/// Reads a document with something of each kind.
fn read_all<A: allocator_api2::alloc::Allocator>(arena: &Arena<8, A>) -> bool {
    let tree =
        r#"{"a":["one","two",[1,2,3,null,{"b":{}}]],"b":"a text that is longer than others"}"#;
    let many = format!("[{}1]", "1,".repeat(300));
    let mut has_all = read::<_, Value>(arena, tree)
        .map(|read| assert!(read == serde_json::from_str::<serde_json::Value>(tree).unwrap()))
        .is_ok();
    has_all &= read::<_, &[u64]>(arena, &many)
        .map(|read| assert_eq!(*read, [1; 301]))
        .is_ok();
    has_all &= read::<_, ArenaVec<ArenaBox<u64, _>, _>>(arena, &many)
        .map(|read| assert!(read.iter().all(|one| **one == 1) && read.len() == 301))
        .is_ok();
    has_all &= read::<_, Rc<[Rc<u64, _>], _>>(arena, &many)
        .map(|read| assert!(read.iter().all(|one| **one == 1) && read.len() == 301))
        .is_ok();
    has_all
}

#[test]
fn what_is_read_fails_until_there_is_memory() {
    let refused = until_there_is_memory(|watch| read_all(&Arena::new_in(Watched(watch))));
    assert!(refused > 3);
    for n in 0.. {
        let (watch, left) = (Watch::default(), Cell::new(Some(n)));
        let arena = Arena::new_in(Panicking(Watched(&watch), &left));
        let panicked = panics(|| _ = read_all(&arena));
        let is_over = left.take().is_some();
        assert_ne!(panicked, is_over);
        drop(arena);
        assert_eq!(watch.count(), 0);
        if is_over {
            break;
        }
    }
}
