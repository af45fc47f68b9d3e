//! Finds out whether the compiler has the unstable `Allocator` trait that feature `nightly` asks for.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(std_allocator)");
    if env::var_os("CARGO_FEATURE_NIGHTLY").is_some() && is_nightly() {
        println!("cargo::rustc-cfg=std_allocator");
    }
}

fn is_nightly() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    version.is_ok_and(|version| String::from_utf8_lossy(&version.stdout).contains("nightly"))
}
