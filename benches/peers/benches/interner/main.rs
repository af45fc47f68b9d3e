//! Interners: arenula beside its peers.
//!
//! ```text
//! cargo bench -p peers --bench interner                        # criterion, one after another
//! cargo bench -p peers --bench interner -- hits                # only what has this in its name
//! cargo bench -p peers --bench interner -- --interleaved       # all contenders of a row in turn
//! cargo bench -p peers --bench interner -- --interleaved hits
//! cargo bench -p peers --bench interner -- memory              # only the bytes held
//! ```
//!
//! All of them begin with a table of the bytes that each holds for the same texts, and but for the last end in a table
//! of medians. Of the two ways, the interleaved one is fairer on a machine that has other things to do.
//!
//! In the rows of inserts everyone is made and dropped while the clock runs, and told nothing before of how much
//! there will be. All hash with one and the same hasher, but for the columns that say otherwise.

mod contenders;
#[path = "../arena/input.rs"]
#[allow(dead_code, reason = "the other benchmark needs more of it")]
mod input;
mod memory;
mod work;

use std::hint::black_box;
use std::time::Duration;

use peers::{Axis, Comparison, Row, builds, timed_in_threads};

use crate::contenders::{
    Buckets, COLUMNS, Lexicon, LexiconFx, LexiconSync, Ours, OursFx, OursSync, ParaCord, Rodeo,
    RodeoSip, RodeoSync, Strings, SyncTexts, Texts,
};

/// The different texts.
const COUNT: usize = 10_000;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);
    if !comparison.is_of_rows_only() {
        memory::print();
        if std::env::args().any(|arg| arg == "memory") {
            return;
        }
    }

    comparison.run(
        "unique inserts",
        builds!(SHIFT => insert_row::<SHIFT>(unique(COUNT))),
    );
    comparison.run(
        "unique, 500",
        builds!(SHIFT => insert_row::<SHIFT>(unique(500))),
    );
    comparison.run("mixed 1:9", builds!(SHIFT => insert_row::<SHIFT>(mixed())));
    comparison.run("all hits", builds!(SHIFT => hit_row::<SHIFT>()));
    comparison.run("look-ups, there", builds!(SHIFT => find_row::<SHIFT>(0)));
    comparison.run(
        "look-ups, absent",
        builds!(SHIFT => find_row::<SHIFT>(COUNT)),
    );
    comparison.run("resolve", builds!(SHIFT => resolve_row::<SHIFT>()));
    comparison.run("iterate", builds!(SHIFT => iterate_row::<SHIFT>()));
    comparison.run(
        "shared inserts, 1",
        builds!(SHIFT => sync_insert_row::<SHIFT>(1)),
    );
    comparison.run(
        "shared inserts, 2",
        builds!(SHIFT => sync_insert_row::<SHIFT>(2)),
    );
    comparison.run(
        "shared apart, 2",
        builds!(SHIFT => sync_apart_row::<SHIFT>()),
    );
    comparison.run("shared hits, 1", builds!(SHIFT => sync_hit_row::<SHIFT>(1)));
    comparison.run("shared hits, 2", builds!(SHIFT => sync_hit_row::<SHIFT>(2)));
    comparison.run(
        "shared resolve, 1",
        builds!(SHIFT => sync_resolve_row::<SHIFT>(1)),
    );
    comparison.run(
        "shared resolve, 2",
        builds!(SHIFT => sync_resolve_row::<SHIFT>(2)),
    );

    comparison.finish();
}

/// Different texts, of some 11 bytes.
fn texts(from: usize, count: usize) -> Vec<String> {
    let words = input::words(count).into_iter().enumerate();
    words
        .map(|(number, word)| format!("{word}_{}", from + number))
        .collect()
}

fn unique(count: usize) -> &'static [String] {
    texts(0, count).leak()
}

/// A different order, in which nothing is near what was near before.
fn shuffled<T: Clone>(values: &[T]) -> Vec<T> {
    // Has no divisor in common with the lengths that are used.
    (0..values.len())
        .map(|n| values[n * 7919 % values.len()].clone())
        .collect()
}

