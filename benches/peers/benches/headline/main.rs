//! The two numbers by which arenas are praised, as they are: 10 000 nodes of a syntax tree made and freed, and a
//! request with 50 temporary allocations, in an arena and from the system's allocator.
//!
//! ```text
//! cargo bench -p peers --bench headline                  # criterion, one after another
//! cargo bench -p peers --bench headline -- --interleaved # all in turn
//! ```
//!
//! How much is won depends on what is done beside allocating. A *sum* is a tree as of `1 + 2 + 3 + …`, made in a loop:
//! each node has the one before as its operand. A *tree* is as low as can be, made by recursion. The temporaries of a
//! request are *made*, with something in the first byte, or *copied* from somewhere else, 8 to 128 bytes each.
//!
//! And it depends on the state of the heap, so each row comes three times:
//!
//! - *warm*: the same work was done just before. The heap has what it needs at hand, and the arena was reset.
//! - *cold*: the memory was given back to the system before, and the arena is made anew. The system's page faults
//!   are most of the time on both sides.
//! - *fragmented*: warm, among 100 000 other blocks of all sizes, between which as many were freed.

mod work;

use std::sync::LazyLock;
use std::time::Duration;

use arenula::Arena;
use peers::{Column, Comparison, Role, Row, builds, timed};

use crate::work::{Copied, Heap, Made, Plain, Random, Source, Sum, Tree, Work};

const ARENULA: &str = "arenula";
const SYSTEM: &str = "system";
const LIMIT: &str = "limit";

const COLUMNS: &[Column] = &[
    Column {
        name: ARENULA,
        role: Role::Subject,
        note: "Arena, with references; freed by a reset",
    },
    Column {
        name: SYSTEM,
        role: Role::Peer,
        note: "Box and Vec of the standard library, over the system's allocator",
    },
    Column {
        name: LIMIT,
        role: Role::Limit,
        note: "the same values written one behind the other to memory that is there, and never freed",
    },
];

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);
    run_warm(&mut comparison, "warm", || ());
    comparison.run("sum, cold", builds!(SHIFT => cold_row::<Sum, SHIFT>()));
    comparison.run("tree, cold", builds!(SHIFT => cold_row::<Tree, SHIFT>()));
    comparison.run("made, cold", builds!(SHIFT => cold_row::<Made, SHIFT>()));
    comparison.run(
        "copied, cold",
        builds!(SHIFT => cold_row::<Copied, SHIFT>()),
    );
    run_warm(&mut comparison, "fragmented", fragment);
    comparison.finish();
}

fn run_warm(comparison: &mut Comparison, state: &str, prepare: fn()) {
    comparison.run(
        &format!("sum, {state}"),
        builds!(SHIFT => warm_row::<Sum, SHIFT>(prepare)),
    );
    comparison.run(
        &format!("tree, {state}"),
        builds!(SHIFT => warm_row::<Tree, SHIFT>(prepare)),
    );
    comparison.run(
        &format!("made, {state}"),
        builds!(SHIFT => warm_row::<Made, SHIFT>(prepare)),
    );
    comparison.run(
        &format!("copied, {state}"),
        builds!(SHIFT => warm_row::<Copied, SHIFT>(prepare)),
    );
}

/// Work that is done again and again, in memory that is kept.
fn warm_row<W: Work, const SHIFT: usize>(prepare: fn()) -> Row {
    fn enter<W: Work, S: Source + 'static, const SHIFT: usize>(
        row: &mut Row,
        column: &'static str,
        mut source: S,
    ) {
        let work = W::new();
        row.enter(column, move || {
            work.run::<S, SHIFT>(&source);
            source.reset();
        });
    }

    prepare();
    let mut row = Row::new(W::ALLOCATIONS);
    enter::<W, _, SHIFT>(&mut row, ARENULA, Arena::new());
    enter::<W, _, SHIFT>(&mut row, SYSTEM, Heap);
    enter::<W, _, SHIFT>(&mut row, LIMIT, Plain::new(W::BYTES));
    row
}

/// Work before which the heap gives back what it has, while the clock stands still.
fn cold_row<W: Work, const SHIFT: usize>() -> Row {
    fn enter<W: Work, S: Source + 'static, const SHIFT: usize>(
        row: &mut Row,
        column: &'static str,
        make: fn() -> S,
    ) {
        let work = W::new();
        row.enter_routine(
            column,
            Box::new(move |passes| {
                let mut elapsed = Duration::ZERO;
                for _ in 0..passes {
                    work::cool_down();
                    elapsed += timed(|| work.run::<S, SHIFT>(&make()));
                }
                elapsed
            }),
        );
    }

    let mut row = Row::new(W::ALLOCATIONS);
    enter::<W, _, SHIFT>(&mut row, ARENULA, Arena::<8>::new as fn() -> Arena);
    enter::<W, _, SHIFT>(&mut row, SYSTEM, || Heap);
    enter::<W, _, SHIFT>(&mut row, LIMIT, || Plain::new(W::BYTES));
    row
}

/// Makes many blocks and frees every other, in a random order, unless that was done before. The rest stays to the end.
fn fragment() {
    static BLOCKS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let mut random = Random::new();
        let mut blocks: Vec<Vec<u8>> = (0..200_000)
            .map(|_| vec![1; 8 + random.below(500)])
            .collect();
        for index in (1..blocks.len()).rev() {
            blocks.swap(index, random.below(index + 1));
        }
        blocks.truncate(100_000);
        blocks
    });
    LazyLock::force(&BLOCKS);
}
