//! The comparison of one crate with its peers: rows of work, a column for each contender, and two
//! ways to measure them that end in the same table.
//!
//! Where an operation costs a few cycles, it matters where the machine code of its loop happens to
//! lie, and where the memory that it works on: the same instructions can take half as long again,
//! and any change to the program deals the cards anew. So [`Comparison::run`] takes every row in
//! several builds, which differ in just that, and counts for each contender the median of its best
//! build: everyone gets as many chances, and what is left is the cost of the work.

mod interleaved;
mod placement;
mod sequential;
mod table;

use std::time::{Duration, Instant};

pub use crate::interleaved::turn_order;
pub use crate::placement::place_code;
pub use crate::table::Aligned;

use crate::interleaved::Interleaved;
use crate::sequential::Sequential;
use crate::table::Table;

/// What a column stands for when the table compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The crate that is compared with the others; a comparison has exactly one.
    Subject,
    /// Another configuration of the subject, shown for the record.
    Variant,
    /// A crate that the subject is compared with.
    Peer,
    /// The least that the work can cost, whoever does it.
    Limit,
}

/// A contender, which has the same column in every row.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The heading, and the last part of the benchmark's id.
    pub name: &'static str,
    /// How the table compares it.
    pub role: Role,
    /// What it measures exactly, printed below the table.
    pub note: &'static str,
}

/// Does a number of passes of a contender's work and tells how long they took.
pub type Routine = Box<dyn FnMut(u64) -> Duration>;

/// One kind of work, with the contenders that can do it and memory of its own for each of them.
pub struct Row {
    operations: u64,
    entries: Vec<(&'static str, Routine)>,
}

impl Row {
    /// A row whose every pass consists of `operations` operations, by which the table divides.
    pub fn new(operations: usize) -> Self {
        Self {
            operations: operations as u64,
            entries: Vec::new(),
        }
    }

    /// Enters a contender by the name of its column; `pass` does the work once.
    pub fn enter(&mut self, column: &'static str, mut pass: impl FnMut() + 'static) {
        self.enter_routine(
            column,
            Box::new(move |passes| {
                let start = Instant::now();
                for _ in 0..passes {
                    pass();
                }
                start.elapsed()
            }),
        );
    }

    /// Enters a contender that keeps its own time, such as one whose work starts threads.
    pub fn enter_routine(&mut self, column: &'static str, routine: Routine) {
        self.entries.push((column, routine));
    }

    fn nanoseconds_per_operation(&self, elapsed: Duration, passes: u64) -> f64 {
        elapsed.as_secs_f64() * 1e9 / (passes as f64 * self.operations as f64)
    }
}

/// Makes a row, once more with every call.
pub type Build<'a> = &'a dyn Fn() -> Row;

/// What was measured of a row: nanoseconds per operation, by the name of the column.
type Results = Vec<(&'static str, f64)>;

/// A way to measure a row.
trait Runner {
    fn measure(&mut self, name: &str, builds: &[Build]) -> Results;

    /// Called after the last row.
    fn finish(&mut self) {}
}

/// A run of the whole benchmark.
pub struct Comparison {
    runner: Box<dyn Runner>,
    table: Table,
}

impl Comparison {
    /// A run as the command line wants it: criterion's arguments, or `--interleaved` with an
    /// optional part of a benchmark's id.
    pub fn from_args(columns: &'static [Column]) -> Self {
        let runner: Box<dyn Runner> = match Interleaved::from_args(std::env::args().skip(1)) {
            Some(interleaved) => Box::new(interleaved),
            None => Box::new(Sequential::from_args()),
        };
        Self {
            runner,
            table: Table::new(columns),
        }
    }

    /// Measures a row, except those of its entries that the command line filters out.
    ///
    /// All of the builds, of which there must be at least one, make the same row, best as
    /// [`builds!`] does it.
    pub fn run(&mut self, name: &str, builds: &[Build]) {
        let results = self.runner.measure(name, builds);
        if !results.is_empty() {
            self.table.push(name, &results);
        }
    }

    /// Ends the run and prints the table of what was measured.
    pub fn finish(mut self) {
        self.runner.finish();
        if !self.table.is_empty() {
            println!("{}", self.table);
        }
    }
}

/// The median of the best build, or `None` if no build has samples.
fn best_median(builds: Vec<Vec<f64>>) -> Option<f64> {
    (builds.into_iter())
        .filter_map(median)
        .min_by(f64::total_cmp)
}

/// Answers `None` if there are no samples.
pub fn median(mut samples: Vec<f64>) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    let upper = *samples.get(samples.len() / 2)?;
    let lower = samples[(samples.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}
