//! JSON, in two ways that say the same.
//!
//! [`Node`] can be serialized into any format of serde's. That goes down the tree by calls, one within the other, as
//! serde does. [`write`] keeps a list of what is to be done instead, so that no tree is too deep; brackets,
//! commas and texts are those of `serde_json`.

use std::io;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

use super::node::{Field, Node, Nodes};
use super::tree::{Modifiers, Tree};

impl<T: Tree> Serialize for Node<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Vec::new();
        shown_fields(*self, |name, field| fields.push((name, field)));
        let mut map = serializer.serialize_map(Some(1 + fields.len()))?;
        map.serialize_entry("kind", self.kind())?;
        for (name, field) in fields {
            match field {
                Field::Text(text) => map.serialize_entry(name, text)?,
                Field::Flag(flag) => map.serialize_entry(name, &flag)?,
                Field::Modifiers(modifiers) => map.serialize_entry(name, &words(modifiers))?,
                Field::Node(node) => map.serialize_entry(name, &node)?,
                Field::Nodes(nodes) => map.serialize_entry(name, &nodes)?,
            }
        }
        map.end()
    }
}

impl<T: Tree> Serialize for Nodes<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut nodes = Vec::new();
        self.for_each(|node| nodes.push(node));
        let mut list = serializer.serialize_seq(Some(nodes.len()))?;
        for node in &nodes {
            list.serialize_element(node)?;
        }
        list.end()
    }
}

/// The fields without those that say nothing: flags that are not set, no modifiers.
fn shown_fields<'t, T: Tree>(node: Node<'t, T>, mut f: impl FnMut(&'static str, Field<'t, T>)) {
    node.fields(&mut |name, field| {
        let is_shown = match &field {
            Field::Flag(flag) => *flag,
            Field::Modifiers(modifiers) => *modifiers != Modifiers::default(),
            _ => true,
        };
        if is_shown {
            f(name, field);
        }
    });
}

fn words(modifiers: Modifiers) -> Vec<&'static str> {
    let optional = modifiers.has(Modifiers::OPTIONAL).then_some("optional");
    modifiers.words().chain(optional).collect()
}

/// A node and all that belongs to it, on one line.
pub fn to_string<T: Tree>(root: Node<'_, T>) -> String {
    let mut out = Vec::new();
    write(root, &mut out, CompactFormatter).expect("a `Vec` takes all that is written");
    String::from_utf8(out).expect("texts are UTF-8, and so is what stands between")
}

/// Writes a node and all that belongs to it.
pub fn write<T: Tree>(
    root: Node<'_, T>,
    out: &mut impl io::Write,
    mut formatter: impl Formatter,
) -> io::Result<()> {
    enum Part<'t, T: Tree> {
        Node(Node<'t, T>),
        Field(&'static str, Field<'t, T>),
        Item(Node<'t, T>, bool),
        EndOfItem,
        EndOfList,
        EndOfField,
        EndOfNode,
    }

    let mut parts = vec![Part::Node(root)];
    while let Some(part) = parts.pop() {
        match part {
            Part::Node(node) => {
                formatter.begin_object(out)?;
                write_name("kind", true, out, &mut formatter)?;
                serde_json::to_writer(&mut *out, node.kind())?;
                formatter.end_object_value(out)?;
                parts.push(Part::EndOfNode);
                let first = parts.len();
                shown_fields(node, |name, field| parts.push(Part::Field(name, field)));
                parts[first..].reverse();
            }
            Part::Field(name, field) => {
                write_name(name, false, out, &mut formatter)?;
                parts.push(Part::EndOfField);
                match field {
                    Field::Text(text) => serde_json::to_writer(&mut *out, text)?,
                    Field::Flag(flag) => serde_json::to_writer(&mut *out, &flag)?,
                    Field::Modifiers(modifiers) => {
                        formatter.begin_array(out)?;
                        for (place, word) in words(modifiers).into_iter().enumerate() {
                            formatter.begin_array_value(out, place == 0)?;
                            serde_json::to_writer(&mut *out, word)?;
                            formatter.end_array_value(out)?;
                        }
                        formatter.end_array(out)?;
                    }
                    Field::Node(node) => parts.push(Part::Node(node)),
                    Field::Nodes(nodes) => {
                        formatter.begin_array(out)?;
                        parts.push(Part::EndOfList);
                        let first = parts.len();
                        let mut is_first = true;
                        nodes.for_each(|node| {
                            parts.push(Part::Item(node, is_first));
                            is_first = false;
                        });
                        parts[first..].reverse();
                    }
                }
            }
            Part::Item(node, is_first) => {
                formatter.begin_array_value(out, is_first)?;
                parts.extend([Part::EndOfItem, Part::Node(node)]);
            }
            Part::EndOfItem => formatter.end_array_value(out)?,
            Part::EndOfList => formatter.end_array(out)?,
            Part::EndOfField => formatter.end_object_value(out)?,
            Part::EndOfNode => formatter.end_object(out)?,
        }
    }
    Ok(())
}

fn write_name(
    name: &'static str,
    is_first: bool,
    out: &mut impl io::Write,
    formatter: &mut impl Formatter,
) -> io::Result<()> {
    formatter.begin_object_key(out, is_first)?;
    serde_json::to_writer(&mut *out, name)?;
    formatter.end_object_key(out)?;
    formatter.begin_object_value(out)
}