/// Each tenth text is new, and the others were there.
fn mixed() -> &'static [String] {
    let texts = texts(0, COUNT / 10);
    let mut all = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        all.push(text.clone());
        all.extend((0..9).map(|n| texts[(number * 7919 + n * 101) % (number + 1)].clone()));
    }
    all.leak()
}

macro_rules! enter {
    ($enter:ident, $row:ident, $($argument:expr),*) => {
        $enter::<Ours, SHIFT>(&mut $row, $($argument),*);
        $enter::<OursFx, SHIFT>(&mut $row, $($argument),*);
        $enter::<Strings, SHIFT>(&mut $row, $($argument),*);
        $enter::<Buckets, SHIFT>(&mut $row, $($argument),*);
        $enter::<Lexicon, SHIFT>(&mut $row, $($argument),*);
        $enter::<LexiconFx, SHIFT>(&mut $row, $($argument),*);
        $enter::<Rodeo, SHIFT>(&mut $row, $($argument),*);
        $enter::<RodeoSip, SHIFT>(&mut $row, $($argument),*);
        $enter::<ParaCord, SHIFT>(&mut $row, $($argument),*);
    };
    (sync $enter:ident, $row:ident, $($argument:expr),*) => {
        $enter::<OursSync, SHIFT>(&mut $row, $($argument),*);
        $enter::<LexiconSync, SHIFT>(&mut $row, $($argument),*);
        $enter::<RodeoSync, SHIFT>(&mut $row, $($argument),*);
        $enter::<ParaCord, SHIFT>(&mut $row, $($argument),*);
    };
}

fn insert_row<const SHIFT: usize>(texts: &'static [String]) -> Row {
    fn enter<T: Texts, const SHIFT: usize>(row: &mut Row, texts: &'static [String]) {
        row.enter(T::NAME, move || {
            let mut interner = T::new();
            work::adds::<T, SHIFT>(&mut interner, texts);
            black_box(&interner);
        });
    }
    let mut row = Row::new(texts.len());
    enter!(enter, row, texts);
    row
}

/// One that has all texts, and their keys.
fn filled<T: Texts>(texts: &[String]) -> (T, Vec<T::Key>) {
    let mut interner = T::new();
    let keys = texts.iter().map(|text| interner.add(text)).collect();
    (interner, keys)
}

fn hit_row<const SHIFT: usize>() -> Row {
    fn enter<T: Texts, const SHIFT: usize>(row: &mut Row, texts: &[String]) {
        let (mut interner, _) = filled::<T>(texts);
        let order = shuffled(texts);
        row.enter(T::NAME, move || {
            work::adds::<T, SHIFT>(&mut interner, &order)
        });
    }
    let mut row = Row::new(COUNT);
    let texts = texts(0, COUNT);
    enter!(enter, row, &texts);
    row
}

fn find_row<const SHIFT: usize>(from: usize) -> Row {
    fn enter<T: Texts, const SHIFT: usize>(row: &mut Row, kept: &[String], asked: &[String]) {
        let (interner, _) = filled::<T>(kept);
        let order = shuffled(asked);
        row.enter(T::NAME, move || {
            work::finds::<T, SHIFT>(black_box(&interner), &order)
        });
    }
    let mut row = Row::new(COUNT);
    let (kept, asked) = (texts(0, COUNT), texts(from, COUNT));
    enter!(enter, row, &kept, &asked);
    row
}

fn resolve_row<const SHIFT: usize>() -> Row {
    fn enter<T: Texts, const SHIFT: usize>(row: &mut Row, texts: &[String]) {
        let (interner, keys) = filled::<T>(texts);
        let order = shuffled(&keys);
        row.enter(T::NAME, move || {
            black_box(work::resolves::<T, SHIFT>(black_box(&interner), &order));
        });
    }
    let mut row = Row::new(COUNT);
    let texts = texts(0, COUNT);
    enter!(enter, row, &texts);
    row
}

