//! Arenas for several threads, on one thread and on two.
//!
//! ```text
//! cargo bench -p peers --bench threads                        # criterion, one after another
//! cargo bench -p peers --bench threads -- alloc               # only what has this in its name
//! cargo bench -p peers --bench threads -- --interleaved       # all contenders of a row in turn
//! cargo bench -p peers --bench threads -- --interleaved pool
//! ```
//!
//! All of them end in a table of medians. Of the two ways, the interleaved one is fairer on a
//! machine that has other things to do.
//!
//! In a row of two threads each does the whole of the work, and the time of the slower one counts, divided by
//! the work of both. So where two threads do twice as much in the same time, the figure is half that of one
//! thread. Threads are started, and arenas emptied, while the clock stands still.

mod contenders;
mod work;

use std::sync::Mutex;
use std::time::Duration;

use arenula::sync::{ArenaPool, SyncArena};
use blink_alloc::{BlinkAllocCache, SyncBlinkAlloc};
use bumpalo::Bump;
use bumpalo_herd::Herd;
use peers::{Axis, Comparison, Row, builds, timed_in_threads};

use crate::contenders::{Arena, Boxes, ByLocal, ByOwned, COLUMNS, Each, Pool};

/// The operations of each thread in a pass.
pub const COUNT: usize = 50_000;

/// The values that are pushed to a vector.
const LENGTH: u32 = 1_000;

/// The vectors of each thread in a pass.
const VECS: usize = COUNT / LENGTH as usize;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);

    comparison.run(
        "alloc u64, 1 thread",
        builds!(SHIFT => alloc_row::<SHIFT>(1)),
    );
    comparison.run(
        "alloc u64, 2 threads",
        builds!(SHIFT => alloc_row::<SHIFT>(2)),
    );
    comparison.run(
        "Vec<u32> push, 1 thread",
        builds!(SHIFT => push_row::<SHIFT>(1)),
    );
    comparison.run(
        "Vec<u32> push, 2 threads",
        builds!(SHIFT => push_row::<SHIFT>(2)),
    );
    comparison.run("pool, 1 thread", builds!(SHIFT => pool_row::<SHIFT>(1)));
    comparison.run("pool, 2 threads", builds!(SHIFT => pool_row::<SHIFT>(2)));

    comparison.finish();
}

/// Enters a contender whose arena is emptied after each pass.
fn enter_arena<A: Arena>(row: &mut Row, threads: usize, f: fn(&A::Local<'_>)) {
    let mut arena = A::new(threads);
    row.enter_routine(
        A::NAME,
        Box::new(move |passes| {
            let mut elapsed = Duration::ZERO;
            for _ in 0..passes {
                elapsed += timed_in_threads(threads, |thread| arena.enter(thread), f);
                arena.reset();
            }
            elapsed
        }),
    );
}

macro_rules! arenas {
    ($row:ident, $threads:ident, $arena:ident => $work:expr) => {
        arenas!($row, $threads, $arena => $work, [
            SyncArena, SyncBlinkAlloc, ByLocal, Mutex<Bump>, Herd, Each<multitude::Arena>, Boxes,
            Each<arenula::Arena>,
        ]);
    };
    ($row:ident, $threads:ident, $arena:ident => $work:expr, [$($type:ty),+ $(,)?]) => {$(
        {
            type $arena = $type;
            enter_arena::<$arena>(&mut $row, $threads, |local| $work(local));
        }
    )+};
}

fn alloc_row<const SHIFT: usize>(threads: usize) -> Row {
    let mut row = Row::new(COUNT * threads).on("alloc u64", Axis::Threads, threads);
    arenas!(row, threads, A => |local| work::allocs::<A, SHIFT>(local, COUNT));
    row
}

fn push_row<const SHIFT: usize>(threads: usize) -> Row {
    let mut row = Row::new(COUNT * threads).on("Vec<u32> push", Axis::Threads, threads);
    arenas!(row, threads, A => |local| work::pushes::<A, SHIFT>(local, VECS, LENGTH));
    row
}

fn pool_row<const SHIFT: usize>(threads: usize) -> Row {
    fn enter<P: Pool, const SHIFT: usize>(row: &mut Row, threads: usize) {
        let pool = P::new();
        row.enter_routine(
            P::NAME,
            Box::new(move |passes| {
                (0..passes)
                    .map(|_| {
                        timed_in_threads(
                            threads,
                            |_| &pool,
                            |pool| work::leases::<P, SHIFT>(pool, COUNT),
                        )
                    })
                    .sum()
            }),
        );
    }

    let mut row = Row::new(COUNT * threads).on("pool", Axis::Threads, threads);
    enter::<ArenaPool, SHIFT>(&mut row, threads);
    enter::<ByOwned, SHIFT>(&mut row, threads);
    enter::<BlinkAllocCache, SHIFT>(&mut row, threads);
    enter::<Mutex<Vec<Bump>>, SHIFT>(&mut row, threads);
    enter::<Herd, SHIFT>(&mut row, threads);
    row
}
