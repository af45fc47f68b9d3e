//! Each example, run with little to do: it must come to an end, and say what it is about.
//!
//! `cargo test` builds the examples before; `cargo test --test examples` alone does not.
#![cfg(not(miri))]

use std::path::PathBuf;
use std::process::Command;

/// Runs an example, and answers what it has printed.
///
/// `None` if it is not there: sanitizers and single features build no examples.
fn run(example: &str, args: &[&str]) -> Option<String> {
    let program = path_of(example);
    if !program.exists() {
        eprintln!("examples: SKIPPED {example}, which is not built");
        return None;
    }
    let output = (Command::new(&program).args(args).output())
        .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{example} {args:?}: {}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Some(said)
}

/// The tests lie in `deps`, beside `examples`.
fn path_of(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("it lies in target/PROFILE/deps");
    let name = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    profile.join("examples").join(name)
}

/// Looks for each of some words.
fn assert_says(said: &str, words: &[&str]) {
    for word in words {
        assert!(
            said.contains(word),
            "{word:?} is not in what it said:\n{said}"
        );
    }
}

#[test]
fn tour() {
    if let Some(said) = run("tour", &[]) {
        assert_says(&said, &["the frame is", "0 bytes pinned"]);
    }
}

#[test]
fn http_server() {
    if let Some(said) = run("http_server", &["--quick", "--connections", "3"]) {
        assert_says(&said, &["plain", "in frames", "times as many requests"]);
    }
}

#[test]
fn http_server_refuses_what_it_does_not_understand() {
    let program = path_of("http_server");
    if program.exists() {
        let output = Command::new(program)
            .arg("--turns")
            .output()
            .expect("it starts");
        assert!(!output.status.success());
        assert_says(
            &String::from_utf8_lossy(&output.stderr),
            &["--turns wants a number"],
        );
    }
}

#[test]
fn typescript_types() {
    if let Some(said) = run("typescript_types", &["--quick"]) {
        assert_says(&said, &["server.d.ts", "parse", "allocations", "faster"]);
    }
    if let Some(source) = run("typescript_types", &["--generate", "20", "--seed", "7"]) {
        let file = std::env::temp_dir().join(format!("arenula-{}.d.ts", std::process::id()));
        std::fs::write(&file, source).expect("there is room for a file");
        let path = file.to_str().expect("its name is text");
        let printed = run("typescript_types", &[path, "--print"]).expect("it ran before");
        let json = run("typescript_types", &[path, "--json"]).expect("it ran before");
        let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        std::fs::write(&file, &printed).expect("there is room for a file");
        let again = run("typescript_types", &[path, "--print"]).expect("it ran before");
        std::fs::remove_file(&file).expect("it was written");
        assert_eq!(printed, again);
        let statements = json["statements"].as_array().map_or(0, Vec::len);
        assert!((1..=20).contains(&statements), "{statements}");
    }
}

#[test]
fn typescript_types_says_where_a_file_is_wrong() {
    let program = path_of("typescript_types");
    if program.exists() {
        let file = std::env::temp_dir().join(format!("arenula-{}-wrong.d.ts", std::process::id()));
        std::fs::write(&file, "type A =\n  | B\n  | ;").expect("there is room for a file");
        let output = (Command::new(program).arg(&file).output()).expect("it starts");
        std::fs::remove_file(&file).expect("it was written");
        assert!(!output.status.success());
        assert_says(
            &String::from_utf8_lossy(&output.stderr),
            &[":3:5: expected a type, found `;`"],
        );
    }
}
