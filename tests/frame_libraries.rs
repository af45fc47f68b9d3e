//! Libraries that know nothing of frames, inside them: what they make there can be kept and used on.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::thread;

use arenula::{FrameAlloc, frame};
use regex::Regex;
use serde_json::{Value, json};
use support::{alone, assert_in_frame, pinned, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

fn document(entries: usize) -> String {
    let entries: Vec<Value> = (0..entries)
        .map(|n| {
            json!({
                "id": n,
                "name": format!("name {n} \u{e9}\n"),
                "tags": vec![format!("tag{}", n % 7); n % 9],
                "nested": { "half": n as f64 / 2.0, "none": null, "deep": [[[n]]] },
            })
        })
        .collect();
    serde_json::to_string(&entries).unwrap()
}

#[test]
fn json_parsed_in_a_frame_is_kept_changed_and_written_elsewhere() {
    let _alone = alone();
    let before = pinned();
    let text = document(500);
    let expected: Value = serde_json::from_str(&text).unwrap();
    for n in 0..rounds(200, 10, 1) {
        let mut value: Value = frame::scope(|| {
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap().len(), text.len());
            assert!(serde_json::from_str::<Value>(&text[..text.len() / 2]).is_err());
            value
        });
        assert_eq!(value, expected);
        frame::scope(|| {
            let entries = value.as_array_mut().unwrap();
            entries.push(json!({ "added": vec![n; 10] }));
            entries.retain(|entry| entry["id"].as_u64().is_none_or(|id| id % 3 != 0));
        });
        let value = thread::spawn(move || {
            assert_eq!(value.as_array().unwrap().len(), 334);
            frame::scope(|| value.clone())
        })
        .join()
        .unwrap();
        assert_eq!(value[333]["added"][9], n);
        drop(value);
        assert_eq!(pinned(), before);
    }
}

/// Each time anew, which is what is tested.
fn compile(expression: &str) -> Result<Regex, regex::Error> {
    Regex::new(expression)
}

#[test]
fn an_expression_compiled_in_a_frame_is_used_after_it_and_on_other_threads() {
    let _alone = alone();
    let text: String = (0..500)
        .map(|n| format!("user{n}@example{}.org, ", n % 10))
        .collect();
    for _ in 0..rounds(50, 3, 1) {
        // It keeps caches, one for each thread that uses it, which are made wherever that is.
        let regex = frame::scope(|| {
            let regex = compile(r"(?<user>[a-z]+(\d+))@(?<host>[a-z]+\d\.org)").unwrap();
            assert_eq!(regex.find_iter(&text).count(), 500);
            assert!(compile("(").is_err());
            regex
        });
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let hosts: Vec<String> = frame::scope(|| {
                        (regex.captures_iter(&text))
                            .map(|found| found["host"].to_owned())
                            .collect()
                    });
                    assert_eq!(hosts.len(), 500);
                    assert!(
                        (0..)
                            .zip(&hosts)
                            .all(|(n, h)| *h == format!("example{}.org", n % 10))
                    );
                });
            }
        });
        let replaced = frame::scope(|| regex.replace_all(&text, "$host: $user").into_owned());
        assert_eq!(replaced.matches(".org: user").count(), 500);
        frame::scope(|| drop(regex));
    }
}

#[test]
fn a_hashbrown_map_grows_and_shrinks_in_and_out_of_frames() {
    let _alone = alone();
    let before = pinned();
    for _ in 0..rounds(100, 10, 1) {
        let mut map = frame::scope(|| {
            let mut map = hashbrown::HashMap::new();
            map.insert(0, String::from("zero"));
            assert_in_frame(&raw const map[&0]);
            map
        });
        for n in 1..2000 {
            if n % 3 == 0 {
                frame::scope(|| map.insert(n, n.to_string()));
            } else {
                map.insert(n, n.to_string());
            }
        }
        assert!((1..2000).all(|n| map[&n] == n.to_string()));
        frame::scope(|| {
            map.retain(|n, _| n % 10 == 0);
            map.shrink_to_fit();
        });
        let mut numbers: Vec<i32> = frame::scope(|| map.keys().copied().collect());
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq((0..2000).step_by(10)));
        map.shrink_to_fit();
        thread::spawn(move || drop(map)).join().unwrap();
        assert_eq!(pinned(), before);
    }
}
