//! How far it is, and how long it will take.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use peers::median;

use crate::report::record::{Event, Record, Work};

/// How often a line is written where there is no terminal.
const LINES: Duration = Duration::from_secs(5);

/// The longest name of what is measured, so that the line fits.
const NAME: usize = 34;

/// A bench to run, or to count.
#[derive(Clone, Debug)]
pub struct Step {
    pub bench: String,
    pub work: Work,
    /// How many rows it has, as soon as that is known.
    rows: Option<usize>,
    done: usize,
    elapsed: Duration,
    /// When the last of the rows was done.
    at_last_row: Duration,
    /// How many seconds a row took in an earlier run.
    earlier: Option<f64>,
    is_over: bool,
}

impl Step {
    /// What the first of earlier runs knows of it counts until there is more.
    pub fn new(bench: &str, work: Work, earlier: &[Record]) -> Self {
        let took = earlier.iter().find_map(|record| {
            (record.took.iter().rev()).find(|took| took.bench == bench && took.work == work)
        });
        Self {
            bench: bench.to_owned(),
            work,
            rows: took.map(|took| took.rows),
            done: 0,
            elapsed: Duration::ZERO,
            at_last_row: Duration::ZERO,
            earlier: took.map(|took| took.seconds / took.rows.max(1) as f64),
            is_over: false,
        }
    }

    /// Seconds for a row, as far as this step itself tells.
    fn own_pace(&self) -> Option<f64> {
        let elapsed = if self.is_over {
            self.elapsed
        } else {
            self.at_last_row
        };
        (self.done > 0).then(|| elapsed.as_secs_f64() / self.done as f64)
    }
}

/// The seconds that are left, or `None` as long as nothing tells how long a row takes. Medians, since there are rows
/// that take a minute among those that take a second.
fn left(steps: &[Step]) -> Option<f64> {
    let rows = median(
        (steps.iter())
            .filter_map(|step| Some(step.rows? as f64))
            .collect(),
    );
    let pace_of = |is_meant: &dyn Fn(&Step) -> bool| {
        let meant = steps.iter().filter(|step| is_meant(step));
        median(meant.filter_map(Step::own_pace).collect())
    };
    (steps.iter().filter(|step| !step.is_over))
        .map(|step| {
            let pace = (step.own_pace())
                .or(step.earlier)
                .or_else(|| pace_of(&|other| other.work == step.work))
                .or_else(|| pace_of(&|_| true))?;
            let rows = step.rows.map(|rows| rows as f64).or(rows)?;
            Some((rows * pace - step.elapsed.as_secs_f64()).max(0.0))
        })
        .sum()
}

/// All steps, told on the terminal.
pub struct Progress {
    steps: Vec<Step>,
    current: usize,
    begin: Instant,
    step_begin: Instant,
    /// The rows of the current step, and those of them that were seen.
    expected: Vec<String>,
    seen: HashSet<String>,
    is_terminal: bool,
    last_line: Option<Instant>,
}

