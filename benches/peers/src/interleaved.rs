//! The contenders of a row take turns in many short rounds, so that a slow spell of the machine
//! hits all of them alike instead of the one that happens to be measured.

use std::time::Duration;

use crate::{Build, Results, Routine, Row, Runner, best_median};

/// How often every contender of a row gets its turn.
const ROUNDS: usize = 20;

/// How many rows every build makes, one after another, for the sake of their memory.
const DRAWS: usize = 2;

/// How long a turn takes at least: long beside the clock's own cost, short beside a time slice.
const TURN: Duration = Duration::from_millis(1);

pub(crate) struct Interleaved {
    filter: String,
}

impl Interleaved {
    /// Answers `None` if the arguments do not ask for this mode.
    pub(crate) fn from_args(args: impl Iterator<Item = String>) -> Option<Self> {
        let (flags, words): (Vec<_>, Vec<_>) = args.partition(|arg| arg.starts_with('-'));
        let filter = words.into_iter().next().unwrap_or_default();
        (flags.iter().any(|flag| flag == "--interleaved")).then_some(Self { filter })
    }
}

impl Runner for Interleaved {
    fn measure(&mut self, name: &str, builds: &[Build]) -> Results {
        // All of them are alive until the end, lest each gets the memory of the one before.
        let mut rows: Vec<Row> = (std::iter::repeat_n(builds, DRAWS).flatten())
            .map(|build| build())
            .collect();
        for row in &mut rows {
            (row.entries).retain(|(column, _)| format!("{name}/{column}").contains(&self.filter));
        }

        // For each column the samples of each row.
        let mut samples: Vec<(&str, Vec<Vec<f64>>)> = (rows[0].entries.iter())
            .map(|&(column, _)| (column, Vec::new()))
            .collect();
        if !samples.is_empty() {
            eprintln!("{name}");
        }
        for row in &mut rows {
            for ((_, by_row), new) in samples.iter_mut().zip(take_turns(row)) {
                by_row.push(new);
            }
        }
        (samples.into_iter())
            .filter_map(|(column, by_row)| Some((column, best_median(by_row)?)))
            .collect()
    }
}

/// Answers the samples of each entry.
fn take_turns(row: &mut Row) -> Vec<Vec<f64>> {
    let passes: Vec<u64> = (row.entries.iter_mut())
        .map(|(_, routine)| passes_per_turn(routine))
        .collect();
    let mut samples = vec![Vec::with_capacity(ROUNDS); passes.len()];
    for round in 0..ROUNDS {
        for index in turn_order(round, passes.len()) {
            let (_, routine) = &mut row.entries[index];
            // Fetches back what the turns of the others have pushed out of the caches.
            routine(1);
            let elapsed = routine(passes[index]);
            samples[index].push(row.nanoseconds_per_operation(elapsed, passes[index]));
        }
    }
    samples
}

/// Also warms the contender up: it starts with a single pass and doubles until a turn is full.
fn passes_per_turn(routine: &mut Routine) -> u64 {
    let mut passes = 1;
    while routine(passes) < TURN {
        passes *= 2;
    }
    passes
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
