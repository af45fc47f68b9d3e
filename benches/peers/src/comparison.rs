//! A run of a whole benchmark.

use std::process::exit;

use crate::counted::{self, Counted};
use crate::interleaved::Interleaved;
use crate::options::{Mode, Options};
use crate::sequential::Sequential;
use crate::table::Table;
use crate::{Build, Point, Record, Spread};

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

/// What was measured of a row.
pub(crate) struct Results {
    pub(crate) point: Option<Point>,
    /// By the name of the column.
    pub(crate) cells: Vec<(&'static str, Spread)>,
}

/// A way to measure rows.
pub(crate) trait Runner {
    /// What the results are.
    const UNIT: &'static str;

    fn measure(&mut self, name: &str, builds: &[Build]) -> Results;

    fn record(record: &mut Record, name: &str, results: &Results) {
        record.row(name, Self::UNIT, results.point.as_ref(), &results.cells);
    }

    /// Called after the last row.
    fn finish(&mut self) {}
}

/// A run of a whole benchmark.
pub struct Comparison {
    bench: &'static str,
    columns: &'static [Column],
    options: Options,
    rows: Vec<(String, Vec<Build>)>,
}

impl Comparison {
    /// A run as the command line wants it.
    ///
    /// Ends the program where that makes no sense, or where another one under callgrind does the work.
    pub fn from_args(bench: &'static str, columns: &'static [Column]) -> Self {
        let options = Options::from_env(Mode::Sequential);
        if options.mode == Mode::Count && options.dumps.is_none() {
            exit(counted::start(bench));
        }
        Self {
            bench,
            columns,
            options,
            rows: Vec::new(),
        }
    }

    /// Whether less time than usual is to be taken.
    pub fn is_quick(&self) -> bool {
        self.options.quick
    }

    /// Whether instructions are counted, for which large rows take too long.
    pub fn is_counted(&self) -> bool {
        self.options.mode == Mode::Count
    }

    /// Whether nothing is asked for but rows: they are recorded or counted.
    pub fn is_of_rows_only(&self) -> bool {
        self.options.record.is_some() || self.is_counted()
    }

    /// Adds a row to those that [`finish`](Self::finish) measures.
    ///
    /// All of the builds, of which there must be at least one, make the same row, best as
    /// [`builds!`](crate::builds) does it.
    pub fn run(&mut self, name: &str, builds: Vec<Build>) {
        self.rows.push((name.to_owned(), builds));
    }

    /// Measures the rows, except those of their entries that the command line filters out, and prints the table of what
    /// was measured.
    pub fn finish(self) {
        match self.options.mode {
            Mode::Sequential => self.measure(Sequential::from_args()),
            Mode::Interleaved => self.measure(Interleaved::new(&self.options)),
            Mode::Count => self.measure(Counted::new(&self.options)),
        }
    }

    fn measure<R: Runner>(&self, mut runner: R) {
        let rows = (self.rows.iter()).filter(|(name, _)| self.options.wants(name, self.columns));
        let mut record = self.options.record(self.bench);
        record.start(self.columns, rows.clone().map(|(name, _)| name.as_str()));
        let mut table = Table::new(R::UNIT, self.columns);
        for (name, builds) in rows {
            let results = runner.measure(name, builds);
            if !results.cells.is_empty() {
                R::record(&mut record, name, &results);
                table.push(name, &results.cells);
            }
        }
        runner.finish();
        record.end();
        if !table.is_empty() {
            println!("{table}");
        }
    }
}
