//! Values that come and go: arenula's `Pool` and `Slots` beside their peers, and boxes.
//!
//! ```text
//! cargo bench -p peers --bench pools                        # criterion, one after another
//! cargo bench -p peers --bench pools -- churn               # only what has this in its name
//! cargo bench -p peers --bench pools -- --interleaved       # all contenders of a row in turn
//! ```
//!
//! Both end in a table of medians, and in one of the slowest single insertion into what grows to a million of values: the
//! best of several runs, since any of them can be interrupted.

mod contenders;
mod work;

use std::hint::black_box;
use std::time::{Duration, Instant};

use arenula::pool::{Pool, Slots};
use peers::{Comparison, Row, builds, timed};
use slotmap::{DefaultKey, DenseSlotMap, SlotMap};

use crate::contenders::{Boxes, COLUMNS, Find, Lasting, Store, Value};

type ArenulaPool = Lasting<Pool<Value>>;
type PluralityPool = Lasting<plurality::Pool<Value>>;
type Slab = slab::Slab<Value>;
type Slotmap = SlotMap<DefaultKey, Value>;
type Dense = DenseSlotMap<DefaultKey, Value>;
type Thunderdome = thunderdome::Arena<Value>;

/// The steps of a pass, and the values that are there meanwhile.
const COUNT: usize = 10_000;

/// The values of what grows.
const MANY: usize = 1_000_000;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);

    comparison.run(
        "pool: alloc + free",
        builds!(SHIFT => rounds_row::<ArenulaPool, SHIFT>()),
    );
    comparison.run(
        "pool: churn",
        builds!(SHIFT => churn_row::<ArenulaPool, SHIFT>()),
    );
    // To count the instructions of so many takes about as long as to count those of all other benches.
    let is_counted = comparison.is_counted();
    if !is_counted {
        comparison.run(
            "pool: 1 000 000",
            builds!(SHIFT => fill_row::<ArenulaPool, SHIFT>()),
        );
    }
    comparison.run(
        "slots: insert + remove",
        builds!(SHIFT => rounds_row::<Slots<Value>, SHIFT>()),
    );
    comparison.run(
        "slots: churn",
        builds!(SHIFT => churn_row::<Slots<Value>, SHIFT>()),
    );
    if !is_counted {
        comparison.run(
            "slots: 1 000 000",
            builds!(SHIFT => fill_row::<Slots<Value>, SHIFT>()),
        );
    }
    comparison.run("slots: get", builds!(SHIFT => get_row::<SHIFT>()));
    comparison.run(
        "slots: iterate dense",
        builds!(SHIFT => each_row::<SHIFT>(1)),
    );
    comparison.run(
        "slots: iterate half",
        builds!(SHIFT => each_row::<SHIFT>(2)),
    );
    comparison.run("slots: for dense", builds!(SHIFT => loop_row::<SHIFT>(1)));
    comparison.run("slots: for half", builds!(SHIFT => loop_row::<SHIFT>(2)));

    let is_all = !comparison.is_of_rows_only();
    comparison.finish();
    if is_all {
        worst_inserts();
    }
}

/// Numbers below `end` without an order.
fn random(end: usize) -> impl Iterator<Item = u32> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 32) as usize % end) as u32
    })
}

/// Enters the subject, and all peers beside it.
macro_rules! enter_all {
    ($enter:ident, $subject:ty, $row:ident) => {
        $enter::<$subject, SHIFT>(&mut $row);
        $enter::<PluralityPool, SHIFT>(&mut $row);
        $enter::<Slab, SHIFT>(&mut $row);
        $enter::<Slotmap, SHIFT>(&mut $row);
        $enter::<Dense, SHIFT>(&mut $row);
        $enter::<Thunderdome, SHIFT>(&mut $row);
        $enter::<Boxes, SHIFT>(&mut $row);
    };
}

fn rounds_row<Subject: Store, const SHIFT: usize>() -> Row {
    fn enter<S: Store, const SHIFT: usize>(row: &mut Row) {
        let mut store = S::new();
        row.enter(S::NAME, move || work::rounds::<S, SHIFT>(&mut store, COUNT));
    }

    let mut row = Row::new(COUNT);
    enter_all!(enter, Subject, row);
    row
}

fn churn_row<Subject: Store, const SHIFT: usize>() -> Row {
    fn enter<S: Store, const SHIFT: usize>(row: &mut Row) {
        let mut store = S::new();
        let mut keys: Vec<_> = (0..COUNT)
            .map(|index| Some(store.put(work::value(index))))
            .collect();
        let places: Vec<u32> = random(COUNT).take(COUNT).collect();
        row.enter(S::NAME, move || {
            work::churn::<S, SHIFT>(black_box(&mut store), &mut keys, &places);
        });
    }

    let mut row = Row::new(COUNT);
    enter_all!(enter, Subject, row);
    row
}

