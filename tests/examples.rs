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
