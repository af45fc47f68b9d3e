//! The documents: three kinds, as long as they are asked for.

use std::fmt::Write;

/// What a web service sends: objects with a few short texts, numbers and lists.
pub fn records(len: usize) -> String {
    list(len, |text, i| {
        write!(
            text,
            r#"{{"id":{i},"name":"user number {i}","email":"user{i}@example.org","active":{},"score":{}.25,"tags":["red","green","blue {i}"],"address":{{"street":"High Street {i}","city":"Springfield","zip":"{:05}"}},"manager":null}}"#,
            i % 3 == 0,
            i * 37 % 1000,
            i * 7919 % 100_000,
        )
        .expect("memory can be written to");
    })
}

/// Objects in objects, and lists in lists, with little in each.
pub fn nested(len: usize) -> String {
    list(len, |text, i| {
        for level in 0..12 {
            write!(text, r#"{{"level":{level},"next":["#).expect("memory can be written to");
        }
        write!(text, r#""end {i}""#).expect("memory can be written to");
        text.push_str(&"]}".repeat(12));
    })
}

/// Lists of numbers, as of measurements.
pub fn numbers(len: usize) -> String {
    list(len, |text, i| {
        let row: Vec<String> = (0..16)
            .map(|j| format!("{}.{}", i * 31 % 360, j * 617 % 1000))
            .collect();
        write!(text, "[{}]", row.join(",")).expect("memory can be written to");
    })
}

fn list(len: usize, mut item: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::from("[");
    for i in 0.. {
        item(&mut text, i);
        if text.len() >= len {
            break;
        }
        text.push(',');
    }
    text.push(']');
    text
}
