//! A log parsed by many threads into records that lie in the arenas of a pool, and outlive the workers.
//!
//! ```text
//! cargo run --release --example parallel_parse                       # a log is made up
//! cargo run --release --example parallel_parse -- --lines 1000 --write some.log
//! cargo run --release --example parallel_parse -- some.log --threads 4
//! ```
//!
//! Each worker of rayon takes an arena of the `ArenaPool` and parses blocks of lines into it. What it has built lives as long
//! as the pool, and not just as long as the worker has the arena: so nothing is copied when the records are brought
//! together. The same is done by one thread alone, and with `String` and `Vec`; all results must be the same.

#[path = "../shared/counting.rs"]
mod counting;
mod in_arena;
mod line;
mod made_up;
mod on_heap;
#[path = "../shared/options.rs"]
mod options;
mod progress;
#[path = "../shared/random.rs"]
mod random;
mod split;

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use arenula::sync::ArenaPool;
use rayon::prelude::*;

use crate::counting::Counting;
use crate::in_arena::Record;
use crate::options::{Words, fail, misused};
use crate::progress::Progress;
use crate::split::{Log, Workers};

#[global_allocator]
static ALLOC: Counting = Counting;

const USAGE: &str = "\
usage: parallel_parse [FILE | --lines N --seed N] [--write FILE] [--threads N] [--rounds N]

  FILE           a log, with lines like that which --write writes
  --lines N      how many lines are made up where there is no file (200000)
  --seed N       another seed, other lines (1)
  --write FILE   writes the lines that were made up to a file, and does nothing else
  --threads N    how many workers there are (one for each processor)
  --rounds N     how often each way is timed (5)";

struct Options {
    file: Option<PathBuf>,
    write: Option<PathBuf>,
    lines: u32,
    seed: u64,
    /// 0: as many as rayon thinks.
    threads: usize,
    rounds: u32,
}

impl Options {
    fn from_args() -> Result<Self, String> {
        let mut options = Options {
            file: None,
            write: None,
            lines: 200_000,
            seed: 1,
            threads: 0,
            rounds: 5,
        };
        let mut is_made_up = false;
        let mut words = Words::of_command_line();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--lines" => options.lines = words.number(&word, 1..=100_000_000)?,
                "--seed" => options.seed = words.number(&word, 0..=u64::MAX)?,
                "--threads" => options.threads = words.number(&word, 1..=1000)?,
                "--rounds" => options.rounds = words.number(&word, 1..=1000)?,
                "--write" => {
                    let file = words.next().ok_or("--write wants a file, and has none")?;
                    options.write = Some(file.into());
                }
                _ if word.starts_with('-') => return Err(format!("there is no option {word:?}")),
                _ if options.file.is_some() => return Err(format!("{word:?} is a second file")),
                _ => options.file = Some(word.as_str().into()),
            }
            is_made_up |= matches!(word.as_str(), "--lines" | "--seed" | "--write");
        }
        if let (true, Some(file)) = (is_made_up, &options.file) {
            let file = file.display();
            return Err(format!("{file}, or lines that are made up: not both"));
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match Options::from_args() {
        Err(message) => misused(&message, USAGE),
        Ok(options) => match work(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&message),
        },
    }
}

fn work(options: &Options) -> Result<(), String> {
    let (title, text) = match &options.file {
        Some(file) => {
            let title = file.display().to_string();
            let text = fs::read_to_string(file).map_err(|error| format!("{title}: {error}"))?;
            (title, text)
        }
        None => {
            let title = format!("A log made up with seed {}", options.seed);
            (title, made_up::log(options.lines, options.seed))
        }
    };
    if let Some(file) = &options.write {
        let name = file.display();
        fs::write(file, &text).map_err(|error| format!("{name}: {error}"))?;
        println!("{} bytes were written to {name}.", text.len());
        return Ok(());
    }
    let workers = rayon::ThreadPoolBuilder::new().num_threads(options.threads);
    let workers = workers.build().map_err(|error| error.to_string())?;
    workers.install(|| {
        let pool = ArenaPool::new();
        println!(
            "{title}: {:.1} MB, {} workers.\n",
            text.len() as f64 / 1e6,
            rayon::current_num_threads()
        );
        compare(&title, &text, options)?;

        let records = {
            let log = Log::new(&text);
            log.parse_in_arenas(Workers::Many, &pool, &Progress::none())
        };
        let records = records.map_err(|fault| format!("{title}:{fault}"))?;
        drop(text);
        // The workers have no arena any more, and the text is gone: the records are all there.
        println!("\n{}", pool.stats());
        report(&records);
        Ok(())
    })
}

/// One way to parse.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    in_arenas: bool,
    workers: Workers,
}

#[rustfmt::skip]
const WAYS: [Way; 4] = [
    Way { name: "heap, one thread", in_arenas: false, workers: Workers::One },
    Way { name: "arena, one thread", in_arenas: true, workers: Workers::One },
    Way { name: "heap, all workers", in_arenas: false, workers: Workers::Many },
    Way { name: "arenas, all workers", in_arenas: true, workers: Workers::Many },
];

/// What a way takes.
#[derive(Clone, Copy, Default)]
struct Cost {
    parse: Duration,
    read: Duration,
    free: Duration,
    calls: u64,
    bytes: usize,
}

