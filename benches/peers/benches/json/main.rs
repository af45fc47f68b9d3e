//! JSON documents: into a tree in an arena, and into the tree that serde_json has.
//!
//! ```text
//! cargo bench -p peers --bench json                      # criterion, one after another
//! cargo bench -p peers --bench json -- --interleaved     # all contenders of a row in turn
//! ```
//!
//! A pass parses the document and drops the tree. Both are read by serde_json's parser, so what differs is what
//! becomes of it.

mod documents;
mod tree;

use std::hint::black_box;

use arenula::Arena;
use arenula::serde::DeserializeIn;
use peers::{Column, Comparison, Role, Row, builds, place_code};
use serde::de::IgnoredAny;
use serde_json::Deserializer;

use crate::tree::Value;

const RESET: &str = "arenula";
const FRESH: &str = "arenula, new";
const PEER: &str = "serde_json";
const LIMIT: &str = "parser";

const COLUMNS: &[Column] = &[
    Column {
        name: RESET,
        role: Role::Subject,
        note: "a tree in an arena that is reset after each document",
    },
    Column {
        name: FRESH,
        role: Role::Variant,
        note: "a tree in an arena that is made for it and dropped",
    },
    Column {
        name: PEER,
        role: Role::Peer,
        note: "serde_json::Value",
    },
    Column {
        name: LIMIT,
        role: Role::Limit,
        note: "serde's IgnoredAny: the document is parsed, and nothing kept",
    },
];

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);
    comparison.run(
        "records 8 KiB",
        builds!(SHIFT => row::<SHIFT>(documents::records(8 << 10))),
    );
    comparison.run(
        "records 200 KiB",
        builds!(SHIFT => row::<SHIFT>(documents::records(200 << 10))),
    );
    comparison.run(
        "nested 8 KiB",
        builds!(SHIFT => row::<SHIFT>(documents::nested(8 << 10))),
    );
    comparison.run(
        "nested 200 KiB",
        builds!(SHIFT => row::<SHIFT>(documents::nested(200 << 10))),
    );
    comparison.run(
        "numbers 8 KiB",
        builds!(SHIFT => row::<SHIFT>(documents::numbers(8 << 10))),
    );
    comparison.run(
        "numbers 200 KiB",
        builds!(SHIFT => row::<SHIFT>(documents::numbers(200 << 10))),
    );
    comparison.finish();
}

/// A row for one document. An operation is a KiB of it.
fn row<const SHIFT: usize>(text: String) -> Row {
    let tree: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let arena = Arena::new();
    assert!(read(&arena, &text).is(&tree), "both trees are the document");
    drop(tree);

    let mut row = Row::new(text.len() >> 10);
    let text: &'static str = text.leak();
    let mut arena = Arena::new();
    row.enter(RESET, move || {
        place_code::<SHIFT>();
        black_box(read(&arena, black_box(text)));
        arena.reset();
    });
    row.enter(FRESH, move || {
        place_code::<SHIFT>();
        let arena = Arena::new();
        black_box(read(&arena, black_box(text)));
    });
    row.enter(PEER, move || {
        place_code::<SHIFT>();
        let tree: serde_json::Value = serde_json::from_str(black_box(text)).expect("it is JSON");
        black_box(tree);
    });
    row.enter(LIMIT, move || {
        place_code::<SHIFT>();
        let nothing: IgnoredAny = serde_json::from_str(black_box(text)).expect("it is JSON");
        black_box(nothing);
    });
    row
}

#[inline(never)]
fn read<'a>(arena: &'a Arena, text: &str) -> Value<'a> {
    let mut deserializer = Deserializer::from_str(text);
    let value = Value::deserialize_in(arena, &mut deserializer).expect("it is JSON");
    deserializer.end().expect("nothing follows");
    value
}
