//! What must not compile: one file of `tests/ui` for each thing, which says what would go wrong.
//!
//! That the compiler says no is not enough, it must say so for the right reason: so what it says is
//! compared with the `.stderr` file beside each. `TRYBUILD=overwrite cargo test --test compile_fail`
//! writes them anew.
#![cfg_attr(not(feature = "collections"), allow(dead_code, unused_imports))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the compiler whose words the `.stderr` files hold.
const TOOLCHAIN: &str = include_str!("../rust-toolchain.toml");

/// What stands in a message that points into the standard library, and quotes it where its source is
/// installed.
const QUOTING: &str = "$RUST/";

// The messages name types by the paths that the features give them.
#[cfg(feature = "collections")]
#[test]
fn each_case_is_rejected_for_its_reason() {
    if let Some(reason) = reason_to_skip() {
        eprintln!("compile_fail: SKIPPED, nothing was tested: {reason}");
        return;
    }
    let skips_quoting = has_library_source();
    if skips_quoting {
        eprintln!("compile_fail: SKIPPED what points to {QUOTING}: rust-src changes the messages");
    }
    let runner = trybuild::TestCases::new();
    for case in cases() {
        let message = fs::read_to_string(case.with_extension("stderr")).unwrap_or_default();
        let is_quoting = message.contains(QUOTING);
        if !(is_quoting && skips_quoting) {
            runner.compile_fail(case);
        }
    }
}

/// The files of `tests/ui`, by name.
fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir("tests/ui")
        .expect("tests run in the package's directory")
        .map(|entry| entry.expect("tests/ui can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// Why the messages can't be compared here, if so.
fn reason_to_skip() -> Option<String> {
    if cfg!(miri) {
        return Some("an interpreted test can't start a compiler".into());
    }
    let pinned = pinned_version(TOOLCHAIN).expect("rust-toolchain.toml names a channel");
    let Some(version) = ask_compiler(&["--version"]) else {
        return Some("the compiler doesn't tell its version".into());
    };
    // The second word of "rustc 1.95.0 (59807616e 2026-04-14)"; a nightly's would end in "-nightly".
    if version.split_whitespace().nth(1) == Some(pinned) {
        None
    } else {
        Some(format!(
            "the messages are those of rustc {pinned}, and this is {version}"
        ))
    }
}

/// The `channel` of a `rust-toolchain.toml`.
fn pinned_version(toolchain: &str) -> Option<&str> {
    let line = toolchain.lines().find(|line| line.starts_with("channel"))?;
    line.split('"').nth(1)
}

/// Whether the compiler can quote the standard library.
fn has_library_source() -> bool {
    ask_compiler(&["--print", "sysroot"])
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust").exists())
}

/// What the compiler prints that Cargo takes.
fn ask_compiler(arguments: &[&str]) -> Option<String> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| answer.trim().to_owned())
}