fn iterate_row<const SHIFT: usize>() -> Row {
    fn enter<T: Texts, const SHIFT: usize>(row: &mut Row, texts: &[String]) {
        let (interner, _) = filled::<T>(texts);
        row.enter(T::NAME, move || {
            black_box(work::iterates::<T, SHIFT>(black_box(&interner)));
        });
    }
    let mut row = Row::new(COUNT);
    let texts = texts(0, COUNT);
    enter!(enter, row, &texts);
    row
}

/// How long `work` takes in as many threads, which start together, each with its number.
fn timed(threads: usize, work: impl Fn(usize) + Sync) -> Duration {
    timed_in_threads(threads, |thread| thread, |&thread| work(thread))
}

/// Every thread adds all texts, each in an order of its own; a pass adds all texts several times, so that the start
/// of threads counts little. An operation is an addition by one of the threads, and the time that all of them together
/// take for one.
fn sync_insert_row<const SHIFT: usize>(threads: usize) -> Row {
    fn enter<T: SyncTexts, const SHIFT: usize>(row: &mut Row, threads: usize) {
        let texts = texts(0, COUNT);
        let orders = [shuffled(&texts), texts];
        row.enter_routine(
            T::NAME,
            Box::new(move |passes| {
                let mut elapsed = Duration::ZERO;
                for _ in 0..passes {
                    let interner = T::new();
                    elapsed += timed(threads, |thread| {
                        work::sync_adds::<T, SHIFT>(&interner, &orders[thread % 2]);
                    });
                }
                elapsed
            }),
        );
    }
    let mut row = Row::new(COUNT * threads).on("shared inserts", Axis::Threads, threads);
    enter!(sync enter, row, threads);
    row
}

/// Each of two threads adds texts that the other does not: what it costs that they add to one interner.
fn sync_apart_row<const SHIFT: usize>() -> Row {
    fn enter<T: SyncTexts, const SHIFT: usize>(row: &mut Row) {
        let parts = [texts(0, COUNT), texts(COUNT, COUNT)];
        row.enter_routine(
            T::NAME,
            Box::new(move |passes| {
                let mut elapsed = Duration::ZERO;
                for _ in 0..passes {
                    let interner = T::new();
                    elapsed += timed(2, |thread| {
                        work::sync_adds::<T, SHIFT>(&interner, &parts[thread]);
                    });
                }
                elapsed
            }),
        );
    }
    let mut row = Row::new(COUNT * 2);
    enter!(sync enter, row,);
    row
}

fn sync_hit_row<const SHIFT: usize>(threads: usize) -> Row {
    fn enter<T: SyncTexts, const SHIFT: usize>(row: &mut Row, threads: usize) {
        let texts = texts(0, COUNT);
        let interner = T::new();
        work::sync_adds::<T, SHIFT>(&interner, &texts);
        let orders = [shuffled(&texts), texts];
        row.enter_routine(
            T::NAME,
            Box::new(move |passes| {
                timed(threads, |thread| {
                    for _ in 0..passes {
                        work::sync_adds::<T, SHIFT>(&interner, &orders[thread % 2]);
                    }
                })
            }),
        );
    }
    let mut row = Row::new(COUNT * threads).on("shared hits", Axis::Threads, threads);
    enter!(sync enter, row, threads);
    row
}

fn sync_resolve_row<const SHIFT: usize>(threads: usize) -> Row {
    fn enter<T: SyncTexts, const SHIFT: usize>(row: &mut Row, threads: usize) {
        if !T::RESOLVES {
            return;
        }
        let interner = T::new();
        let keys: Vec<T::Key> = texts(0, COUNT)
            .iter()
            .map(|text| interner.add(text))
            .collect();
        let order = shuffled(&keys);
        row.enter_routine(
            T::NAME,
            Box::new(move |passes| {
                timed(threads, |_| {
                    for _ in 0..passes {
                        black_box(work::sync_resolves::<T, SHIFT>(
                            black_box(&interner),
                            &order,
                        ));
                    }
                })
            }),
        );
    }
    let mut row = Row::new(COUNT * threads).on("shared resolve", Axis::Threads, threads);
    enter!(sync enter, row, threads);
    row
}
