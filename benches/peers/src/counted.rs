//! The instructions that rows take, by callgrind.

use std::env::{self, temp_dir};
use std::ffi::{CString, OsString};
use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};

use crate::comparison::{Results, Runner};
use crate::options::Options;
use crate::{Axis, Build, Record, Routine, Row, Spread, callgrind};

/// The passes that are not counted, after which a contender has what it needs.
const WARM: usize = 2;

/// Passes are repeated until there are as many operations, so that what they begin and end with counts little.
const OPERATIONS: u64 = 10_000;

/// As many instructions are enough in any case.
const INSTRUCTIONS: u64 = 1_000_000;

/// Runs this program once more, under callgrind, and answers with what it ends.
pub(crate) fn start(bench: &str) -> i32 {
    if !callgrind::IS_ABLE {
        eprintln!("instructions cannot be counted on this machine");
        return 1;
    }
    let scratch = temp_dir().join(format!("{bench}-counted-{}", process::id()));
    let result = fs::create_dir_all(&scratch).and_then(|()| {
        let dumps = scratch.join("dump");
        let mut option = OsString::from("--callgrind-out-file=");
        option.push(&dumps);
        Command::new("valgrind")
            .args(["-q", "--tool=callgrind", "--collect-atstart=no"])
            .arg(option)
            .arg(env::current_exe()?)
            .args(env::args_os().skip(1))
            .arg("--dumps")
            .arg(&dumps)
            .status()
    });
    let _ = fs::remove_dir_all(&scratch);
    match result {
        Ok(status) => status.code().unwrap_or(1),
        Err(error) => {
            eprintln!("valgrind, which would count, does not start: {error}");
            1
        }
    }
}

pub(crate) struct Counted<'a> {
    options: &'a Options,
    /// The dumps that there were.
    dumps: usize,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(options: &'a Options) -> Self {
        assert!(callgrind::is_running(), "only callgrind can count");
        Self { options, dumps: 0 }
    }

    /// The instructions of as many passes.
    fn count(&mut self, id: &str, routine: &mut Routine, passes: u64) -> u64 {
        let id = CString::new(id).expect("names have no zeros");
        callgrind::dump(&id, || _ = routine(passes));
        self.dumps += 1;
        let mut dump = self
            .options
            .dumps
            .clone()
            .unwrap_or_default()
            .into_os_string();
        dump.push(format!(".{}", self.dumps));
        let dump = PathBuf::from(dump);
        let total = callgrind::total(&dump);
        let _ = fs::remove_file(&dump);
        total.unwrap_or_else(|| panic!("callgrind has not written {}", dump.display()))
    }
}

impl Runner for Counted<'_> {
    const UNIT: &'static str = "instructions per operation";

    fn measure(&mut self, name: &str, builds: &[Build]) -> Results {
        let Row {
            operations,
            point,
            entries,
        } = builds[0]();
        let is_of_threads = |point: &crate::Point| point.axis == Axis::Threads && point.x > 1;
        if point.as_ref().is_some_and(is_of_threads) {
            return Results {
                point,
                cells: Vec::new(),
            };
        }
        let mut cells = Vec::new();
        for (column, mut routine) in entries {
            if !self.options.wants_cell(name, column) {
                continue;
            }
            for _ in 0..WARM {
                routine(1);
            }
            let id = format!("{name}/{column}");
            let mut total = self.count(&id, &mut routine, 1);
            let passes = (OPERATIONS / operations)
                .min(INSTRUCTIONS / total.max(1))
                .max(1);
            if passes > 1 {
                total = self.count(&id, &mut routine, passes);
            }
            let each = total as f64 / (passes * operations) as f64;
            cells.push((column, Spread::exact(each)));
        }
        Results { point, cells }
    }

    fn record(record: &mut Record, name: &str, results: &Results) {
        for &(column, spread) in &results.cells {
            record.instructions(name, column, spread.median);
        }
    }
}
