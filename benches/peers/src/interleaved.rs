//! The contenders of a row take turns in many short rounds, so that a slow spell of the machine
//! hits all of them alike instead of the one that happens to be measured.

use std::time::{Duration, Instant};

use crate::comparison::{Results, Runner};
use crate::options::Options;
use crate::spread::best;
use crate::{Build, Routine, Row};

/// How much time is taken.
struct Effort {
    /// How often every contender of a row gets its turn.
    rounds: usize,
    /// How many rows every build makes, one after another, for the sake of their memory.
    draws: usize,
    /// What the rounds of one of them may take before there are no more. A row that takes three times as long, with the
    /// least number of rounds, is its build's and the draw's only one.
    most: Duration,
}

const FULL: Effort = Effort {
    rounds: 20,
    draws: 2,
    most: Duration::from_secs(2),
};

const QUICK: Effort = Effort {
    rounds: 7,
    draws: 1,
    most: Duration::from_millis(400),
};

/// The rounds that there are even if they take longer.
const LEAST_ROUNDS: usize = 5;

/// How long a turn takes at least: long beside the clock's own cost, short beside a time slice.
const TURN: Duration = Duration::from_millis(1);

/// A pass that takes as long, with all that it does while the clock stands still, is a turn. It also makes its caches
/// warm itself.
const LONG: Duration = Duration::from_millis(10);

pub(crate) struct Interleaved<'a> {
    options: &'a Options,
    effort: Effort,
}

impl<'a> Interleaved<'a> {
    pub(crate) fn new(options: &'a Options) -> Self {
        let effort = if options.quick { QUICK } else { FULL };
        Self { options, effort }
    }
}

impl Runner for Interleaved<'_> {
    const UNIT: &'static str = "ns per operation";

    fn measure(&mut self, name: &str, builds: &[Build]) -> Results {
        // All of them are alive until the end, lest each gets the memory of the one before.
        let mut rows: Vec<Row> = (std::iter::repeat_n(builds, self.effort.draws).flatten())
            .map(|build| build())
            .collect();
        for row in &mut rows {
            (row.entries).retain(|(column, _)| self.options.wants_cell(name, column));
        }

        // For each column the samples of each row.
        let mut samples: Vec<(&str, Vec<Vec<f64>>)> = (rows[0].entries.iter())
            .map(|&(column, _)| (column, Vec::new()))
            .collect();
        if !samples.is_empty() {
            eprintln!("{name}");
        }
        for row in &mut rows {
            let begin = Instant::now();
            for ((_, by_row), new) in samples.iter_mut().zip(take_turns(row, &self.effort)) {
                by_row.push(new);
            }
            if begin.elapsed() >= 3 * self.effort.most {
                break;
            }
        }
        Results {
            point: rows.swap_remove(0).point,
            cells: (samples.into_iter())
                .filter_map(|(column, by_row)| Some((column, best(by_row)?)))
                .collect(),
        }
    }
}

/// Answers the samples of each entry.
fn take_turns(row: &mut Row, effort: &Effort) -> Vec<Vec<f64>> {
    let turns: Vec<Turn> = (row.entries.iter_mut())
        .map(|(_, routine)| Turn::of(routine))
        .collect();
    let mut samples = vec![Vec::with_capacity(effort.rounds); turns.len()];
    let begin = Instant::now();
    for round in 0..effort.rounds {
        if round >= LEAST_ROUNDS && begin.elapsed() >= effort.most {
            break;
        }
        for index in turn_order(round, turns.len()) {
            let (_, routine) = &mut row.entries[index];
            let Turn { passes, is_long } = turns[index];
            if !is_long {
                // Fetches back what the turns of the others have pushed out of the caches.
                routine(1);
            }
            let elapsed = routine(passes);
            samples[index].push(row.nanoseconds_per_operation(elapsed, passes));
        }
    }
    samples
}

#[derive(Clone, Copy)]
struct Turn {
    passes: u64,
    is_long: bool,
}

impl Turn {
    /// Also warms the contender up: it starts with a single pass and doubles until a turn is full.
    fn of(routine: &mut Routine) -> Self {
        let mut passes = 1;
        loop {
            let begin = Instant::now();
            let elapsed = routine(passes);
            let is_long = begin.elapsed() >= LONG;
            if is_long || elapsed >= TURN {
                return Self { passes, is_long };
            }
            passes *= 2;
        }
    }
}

/// The order of a round: everyone is first once in a while, and every other round goes backwards,
/// so that nobody always follows the same neighbour.
pub fn turn_order(round: usize, contenders: usize) -> impl Iterator<Item = usize> {
    (0..contenders).map(move |turn| {
        let step = if round.is_multiple_of(2) {
            turn
        } else {
            contenders - turn
        };
        (round / 2 + step) % contenders
    })
}
