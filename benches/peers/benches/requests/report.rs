//! The table that a run ends in.

use std::fmt::{self, Display, Formatter};

use peers::{Aligned, median};

use crate::programs::{Build, Program};

/// A workload, and what was measured of it for each program: once in each round, or not at all.
pub struct Row {
    pub workload: String,
    pub samples: Vec<Vec<f64>>,
}

/// How one allocator compares with another: the median of the ratios in each round, which a slow spell
/// that hits both of them leaves alone. So it may differ a bit from the ratio of their medians.
pub struct Ratio {
    one: &'static str,
    other: &'static str,
    most: f64,
}

impl Ratio {
    /// The result of one divided by that of the other.
    pub fn over(one: &'static str, other: &'static str) -> Self {
        Self {
            one,
            other,
            most: f64::INFINITY,
        }
    }

    /// What is above is marked in the table.
    pub fn at_most(self, most: f64) -> Self {
        Self { most, ..self }
    }
}

/// The table of a build.
pub struct Report<'a> {
    unit: &'static str,
    allocators: Vec<&'static str>,
    rows: Vec<Row>,
    ratios: Vec<&'a Ratio>,
}

impl<'a> Report<'a> {
    /// Takes from the rows what the programs of the build have done, and adds a column for each ratio of
    /// allocators that are there.
    pub fn new(
        unit: &'static str,
        build: &Build,
        programs: &[Program],
        rows: &[Row],
        ratios: &'a [Ratio],
    ) -> Self {
        let is_meant = |program: &Program| program.build.name == build.name;
        let of_build = |row: &Row| Row {
            workload: row.workload.clone(),
            samples: (programs.iter().zip(&row.samples))
                .filter(|(program, _)| is_meant(program))
                .map(|(_, samples)| samples.clone())
                .collect(),
        };
        let allocators: Vec<&str> = (programs.iter())
            .filter(|program| is_meant(program))
            .map(|program| program.allocator)
            .collect();
        let ratios = (ratios.iter())
            .filter(|ratio| {
                [ratio.one, ratio.other]
                    .iter()
                    .all(|name| allocators.contains(name))
            })
            .collect();
        Self {
            unit,
            allocators,
            rows: rows.iter().map(of_build).collect(),
            ratios,
        }
    }

    /// Whether all ratios are known, and as they should be.
    pub fn is_good(&self) -> bool {
        (self.rows.iter()).all(|row| {
            (self.ratios.iter()).all(|ratio| {
                self.ratio(row, ratio)
                    .is_some_and(|value| value <= ratio.most)
            })
        })
    }

    fn ratio(&self, row: &Row, ratio: &Ratio) -> Option<f64> {
        let samples_of = |allocator| {
            let index = self.allocators.iter().position(|&name| name == allocator)?;
            Some(&row.samples[index])
        };
        let rounds = samples_of(ratio.one)?.iter().zip(samples_of(ratio.other)?);
        median(rounds.map(|(one, other)| one / other).collect())
    }

    fn heading(&self) -> Vec<String> {
        let mut cells = vec![self.unit.to_owned()];
        cells.extend(self.allocators.iter().map(|&name| name.to_owned()));
        cells.extend((self.ratios.iter()).map(|ratio| format!("{} : {}", ratio.one, ratio.other)));
        cells
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let mut cells = vec![row.workload.clone()];
        cells.extend(
            (row.samples.iter()).map(|samples| match median(samples.clone()) {
                Some(value) => format!("{value:.0}"),
                None => "-".to_owned(),
            }),
        );
        cells.extend(
            (self.ratios.iter()).map(|ratio| match self.ratio(row, ratio) {
                Some(value) if value > ratio.most => format!("{value:.3} OVER {}", ratio.most),
                Some(value) => format!("{value:.3}"),
                None => "-".to_owned(),
            }),
        );
        cells
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut lines = vec![self.heading()];
        lines.extend(self.rows.iter().map(|row| self.cells(row)));
        Aligned(&lines).fmt(f)
    }
}
