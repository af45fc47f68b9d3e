//! The programs of the package `requests`, one for each allocator.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A way to build all of them.
pub struct Build {
    pub name: &'static str,
    pub description: &'static str,
    profile: &'static str,
}

pub const BUILDS: [Build; 2] = [
    Build {
        name: "fat-lto",
        description: "Fat LTO, one codegen unit",
        profile: "bench-fat-lto",
    },
    Build {
        name: "thin-local",
        description: "Cargo's release profile: no LTO across crates",
        profile: "bench-thin-local",
    },
];

pub struct Program {
    pub build: &'static Build,
    pub allocator: &'static str,
    pub path: PathBuf,
}

/// In the order of the table: the name of an allocator, and that of its program.
const ALLOCATORS: [(&str, &str); 6] = [
    ("system", "with_system"),
    ("mimalloc", "with_mimalloc"),
    ("jemalloc", "with_jemalloc"),
    ("snmalloc", "with_snmalloc"),
    ("frames/system", "with_frames_over_system"),
    ("frames/mimalloc", "with_frames_over_mimalloc"),
];

/// Builds those that the features of the package allow for, with the cargo that runs this.
///
/// # Panics
///
/// If they cannot be built; cargo has said why.
pub fn build(build: &'static Build, arguments: &[String]) -> Vec<Program> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .args(["build", "--package", "requests", "--bins"])
        .args(["--profile", build.profile])
        .arg("--message-format=json-render-diagnostics")
        .args(arguments)
        .stderr(Stdio::inherit());
    // Without cmake, snmalloc's own build leaves its assertions in.
    let flags = std::env::var("CXXFLAGS").unwrap_or_default();
    command.env("CXXFLAGS", format!("{flags} -DNDEBUG").trim_start());

    let output = command.output().expect("cargo does not start");
    assert!(output.status.success(), "cargo does not build the programs");
    let messages = String::from_utf8(output.stdout).expect("messages of cargo");
    let executables: Vec<(String, PathBuf)> = messages.lines().filter_map(executable).collect();
    (ALLOCATORS.into_iter())
        .filter_map(|(allocator, program)| {
            let (_, path) = executables.iter().find(|(name, _)| name == program)?;
            Some(Program {
                build,
                allocator,
                path: path.clone(),
            })
        })
        .collect()
}

/// The name and the path of a program, if that is what a message of cargo tells.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}
