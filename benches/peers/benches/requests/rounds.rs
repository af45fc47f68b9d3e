//! The programs take turns in many rounds.

use std::time::{Duration, Instant};

use peers::turn_order;

use crate::child::Child;
use crate::options::Options;
use crate::programs::Program;
use crate::report::Row;

/// How long a turn takes: long beside a time slice and what it costs to come back to it.
const TURN: Duration = Duration::from_millis(20);

/// How long the turn takes that tells how many passes fill one.
const TRIAL: Duration = Duration::from_millis(2);

/// How often the programs are started, and how many rounds they have each time.
const FULL: (usize, usize) = (4, 25);
const QUICK: (usize, usize) = (2, 6);

/// After how many rounds it tells how far it is.
const PROGRESS: usize = 5;

/// One workload, with what was measured of it for each program.
struct Work {
    name: String,
    answer: Option<u64>,
    /// Nanoseconds per request.
    samples: Vec<Vec<f64>>,
    passes: Vec<u64>,
}

impl Work {
    fn turn(&mut self, child: &mut Child, index: usize) {
        let nanoseconds = self.run(child, self.passes[index]).as_secs_f64() * 1e9;
        self.samples[index].push(nanoseconds / self.passes[index] as f64);
    }

    /// Finds how many passes fill a turn of a program, which so gets warm too.
    fn prepare(&mut self, child: &mut Child, index: usize) {
        let mut passes = 1;
        loop {
            let elapsed = self.run(child, passes);
            if elapsed >= TRIAL {
                let turn = passes as f64 * (TURN.as_secs_f64() / elapsed.as_secs_f64());
                self.passes[index] = turn.max(1.0) as u64;
                return;
            }
            passes *= 2;
        }
    }

    fn run(&mut self, child: &mut Child, passes: u64) -> Duration {
        let turn = child.run(&self.name, passes);
        let answer = *self.answer.get_or_insert(turn.answer);
        assert_eq!(turn.answer, answer, "two answers to {}", self.name);
        turn.elapsed
    }
}

pub fn measure(programs: &[Program], options: &Options) -> Vec<Row> {
    let (starts, rounds) = if options.quick { QUICK } else { FULL };
    let begin = Instant::now();
    let mut works: Vec<Work> = Vec::new();
    for start in 0..starts {
        let mut children: Vec<Child> = (programs.iter())
            .map(|program| Child::start(program, options.threads))
            .collect();
        if start == 0 {
            let names = children.first_mut().map(Child::list).unwrap_or_default();
            works.extend(
                (names.into_iter())
                    .filter(|name| options.wants(name))
                    .map(|name| Work {
                        name,
                        answer: None,
                        samples: vec![Vec::new(); programs.len()],
                        passes: vec![1; programs.len()],
                    }),
            );
        }
        for work in &mut works {
            for (index, child) in children.iter_mut().enumerate() {
                work.prepare(child, index);
            }
        }
        for round in 0..rounds {
            for work in &mut works {
                for index in turn_order(round, children.len()) {
                    work.turn(&mut children[index], index);
                }
            }
            let done = start * rounds + round + 1;
            if done.is_multiple_of(PROGRESS) {
                eprintln!(
                    "{done} of {} rounds, {} s",
                    starts * rounds,
                    begin.elapsed().as_secs()
                );
            }
        }
    }
    (works.into_iter())
        .map(|work| Row {
            workload: work.name,
            samples: work.samples,
        })
        .collect()
}
