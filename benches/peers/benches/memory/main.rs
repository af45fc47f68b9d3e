//! How many bytes of the heap are held for each byte that was asked for.
//!
//! ```text
//! cargo bench -p peers --bench memory                # all rows
//! cargo bench -p peers --bench memory -- --quick     # up to a hundred thousand objects
//! cargo bench -p peers --bench memory -- Arena       # only what has this in its name
//! ```
//!
//! What is held depends on whether the last piece of memory is almost full or almost empty. So a row is about all
//! numbers between its own and twice as many: its figure is the median of eight of them, from as many to almost twice
//! as many. Everyone is told nothing before of how much there will be.
//!
//! *Warm* is what was filled, emptied and filled again, and *emptied* what was filled and emptied, of which the figure
//! says how much is kept for the next time.
//!
//! What the heap itself needs for each block is counted where it is known: with the GNU C library, a word, and what it
//! rounds the size up to.

mod contenders;
#[path = "../growth/others.rs"]
#[allow(dead_code, reason = "the other benchmarks need more of it")]
mod others;
mod work;

use peers::{Axis, Figures, Heap, Point, Spread};

use crate::contenders::{
    ARENAS_OF_NODES, ARENAS_OF_WORDS, COLUMNS, Contender, INTERNERS, POOLS, SLOTS, TYPED_ARENAS,
};
use crate::work::State;

#[global_allocator]
static HEAP: Heap = Heap;

/// The numbers of objects, as powers of ten: the least, the most, and the most where time is short.
const LEAST: u32 = 2;
const MOST: u32 = 6;
const MOST_QUICK: u32 = 5;

/// The numbers of objects that a row is about, between its own and twice as many.
const STEPS: u32 = 8;

fn main() {
    let mut figures = Figures::from_args(
        env!("CARGO_CRATE_NAME"),
        COLUMNS,
        "bytes held per byte asked",
    );
    let mut run = |series, size, state, contenders| {
        let most = if figures.is_quick() { MOST_QUICK } else { MOST };
        for power in LEAST..=most {
            let count = 10_usize.pow(power);
            let point = Point {
                x: count as u64,
                axis: Axis::Objects,
                series: String::from(series),
            };
            figures.run(&format!("{series}, 10^{power}"), Some(point), move || {
                row(count, size, state, contenders)
            });
        }
    };
    run(
        "Arena, 24 bytes",
        work::nodes_size,
        State::Cold,
        ARENAS_OF_NODES,
    );
    run(
        "Arena, 24 bytes, warm",
        work::nodes_size,
        State::Warm,
        ARENAS_OF_NODES,
    );
    run(
        "Arena, 24 bytes, emptied",
        work::nodes_size,
        State::Empty,
        // The last two keep nothing.
        &ARENAS_OF_NODES[..ARENAS_OF_NODES.len() - 2],
    );
    run(
        "Arena, words",
        work::words_size,
        State::Cold,
        ARENAS_OF_WORDS,
    );
    run(
        "Arena, words, warm",
        work::words_size,
        State::Warm,
        ARENAS_OF_WORDS,
    );
    run(
        "TypedArena, 24 bytes",
        work::nodes_size,
        State::Cold,
        TYPED_ARENAS,
    );
    run("Pool, 32 bytes", work::values_size, State::Cold, POOLS);
    run("Slots, 32 bytes", work::values_size, State::Cold, SLOTS);
    run("Interner, texts", work::names_size, State::Cold, INTERNERS);
    figures.finish();
}

/// What each of the contenders holds of each byte of `size`, in a certain state.
fn row(
    count: usize,
    size: fn(usize) -> usize,
    state: State,
    contenders: &[Contender],
) -> Vec<(&'static str, Spread)> {
    let counts = (0..STEPS).map(|step| {
        let factor = 2_f64.powf(f64::from(step) / f64::from(STEPS));
        (count as f64 * factor) as usize
    });
    (contenders.iter())
        .filter_map(|&(name, held)| {
            let ratios =
                (counts.clone()).map(|count| held(count, state) as f64 / size(count) as f64);
            Some((name, Spread::of(ratios.collect())?))
        })
        .collect()
}
