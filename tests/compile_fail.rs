//! What must not compile: one file of `tests/ui` for each thing, which says what would go wrong.
//!
//! That the compiler says no is not enough, it must say so for the right reason: so what it says is
//! compared with the `.stderr` file beside each. `TRYBUILD=overwrite cargo test --test compile_fail`
//! writes them anew.

use std::env;
use std::process::Command;

/// Where the compiler is named whose words the `.stderr` files hold.
const TOOLCHAIN: &str = include_str!("../rust-toolchain.toml");

#[test]
fn each_case_is_rejected_for_its_reason() {
    if let Some(reason) = reason_to_skip() {
        eprintln!("compile_fail: SKIPPED, nothing was tested: {reason}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

/// Why the messages can't be compared here, if so.
fn reason_to_skip() -> Option<String> {
    if cfg!(miri) {
        return Some("an interpreted test can't start a compiler".into());
    }
    let pinned = pinned_version(TOOLCHAIN).expect("rust-toolchain.toml names a channel");
    // Cargo would take the same one.
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = match Command::new(compiler).arg("--version").output() {
        Ok(output) => output,
        Err(error) => return Some(format!("the compiler's version can't be had: {error}")),
    };
    let version = String::from_utf8_lossy(&output.stdout);
    // Of "rustc 1.95.0 (59807616e 2026-04-14)" the second word; a nightly has "1.95.0-nightly".
    if version.split_whitespace().nth(1) == Some(pinned) {
        None
    } else {
        let version = version.trim();
        Some(format!(
            "the messages are those of rustc {pinned}, and this is {version:?}"
        ))
    }
}

/// The `channel` of a `rust-toolchain.toml`.
fn pinned_version(toolchain: &str) -> Option<&str> {
    let line = toolchain.lines().find(|line| line.starts_with("channel"))?;
    line.split('"').nth(1)
}