/// Parses in all ways, whose results must be the same, and prints what each costs.
fn compare(title: &str, text: &str, options: &Options) -> Result<(), String> {
    let log = Log::new(text);
    let name = |fault: split::Fault| format!("{title}:{fault}");
    let expected = log
        .parse_on_heap(Workers::One, &Progress::none())
        .map_err(name)?;
    // One round to count in, with pools that have no memory yet; one more, when they have; and those between.
    let rounds = options.rounds as usize + 2;
    let progress = Progress::of(log.len() * WAYS.len() * rounds);
    let mut pools = WAYS.map(|_| ArenaPool::new());
    let mut costs = WAYS.map(|_| Vec::with_capacity(rounds));
    for round in 0..rounds {
        // Counting takes time, and more of it if many threads do so.
        counting::set_counting(round == 0 || round == rounds - 1);
        for ((way, pool), costs) in WAYS.iter().zip(&mut pools).zip(&mut costs) {
            let expected = (round == 0).then_some(&expected);
            let cost = if way.in_arenas {
                in_arenas(&log, way.workers, pool, expected, &progress)
            } else {
                on_heap(&log, way.workers, expected, &progress)
            };
            costs.push(cost.map_err(name)?);
        }
    }
    counting::set_counting(true);
    progress.end();

    let records: usize = expected.iter().map(Vec::len).sum();
    println!(
        "The same {records} records in all ways. Medians of {} rounds:\n",
        options.rounds
    );
    println!(
        "{:20}{:>10}{:>9}{:>9}{:>10}{:>9}   calls of the allocator",
        "ms", "parse", "read", "free", "together", "MB held"
    );
    for (way, costs) in WAYS.iter().zip(&costs) {
        let (first, last) = (costs[0], costs[rounds - 1]);
        let median = |of: fn(&Cost) -> Duration| {
            let mut times: Vec<Duration> = costs[1..rounds - 1].iter().map(of).collect();
            times.sort_unstable();
            times[times.len() / 2].as_secs_f64() * 1000.0
        };
        println!(
            "{:20}{:>10.2}{:>9.2}{:>9.2}{:>10.2}{:>9.1}   {}, then {}",
            way.name,
            median(|cost| cost.parse),
            median(|cost| cost.read),
            median(|cost| cost.free),
            median(|cost| cost.parse + cost.read + cost.free),
            first.bytes as f64 / 1e6,
            first.calls,
            last.calls
        );
    }
    Ok(())
}

fn on_heap(
    log: &Log<'_>,
    workers: Workers,
    expected: Option<&Vec<Vec<on_heap::Record>>>,
    progress: &Progress,
) -> Result<Cost, split::Fault> {
    let (calls, bytes) = (counting::calls(), counting::bytes());
    let (records, parse) = timed(|| log.parse_on_heap(workers, progress));
    let records = records?;
    let bytes = counting::bytes().wrapping_sub(bytes);
    let all = records.iter().flatten();
    let (_, read) = timed(|| black_box(all.fold(0, |sum, record| sum + record.weight())));
    if let Some(expected) = expected {
        assert!(records == *expected, "the order of work made a difference");
    }
    let ((), free) = timed(|| match workers {
        Workers::One => drop(records),
        Workers::Many => records.into_par_iter().for_each(drop),
    });
    let calls = counting::calls() - calls;
    Ok(Cost {
        parse,
        read,
        free,
        calls,
        bytes,
    })
}

fn in_arenas(
    log: &Log<'_>,
    workers: Workers,
    pool: &mut ArenaPool,
    expected: Option<&Vec<Vec<on_heap::Record>>>,
    progress: &Progress,
) -> Result<Cost, split::Fault> {
    let (calls, bytes) = (counting::calls(), counting::bytes());
    let (records, parse) = timed(|| log.parse_in_arenas(workers, pool, progress));
    let records = records?;
    let bytes = counting::bytes().wrapping_sub(bytes);
    let all = records.iter().copied().flatten();
    let (_, read) = timed(|| black_box(all.clone().fold(0, |sum, record| sum + record.weight())));
    if let Some(expected) = expected {
        let is_same = all.eq(expected.iter().flatten());
        assert!(is_same, "arenas made a difference");
    }
    drop(records);
    // Nobody has a record any more, as the compiler knows.
    let ((), free) = timed(|| pool.reset());
    let calls = counting::calls() - calls;
    Ok(Cost {
        parse,
        read,
        free,
        calls,
        bytes,
    })
}

/// What the log tells.
fn report(blocks: &[&[Record<'_>]]) {
    let mut of_path: HashMap<&str, (u64, u64)> = HashMap::new();
    let mut failed = 0;
    let records = || blocks.iter().copied().flatten();
    for record in records() {
        let (count, bytes) = of_path.entry(record.path).or_default();
        *count += 1;
        *bytes += record.bytes;
        failed += u64::from(record.status >= 400);
    }
    let mut paths: Vec<_> = of_path.into_iter().collect();
    paths.sort_unstable_by_key(|(path, (count, _))| (u64::MAX - count, *path));
    println!(
        "{failed} of {} requests failed. Asked for most:",
        records().count()
    );
    for (path, (count, bytes)) in paths.iter().take(3) {
        println!("{count:>8} times {path}, {:.1} MB", *bytes as f64 / 1e6);
    }
    let longest = records().max_by_key(|record| record.query.len());
    if let Some(record) = longest.filter(|record| !record.query.is_empty()) {
        println!("The longest question: {record}");
    }
}

fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}