fn fill_row<Subject: Store, const SHIFT: usize>() -> Row {
    fn enter<S: Store, const SHIFT: usize>(row: &mut Row) {
        row.enter_routine(
            S::NAME,
            Box::new(|passes| {
                let mut elapsed = Duration::ZERO;
                for _ in 0..passes {
                    let mut keys = Vec::with_capacity(MANY);
                    let mut store = S::new();
                    elapsed += timed(|| work::fill::<S, SHIFT>(&mut store, &mut keys, MANY));
                    keys.into_iter().for_each(|key| store.give(key));
                    store.end();
                }
                elapsed
            }),
        );
    }

    let mut row = Row::new(MANY);
    enter_all!(enter, Subject, row);
    row
}

/// Enters those whose values are found by keys.
macro_rules! enter_keyed {
    ($enter:ident, $row:ident $(, $argument:expr)?) => {
        $enter::<Slots<Value>, SHIFT>(&mut $row $(, $argument)?);
        $enter::<Slab, SHIFT>(&mut $row $(, $argument)?);
        $enter::<Slotmap, SHIFT>(&mut $row $(, $argument)?);
        $enter::<Dense, SHIFT>(&mut $row $(, $argument)?);
        $enter::<Thunderdome, SHIFT>(&mut $row $(, $argument)?);
    };
}

fn get_row<const SHIFT: usize>() -> Row {
    fn enter<S: Find, const SHIFT: usize>(row: &mut Row) {
        let mut store = S::new();
        let keys: Vec<S::Key> = (0..COUNT).map(|n| store.put(work::value(n))).collect();
        let order: Vec<S::Key> = random(COUNT)
            .take(COUNT)
            .map(|n| keys[n as usize])
            .collect();
        row.enter(S::NAME, move || {
            black_box(work::gets::<S, SHIFT>(black_box(&store), &order));
        });
    }

    let mut row = Row::new(COUNT);
    enter_keyed!(enter, row);
    row
}

/// Values of which one of `of` is left, in no order.
fn thinned<S: Find>(of: usize) -> S {
    let mut store = S::new();
    let keys: Vec<S::Key> = (0..COUNT * of).map(|n| store.put(work::value(n))).collect();
    let mut gone = 0;
    let mut is_gone = vec![false; keys.len()];
    for place in random(keys.len()) {
        if gone == COUNT * (of - 1) {
            break;
        }
        if !std::mem::replace(&mut is_gone[place as usize], true) {
            store.give(keys[place as usize]);
            gone += 1;
        }
    }
    store
}

fn each_row<const SHIFT: usize>(of: usize) -> Row {
    fn enter<S: Find, const SHIFT: usize>(row: &mut Row, of: usize) {
        let store = thinned::<S>(of);
        row.enter(S::NAME, move || {
            black_box(work::each::<S, SHIFT>(black_box(&store)));
        });
    }

    let mut row = Row::new(COUNT);
    enter_keyed!(enter, row, of);
    row
}

fn loop_row<const SHIFT: usize>(of: usize) -> Row {
    fn enter<S: Find, const SHIFT: usize>(row: &mut Row, of: usize) {
        let store = thinned::<S>(of);
        row.enter(S::NAME, move || {
            black_box(work::loops::<S, SHIFT>(black_box(&store)));
        });
    }

    let mut row = Row::new(COUNT);
    enter_keyed!(enter, row, of);
    row
}

/// The slowest single insertion, in the best of several runs.
fn worst_insert<S: Store>() -> Duration {
    (0..10)
        .map(|_| {
            let mut keys = Vec::with_capacity(MANY);
            let mut store = S::new();
            let mut worst = Duration::ZERO;
            for index in 0..MANY {
                let start = Instant::now();
                let key = black_box(store.put(work::value(index)));
                worst = worst.max(start.elapsed());
                keys.push(key);
            }
            keys.into_iter().for_each(|key| store.give(key));
            store.end();
            worst
        })
        .min()
        .unwrap_or_default()
}

fn worst_inserts() {
    println!("\nslowest single insertion of 1 000 000, best of 10 runs, in microseconds");
    for (name, worst) in [
        ("arenula Pool", worst_insert::<ArenulaPool>()),
        ("arenula Slots", worst_insert::<Slots<Value>>()),
        ("plurality", worst_insert::<PluralityPool>()),
        ("slab", worst_insert::<Slab>()),
        ("slotmap", worst_insert::<Slotmap>()),
        ("dense slotmap", worst_insert::<Dense>()),
        ("thunderdome", worst_insert::<Thunderdome>()),
        ("boxes", worst_insert::<Boxes>()),
    ] {
        println!("{name:>14} {:>10.1}", worst.as_secs_f64() * 1e6);
    }
}
