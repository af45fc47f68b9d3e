//! What the command line asks for.

use std::path::PathBuf;
use std::process::exit;

use crate::{Column, Record};

/// How rows are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// By criterion, to which the command line is left.
    Sequential,
    Interleaved,
    Count,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) mode: Mode,
    pub(crate) quick: bool,
    /// Where the record is written to.
    pub(crate) record: Option<PathBuf>,
    /// What callgrind begins the names of its dumps with; given by this program to itself.
    pub(crate) dumps: Option<PathBuf>,
    /// A part of the ids that are asked for.
    pub(crate) filter: String,
}

impl Options {
    /// Answers a complaint if it does not understand. What says no other way is measured as `otherwise`.
    pub(crate) fn from_args(
        args: impl Iterator<Item = String>,
        otherwise: Mode,
    ) -> Result<Self, String> {
        let args: Vec<String> = args.collect();
        let is_there = |flag| args.iter().any(|arg| arg == flag);
        let mut options = Self {
            mode: match () {
                () if is_there("--count") => Mode::Count,
                () if is_there("--interleaved") => Mode::Interleaved,
                () => otherwise,
            },
            quick: false,
            record: None,
            dumps: None,
            filter: String::new(),
        };
        if options.mode == Mode::Sequential {
            return Ok(options);
        }
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut path = || args.next().map(PathBuf::from);
            match arg.as_str() {
                // The first is what `cargo bench` says.
                "--bench" | "--interleaved" | "--count" => {}
                "--quick" => options.quick = true,
                "--record" => options.record = Some(path().ok_or("--record wants a path")?),
                "--dumps" => options.dumps = path(),
                flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
                word if options.filter.is_empty() => word.clone_into(&mut options.filter),
                word => return Err(format!("a single part of an id can be asked for: {word}")),
            }
        }
        Ok(options)
    }

    /// Like [`from_args`](Self::from_args), but complains itself, and ends the program.
    pub(crate) fn from_env(otherwise: Mode) -> Self {
        Self::from_args(std::env::args().skip(1), otherwise).unwrap_or_else(|complaint| {
            eprintln!("{complaint}; what there is stands at the top of benches/peers/src/lib.rs");
            exit(2)
        })
    }

    /// Whether one of the columns is asked for in the row.
    pub(crate) fn wants(&self, row: &str, columns: &[Column]) -> bool {
        (columns.iter()).any(|column| self.wants_cell(row, column.name))
    }

    pub(crate) fn wants_cell(&self, row: &str, column: &str) -> bool {
        format!("{row}/{column}").contains(&self.filter)
    }

    pub(crate) fn record(&self, bench: &'static str) -> Record {
        Record::open(bench, self.record.as_deref())
            .unwrap_or_else(|error| panic!("the record cannot be opened: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, Options};
    use std::path::Path;

    fn parsed(line: &str) -> Result<Options, String> {
        let args = line.split_whitespace().map(str::to_owned);
        Options::from_args(args, Mode::Sequential)
    }

    #[test]
    fn what_is_asked_for() {
        let options = parsed("--bench --interleaved --quick u32 --record some/path").unwrap();
        assert_eq!(options.mode, Mode::Interleaved);
        assert!(options.quick);
        assert_eq!(options.record.as_deref(), Some(Path::new("some/path")));
        assert!(options.wants_cell("value u32", "arenula"));
        assert!(!options.wants_cell("value u64", "arenula"));

        let options = parsed("--count u64/boxes").unwrap();
        assert_eq!(options.mode, Mode::Count);
        assert!(options.wants_cell("value u64", "boxes"));
        assert!(!options.wants_cell("value u64", "arenula"));
    }

    #[test]
    fn what_is_not_understood() {
        assert!(parsed("--interleaved --quik").is_err());
        assert!(parsed("--interleaved --record").is_err());
        assert!(parsed("--interleaved one two").is_err());
        // It is criterion that may complain.
        assert_eq!(parsed("--bench --quik").unwrap().mode, Mode::Sequential);
    }
}
