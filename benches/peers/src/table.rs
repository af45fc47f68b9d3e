//! The table that a run ends in.

use std::fmt::{self, Display, Formatter};

use crate::{Column, Role, Spread};

/// One line for each row, one column for each contender, and what the comparison comes to.
pub(crate) struct Table {
    unit: &'static str,
    columns: &'static [Column],
    rows: Vec<Line>,
}

struct Line {
    name: String,
    /// In the order of the columns; `None` where a contender cannot do the work.
    results: Vec<Option<f64>>,
}

impl Table {
    pub(crate) fn new(unit: &'static str, columns: &'static [Column]) -> Self {
        Self {
            unit,
            columns,
            rows: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn push(&mut self, name: &str, cells: &[(&'static str, Spread)]) {
        let result_of = |column: &Column| {
            (cells.iter())
                .find(|(name, _)| *name == column.name)
                .map(|(_, spread)| spread.median)
        };
        self.rows.push(Line {
            name: name.to_owned(),
            results: self.columns.iter().map(result_of).collect(),
        });
    }

    /// The smallest result of a line among the columns of a role, and whose it is.
    fn best(&self, line: &Line, role: Role) -> Option<(f64, &'static str)> {
        (self.columns.iter().zip(&line.results))
            .filter(|(column, _)| column.role == role)
            .filter_map(|(column, result)| Some(((*result)?, column.name)))
            .min_by(|(one, _), (other, _)| one.total_cmp(other))
    }

    fn subject(&self) -> &'static str {
        (self.columns.iter())
            .find(|column| column.role == Role::Subject)
            .map_or("?", |column| column.name)
    }

    fn heading(&self) -> Vec<String> {
        let subject = self.subject();
        let mut cells = vec![self.unit.to_owned()];
        cells.extend(self.columns.iter().map(|column| column.name.to_owned()));
        cells.extend([
            "best peer".to_owned(),
            format!("peer/{subject}"),
            String::new(),
            format!("{subject}/limit"),
        ]);
        cells
    }

    fn cells(&self, line: &Line) -> Vec<String> {
        let subject = self.best(line, Role::Subject);
        let peer = self.best(line, Role::Peer);
        let limit = self.best(line, Role::Limit);
        let lead = ratio(peer, subject);

        let mut cells = vec![line.name.clone()];
        cells.extend(line.results.iter().map(|&result| number(result)));
        cells.extend([
            peer.map_or("-", |(_, name)| name).to_owned(),
            factor(lead),
            if lead.is_some_and(|lead| lead < DRAW) {
                "LOSS".to_owned()
            } else {
                String::new()
            },
            factor(ratio(subject, limit)),
        ]);
        cells
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut lines = vec![self.heading()];
        lines.extend(self.rows.iter().map(|line| self.cells(line)));
        Aligned(&lines).fmt(f)?;
        writeln!(
            f,
            "\npeer/{0}: above 1 where {0} takes less",
            self.subject()
        )?;
        for column in self.columns {
            writeln!(f, "{}: {}", column.name, column.note)?;
        }
        Ok(())
    }
}

/// What is below is no longer 1 with the digits of a [`factor`].
const DRAW: f64 = 0.9995;

/// Lines of equally many cells, one below the other.
#[derive(Clone, Copy, Debug)]
pub struct Aligned<'a>(pub &'a [Vec<String>]);

impl Display for Aligned<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = self.0.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|index| (self.0.iter().map(|cells| cells[index].len()).max()).unwrap_or_default())
            .collect();
        for cells in self.0 {
            for (index, (cell, &width)) in cells.iter().zip(&widths).enumerate() {
                match index {
                    0 => write!(f, "{cell:<width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn ratio(one: Option<(f64, &str)>, other: Option<(f64, &str)>) -> Option<f64> {
    Some(one?.0 / other?.0)
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value < 100.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.0}"),
    }
}

/// With one digit more than a number, so that a near miss does not read as a draw.
fn factor(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}
