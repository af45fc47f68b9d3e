//! What the command line asks for.

use std::path::PathBuf;

use crate::programs::{BUILDS, Build};
use crate::recorded;

pub struct Options {
    /// Whether `cargo bench` runs this.
    pub is_bench: bool,
    pub quick: bool,
    pub instructions: bool,
    pub threads: usize,
    /// Where the record is written to, of one thread and of two.
    pub record: Option<PathBuf>,
    pub builds: Vec<&'static Build>,
    /// Parts of the names of the workloads to take; all of them if there are none.
    pub filters: Vec<String>,
    /// Handed to `cargo build`.
    pub cargo: Vec<String>,
}

impl Options {
    /// Answers a complaint if it does not understand.
    pub fn from_args(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            is_bench: false,
            quick: false,
            instructions: false,
            threads: 1,
            record: None,
            builds: Vec::new(),
            filters: Vec::new(),
            cargo: Vec::new(),
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} wants a value"));
            match arg.as_str() {
                "--bench" => options.is_bench = true,
                // As all benches do it.
                "--interleaved" => {}
                "--record" => options.record = Some(value()?.into()),
                "--quick" => options.quick = true,
                "instructions" => options.instructions = true,
                "--threads" => {
                    options.threads = (value()?.parse().ok())
                        .filter(|&threads| threads > 0)
                        .ok_or("--threads wants a number")?;
                }
                "--features" => options.cargo.extend([arg.clone(), value()?]),
                "--no-default-features" | "--offline" => options.cargo.push(arg),
                flag if flag.starts_with('-') => {
                    let build = (BUILDS.iter())
                        .find(|build| flag.strip_prefix("--") == Some(build.name))
                        .ok_or(format!("unknown option {flag}"))?;
                    options.builds.push(build);
                }
                _ => options.filters.push(arg),
            }
        }
        if options.instructions && options.threads > 1 {
            return Err("instructions are counted in a single thread".to_owned());
        }
        if options.builds.is_empty() {
            options.builds.extend(&BUILDS);
        }
        if options.record.is_some() {
            // A record is about one of them.
            options.builds.truncate(1);
        }
        Ok(options)
    }

    /// Whether a workload is asked for.
    pub fn wants(&self, workload: &str) -> bool {
        let row = recorded::row_name(workload, self.threads);
        let mut filters = self.filters.iter();
        self.filters.is_empty() || filters.any(|filter| row.contains(filter))
    }
}
