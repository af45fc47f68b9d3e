//! What JSON can say, as a tree in an arena.

use std::fmt;
use std::marker::PhantomData;

use arenula::ArenaRef;
use arenula::serde::{DeserializeIn, Pairs};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

#[derive(Clone, Copy)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
    List(&'a [Value<'a>]),
    /// In the order of the document.
    Object(Pairs<'a, &'a str, Value<'a>>),
}

impl Value<'_> {
    /// Whether the other tree is the same document.
    pub fn is(&self, other: &serde_json::Value) -> bool {
        use serde_json::Value as Other;
        match (self, other) {
            (Value::Null, Other::Null) => true,
            (Value::Bool(a), Other::Bool(b)) => a == b,
            (Value::Unsigned(a), Other::Number(b)) => b.as_u64() == Some(*a),
            (Value::Signed(a), Other::Number(b)) => b.as_i64() == Some(*a),
            (Value::Float(a), Other::Number(b)) => b.as_f64() == Some(*a),
            (Value::Text(a), Other::String(b)) => a == b,
            (Value::List(a), Other::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b))
            }
            (Value::Object(a), Other::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(*key).is_some_and(|b| a.is(b)))
            }
            _ => false,
        }
    }
}

impl<'a, 'de, R: ArenaRef<'a> + Copy> DeserializeIn<'de, R> for Value<'a> {
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor(arena, PhantomData))
    }
}

struct ValueVisitor<'a, R>(R, PhantomData<&'a ()>);

impl<'a, 'de, R: ArenaRef<'a> + Copy> Visitor<'de> for ValueVisitor<'a, R> {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value<'a>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value<'a>, E> {
        Ok(Value::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value<'a>, E> {
        Ok(Value::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value<'a>, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'a>, E> {
        DeserializeIn::deserialize_in(self.0, StrDeserializer::new(text)).map(Value::Text)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<Value<'a>, S::Error> {
        DeserializeIn::deserialize_in(self.0, SeqAccessDeserializer::new(seq)).map(Value::List)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Value<'a>, M::Error> {
        DeserializeIn::deserialize_in(self.0, MapAccessDeserializer::new(map)).map(Value::Object)
    }
}
