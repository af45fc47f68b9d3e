//! How the cost of an object grows with their number, from a hundred to ten million.
//!
//! ```text
//! cargo bench -p peers --bench growth -- --interleaved           # all contenders of a row in turn
//! cargo bench -p peers --bench growth -- --interleaved --quick   # up to a million
//! cargo bench -p peers --bench growth -- --interleaved Slots     # only what has this in its name
//! ```
//!
//! Everyone is made anew for each pass and told nothing of how much there will be. So the pages that the system has to
//! give are paid for, which is most of it where they are many.

mod contenders;
#[allow(dead_code, reason = "the other benchmarks need more of it")]
mod others;
mod work;

use std::sync::OnceLock;
use std::time::Duration;

use arenula::TypedArena;
use arenula::pool::Slots;
use bump_scope::Bump;
use peers::{Axis, Build, Comparison, Row, builds, timed};
use slotmap::{DefaultKey, SlotMap};

use crate::contenders::{COLUMNS, Growing};
use crate::others::interners::{Buckets, Lexicon, Ours, Rodeo, Texts};
use crate::others::pools::{Store, Value};
use crate::others::{arenas, input, pools, typed};
use crate::work::{Named, Node};

/// The numbers of objects, as powers of ten: the least, and the most.
const LEAST: u32 = 2;
const MOST: u32 = 7;

/// The most where time is short, and where instructions are counted.
const MOST_QUICK: u32 = 6;
const MOST_COUNTED: u32 = 4;

/// From here on the work is too long for it to matter where its code lies.
const LONG: u32 = 5;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);
    let most = match () {
        () if comparison.is_counted() => MOST_COUNTED,
        () if comparison.is_quick() => MOST_QUICK,
        () => MOST,
    };
    run(
        &mut comparison,
        most,
        "Arena alloc",
        |count| builds!(SHIFT => arena_row::<SHIFT>(count)),
    );
    run(
        &mut comparison,
        most,
        "TypedArena alloc + drop",
        |count| builds!(SHIFT => typed_row::<SHIFT>(count)),
    );
    run(
        &mut comparison,
        most,
        "Slots insert",
        |count| builds!(SHIFT => slots_row::<SHIFT>(count)),
    );
    run(
        &mut comparison,
        most,
        "Interner unique inserts",
        |count| builds!(SHIFT => texts_row::<SHIFT>(count)),
    );
    comparison.finish();
}

/// Adds the rows of a curve. `builds` makes those of a row of as many objects.
fn run(
    comparison: &mut Comparison,
    most: u32,
    series: &'static str,
    builds: fn(usize) -> Vec<Build>,
) {
    for power in LEAST..=most {
        let count = 10_usize.pow(power);
        let mut builds = builds(count);
        if power >= LONG {
            builds.truncate(1);
        }
        let on_curve =
            |build: Build| -> Build { Box::new(move || build().on(series, Axis::Objects, count)) };
        comparison.run(
            &format!("{series}, 10^{power}"),
            builds.into_iter().map(on_curve).collect(),
        );
    }
}

/// An arena is made, filled and dropped.
fn arena_row<const SHIFT: usize>(count: usize) -> Row {
    fn enter<A: arenas::Arena, const SHIFT: usize>(row: &mut Row, count: usize) {
        row.enter(A::NAME, move || work::arena_life::<A, SHIFT>(count));
    }

    let mut row = Row::new(count);
    enter::<arenula::Arena, SHIFT>(&mut row, count);
    enter::<stumpalo::Arena, SHIFT>(&mut row, count);
    enter::<Bump, SHIFT>(&mut row, count);
    enter::<bumpalo::Bump, SHIFT>(&mut row, count);
    enter_typed::<Node, typed::Boxes<Node>, SHIFT>(&mut row, count);
    enter_typed::<Node, Growing<Node>, SHIFT>(&mut row, count);
    row
}

fn enter_typed<T: work::Object, A: typed::Arena<T>, const SHIFT: usize>(
    row: &mut Row,
    count: usize,
) {
    row.enter(A::NAME, move || work::typed_life::<T, A, SHIFT>(count));
}

/// An arena of values with destructors is made, filled and dropped.
fn typed_row<const SHIFT: usize>(count: usize) -> Row {
    let mut row = Row::new(count);
    enter_typed::<Named, TypedArena<Named>, SHIFT>(&mut row, count);
    enter_typed::<Named, typed_arena::Arena<Named>, SHIFT>(&mut row, count);
    enter_typed::<Named, stable_arena::TypedArena<Named>, SHIFT>(&mut row, count);
    enter_typed::<Named, typed::Boxes<Named>, SHIFT>(&mut row, count);
    enter_typed::<Named, Growing<Named>, SHIFT>(&mut row, count);
    row
}

/// Values are put in. They are removed while the clock stands still.
fn slots_row<const SHIFT: usize>(count: usize) -> Row {
    fn enter<S: Store, const SHIFT: usize>(row: &mut Row, count: usize) {
        row.enter_routine(
            S::NAME,
            Box::new(move |passes| {
                let mut elapsed = Duration::ZERO;
                for _ in 0..passes {
                    let mut keys = Vec::with_capacity(count);
                    let mut store = S::new();
                    elapsed += timed(|| work::fill::<S, SHIFT>(&mut store, &mut keys, count));
                    keys.into_iter().for_each(|key| store.give(key));
                    store.end();
                }
                elapsed
            }),
        );
    }

    let mut row = Row::new(count);
    enter::<Slots<Value>, SHIFT>(&mut row, count);
    enter::<slab::Slab<Value>, SHIFT>(&mut row, count);
    enter::<SlotMap<DefaultKey, Value>, SHIFT>(&mut row, count);
    enter::<thunderdome::Arena<Value>, SHIFT>(&mut row, count);
    enter::<pools::Boxes, SHIFT>(&mut row, count);
    row
}

/// Texts are added, all of them different. The interner is dropped while the clock stands still.
fn texts_row<const SHIFT: usize>(count: usize) -> Row {
    fn enter<T: Texts, const SHIFT: usize>(row: &mut Row, texts: &'static [&'static str]) {
        row.enter_routine(
            T::NAME,
            Box::new(move |passes| {
                (0..passes)
                    .map(|_| timed(|| work::intern::<T, SHIFT>(texts)))
                    .sum()
            }),
        );
    }

    let mut row = Row::new(count);
    let texts = texts(count);
    enter::<Ours, SHIFT>(&mut row, texts);
    enter::<Buckets, SHIFT>(&mut row, texts);
    enter::<Lexicon, SHIFT>(&mut row, texts);
    enter::<Rodeo, SHIFT>(&mut row, texts);
    row
}

/// Different texts, of some 12 bytes. They are made once for each power of ten.
fn texts(count: usize) -> &'static [&'static str] {
    static TEXTS: [OnceLock<Vec<&str>>; MOST as usize + 1] =
        [const { OnceLock::new() }; MOST as usize + 1];
    TEXTS[count.ilog10() as usize].get_or_init(|| {
        let words = input::words(count);
        let mut all = String::with_capacity(count * 16);
        for (number, word) in words.iter().enumerate() {
            all.push_str(&format!("{word}_{number} "));
        }
        all.leak().split_ascii_whitespace().collect()
    })
}
