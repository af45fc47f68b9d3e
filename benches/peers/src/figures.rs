//! A benchmark whose figures are not times.

use crate::options::{Mode, Options};
use crate::table::Table;
use crate::{Column, Point, Spread};

/// What a contender's figures come to, by the name of its column.
type Cells = Vec<(&'static str, Spread)>;

/// A run of a benchmark that finds its figures itself, where the least is the best. It has rows, columns, a table and a
/// record as a [`Comparison`](crate::Comparison) has them.
pub struct Figures {
    bench: &'static str,
    columns: &'static [Column],
    unit: &'static str,
    options: Options,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    point: Option<Point>,
    find: Box<dyn Fn() -> Cells>,
}

impl Figures {
    /// A run as the command line wants it.
    pub fn from_args(bench: &'static str, columns: &'static [Column], unit: &'static str) -> Self {
        Self {
            bench,
            columns,
            unit,
            options: Options::from_env(Mode::Interleaved),
            rows: Vec::new(),
        }
    }

    /// Whether less time than usual is to be taken.
    pub fn is_quick(&self) -> bool {
        self.options.quick
    }

    /// Adds a row, and what finds its figures.
    pub fn run(&mut self, name: &str, point: Option<Point>, find: impl Fn() -> Cells + 'static) {
        self.rows.push(Row {
            name: name.to_owned(),
            point,
            find: Box::new(find),
        });
    }

    /// Finds the figures of the rows that the command line asks for, and prints their table. There is nothing to be
    /// counted.
    pub fn finish(mut self) {
        let options = &self.options;
        (self.rows)
            .retain(|row| options.mode != Mode::Count && options.wants(&row.name, self.columns));
        let mut record = self.options.record(self.bench);
        record.start(self.columns, self.rows.iter().map(|row| row.name.as_str()));
        let mut table = Table::new(self.unit, self.columns);
        for Row { name, point, find } in &self.rows {
            let mut cells = find();
            cells.retain(|(column, _)| self.options.wants_cell(name, column));
            if !cells.is_empty() {
                record.row(name, self.unit, point.as_ref(), &cells);
                table.push(name, &cells);
            }
        }
        record.end();
        if !table.is_empty() {
            println!("{table}");
        }
    }
}