impl Progress {
    pub fn new(steps: Vec<Step>) -> Self {
        Self {
            steps,
            current: 0,
            begin: Instant::now(),
            step_begin: Instant::now(),
            expected: Vec::new(),
            seen: HashSet::new(),
            is_terminal: std::io::stderr().is_terminal(),
            last_line: None,
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    pub fn enter(&mut self, step: usize) {
        self.current = step;
        self.step_begin = Instant::now();
        self.expected.clear();
        self.seen.clear();
        self.show();
    }

    /// Takes note of what a bench has written.
    pub fn note(&mut self, event: &Event) {
        let step = &mut self.steps[self.current];
        let row = match (event, step.work) {
            (Event::Start { rows, .. }, _) => {
                step.rows = Some(rows.len());
                self.expected.clone_from(rows);
                return;
            }
            (Event::Row { row, .. }, Work::Measure) => &row.name,
            (Event::Instructions { row, .. }, Work::Count) => row,
            _ => return,
        };
        if self.seen.insert(row.clone()) {
            // A row is counted column by column, and not done with the first.
            step.done = self.seen.len() - usize::from(step.work == Work::Count);
            step.at_last_row = self.step_begin.elapsed();
        }
    }

    /// Answers how many rows it had, and how long they took.
    pub fn leave(&mut self) -> (usize, Duration) {
        let step = &mut self.steps[self.current];
        step.elapsed = self.step_begin.elapsed();
        step.done = self.seen.len();
        step.rows = Some(step.done);
        step.is_over = true;
        (step.done, step.elapsed)
    }

    /// A step that there is nothing to do in.
    pub fn skip(&mut self, step: usize) {
        let step = &mut self.steps[step];
        step.rows = Some(0);
        step.is_over = true;
    }

    /// Tells how far it is: on a terminal in one line that changes, else in a line once in a while.
    pub fn show(&mut self) {
        self.steps[self.current].elapsed = self.step_begin.elapsed();
        if !self.is_terminal && self.last_line.is_some_and(|at| at.elapsed() < LINES) {
            return;
        }
        self.last_line = Some(Instant::now());
        let line = self.line();
        let mut stderr = std::io::stderr().lock();
        // Nobody reads it if it can't be written.
        let _ = match self.is_terminal {
            true => write!(stderr, "\r{line}\x1b[K"),
            false => writeln!(stderr, "{line}"),
        };
        let _ = stderr.flush();
    }

    /// Says something above the line that changes.
    pub fn say(&mut self, text: &str) {
        self.clear();
        eprintln!("{text}");
    }

    pub fn clear(&mut self) {
        if self.is_terminal {
            eprint!("\r\x1b[K");
        }
    }

    fn line(&self) -> String {
        let step = &self.steps[self.current];
        let left = left(&self.steps);
        let elapsed = self.begin.elapsed().as_secs_f64();
        let part = left.map_or(0.0, |left| {
            elapsed / (elapsed + left).max(f64::MIN_POSITIVE)
        });
        let row = match step.work {
            Work::Measure => self.expected.iter().find(|row| !self.seen.contains(*row)),
            Work::Count => (self.expected.iter()).rfind(|row| self.seen.contains(*row)),
        };
        let mut line = bar(part);
        let _ = write!(line, " {:>3.0} %  ", part * 100.0);
        let verb = if step.work == Work::Count {
            "counting "
        } else {
            ""
        };
        let name = match row {
            Some(row) => format!("{verb}{}: {row}", step.bench),
            None => format!("{verb}{}", step.bench),
        };
        line.push_str(&shortened(&name, NAME));
        if let Some(rows) = step.rows.filter(|_| !self.expected.is_empty()) {
            let _ = write!(line, ", {}/{rows}", self.seen.len());
        }
        match left {
            Some(left) => {
                let _ = write!(line, ", {} left", duration(Duration::from_secs_f64(left)));
            }
            None => line.push_str(", time left not known yet"),
        }
        line
    }
}

fn bar(part: f64) -> String {
    const WIDTH: usize = 16;
    let filled = (part * WIDTH as f64) as usize;
    format!(
        "[{}{}]",
        "#".repeat(filled.min(WIDTH)),
        "-".repeat(WIDTH.saturating_sub(filled))
    )
}

fn shortened(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let kept: String = text.chars().take(length - 1).collect();
    format!("{kept}…")
}

/// In words, rounded as fits.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) if minutes < 10 => format!("{minutes} min {seconds:02} s"),
        (minutes, _) if minutes < 60 => format!("{minutes} min"),
        (minutes, _) => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::Took;
    use crate::report::record::tests::sample;

    fn step(work: Work, rows: Option<usize>, done: usize, seconds: f64) -> Step {
        let elapsed = Duration::from_secs_f64(seconds);
        Step {
            rows,
            done,
            elapsed,
            at_last_row: elapsed,
            ..Step::new("x", work, &[])
        }
    }

    fn over(step: Step) -> Step {
        Step {
            is_over: true,
            ..step
        }
    }

    #[test]
    fn nothing_is_known_at_first() {
        assert_eq!(left(&[step(Work::Measure, None, 0, 0.0)]), None);
        assert_eq!(left(&[step(Work::Measure, Some(3), 0, 2.0)]), None);
        assert_eq!(left(&[]), Some(0.0));
    }

    #[test]
    fn rows_left_take_as_long_as_those_before() {
        assert_eq!(left(&[step(Work::Measure, Some(10), 4, 8.0)]), Some(12.0));
        // The row that is on its way has begun.
        let mut running = step(Work::Measure, Some(10), 4, 8.0);
        running.elapsed += Duration::from_secs(1);
        assert_eq!(left(&[running.clone()]), Some(11.0));
        // One that takes longer than expected does not make it negative.
        running.elapsed += Duration::from_secs(100);
        assert_eq!(left(&[running]), Some(0.0));
    }

    #[test]
    fn benches_to_come_are_taken_for_usual_ones() {
        let steps = [
            over(step(Work::Measure, Some(10), 10, 20.0)),
            over(step(Work::Measure, Some(20), 20, 80.0)),
            step(Work::Measure, None, 0, 0.0),
            step(Work::Count, Some(15), 0, 0.0),
        ];
        // 15 rows of 3 s, and as many that are to be counted, of which nobody has seen one.
        assert_eq!(left(&steps), Some(45.0 + 45.0));
        // Counting has a pace of its own.
        let counted = over(step(Work::Count, Some(10), 10, 5.0));
        let steps = [&steps[..], &[counted]].concat();
        assert_eq!(left(&steps[3..]), Some(7.5));
    }

    #[test]
    fn an_earlier_run_knows_better() {
        let mut record = sample();
        record.took.push(Took {
            bench: "arena".to_owned(),
            work: Work::Measure,
            rows: 4,
            seconds: 20.0,
        });
        let step = Step::new("arena", Work::Measure, &[Record::default(), record.clone()]);
        assert_eq!(left(&[step]), Some(20.0), "the last of two counts");
        assert_eq!(left(&[Step::new("arena", Work::Count, &[record])]), None);
    }

    #[test]
    fn events_move_it_on() {
        let mut progress = Progress::new(vec![
            step(Work::Measure, None, 0, 0.0),
            step(Work::Count, None, 0, 0.0),
        ]);
        progress.is_terminal = false;
        progress.last_line = Some(Instant::now());
        let events: Vec<Event> = crate::report::record::tests::SAMPLE
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        progress.enter(0);
        assert!(progress.line().contains("x, time left not known yet"));
        for event in &events[1..4] {
            progress.note(event);
        }
        assert!(
            progress.line().contains("Vec<u32> push, 10^2, 2/5"),
            "{}",
            progress.line()
        );
        assert_eq!(progress.leave().0, 2);
        progress.enter(1);
        for event in &events[12..15] {
            progress.note(event);
        }
        assert!(
            progress.line().contains("counting x: value u8, 1/1"),
            "{}",
            progress.line()
        );
        assert!(progress.line().chars().count() < 100);
        assert_eq!(progress.leave().0, 1);
        assert_eq!(left(&progress.steps), Some(0.0));
    }

    #[test]
    fn times_are_written_short() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 01 s"),
            (600, "10 min"),
            (3_660, "1 h 01 min"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), expected);
        }
        assert_eq!(bar(0.0), format!("[{}]", "-".repeat(16)));
        assert_eq!(bar(1.0), format!("[{}]", "#".repeat(16)));
        assert_eq!(shortened("a long name", 6), "a lon…");
    }
}
