//! Measures arenula beside its peers, and writes what comes out: `docs/PERF.md`, its charts, and the figures of
//! the README.
//!
//! ```text
//! cargo run --release -p peers -- report           # all of it
//! cargo run --release -p peers -- report --quick   # a first impression
//! cargo run --release -p peers -- report --help
//! ```

mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    report::main(std::env::args().skip(1))
}
