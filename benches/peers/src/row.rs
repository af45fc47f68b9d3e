//! One kind of work.

use std::time::Duration;

use crate::timed;

/// Does a number of passes of a contender's work and tells how long they took, best through [`timed`].
pub type Routine = Box<dyn FnMut(u64) -> Duration>;

/// Makes a row, once more with every call.
pub type Build = Box<dyn Fn() -> Row>;

/// What a curve is drawn against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The number of threads that do the work at once.
    Threads,
    /// The number of objects that there are.
    Objects,
}

/// A place on a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The name of the curve.
    pub series: String,
    /// What it is drawn against.
    pub axis: Axis,
    /// How many of those.
    pub x: u64,
}

/// One kind of work, with the contenders that can do it and memory of its own for each of them.
pub struct Row {
    pub(crate) operations: u64,
    pub(crate) point: Option<Point>,
    pub(crate) entries: Vec<(&'static str, Routine)>,
}

impl Row {
    /// A row whose every pass consists of `operations` operations, by which the table divides.
    pub fn new(operations: usize) -> Self {
        Self {
            operations: operations as u64,
            point: None,
            entries: Vec::new(),
        }
    }

    /// Makes the row a point of a curve.
    pub fn on(mut self, series: &str, axis: Axis, x: usize) -> Self {
        self.point = Some(Point {
            series: series.to_owned(),
            axis,
            x: x as u64,
        });
        self
    }

    /// Enters a contender by the name of its column; `pass` does the work once.
    pub fn enter(&mut self, column: &'static str, mut pass: impl FnMut() + 'static) {
        self.enter_routine(
            column,
            Box::new(move |passes| {
                timed(|| {
                    for _ in 0..passes {
                        pass();
                    }
                })
            }),
        );
    }

    /// Enters a contender that keeps its own time, such as one whose work starts threads.
    pub fn enter_routine(&mut self, column: &'static str, routine: Routine) {
        self.entries.push((column, routine));
    }

    pub(crate) fn nanoseconds_per_operation(&self, elapsed: Duration, passes: u64) -> f64 {
        elapsed.as_secs_f64() * 1e9 / (passes as f64 * self.operations as f64)
    }
}
