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

use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use arenula::sync::{ArenaPool, SyncArena};
use blink_alloc::{BlinkAllocCache, SyncBlinkAlloc};
use bumpalo::Bump;
use bumpalo_herd::Herd;
use peers::{Comparison, Row, builds};

use crate::contenders::{Arena, Boxes, ByLocal, ByOwned, COLUMNS, Each, Pool};

/// The operations of each thread in a pass.
pub const COUNT: usize = 50_000;

/// The values that are pushed to a vector.
const LENGTH: u32 = 1_000;

/// The vectors of each thread in a pass.
const VECS: usize = COUNT / LENGTH as usize;

fn main() {
    let mut comparison = Comparison::from_args(COLUMNS);

    comparison.run(
        "alloc u64, 1 thread",
        builds!(SHIFT => alloc_row::<1, SHIFT>()),
    );
    comparison.run(
        "alloc u64, 2 threads",
        builds!(SHIFT => alloc_row::<2, SHIFT>()),
    );
    comparison.run(
        "Vec<u32> push, 1 thread",
        builds!(SHIFT => push_row::<1, SHIFT>()),
    );
    comparison.run(
        "Vec<u32> push, 2 threads",
        builds!(SHIFT => push_row::<2, SHIFT>()),
    );
    comparison.run("pool, 1 thread", builds!(SHIFT => pool_row::<1, SHIFT>()));
    comparison.run("pool, 2 threads", builds!(SHIFT => pool_row::<2, SHIFT>()));

    comparison.finish();
}

/// Runs `f` on so many threads at once, and answers the time of the slowest. What `enter` makes for a thread is made before
/// the clock runs.
fn run<const THREADS: usize, L>(
    enter: impl Fn(usize) -> L + Sync,
    f: impl Fn(&L) + Sync,
) -> Duration {
    let start = Barrier::new(THREADS);
    let timed = |thread: usize| {
        let local = enter(thread);
        start.wait();
        let clock = Instant::now();
        f(&local);
        clock.elapsed()
    };
    let timed = &timed;
    thread::scope(|threads| {
        let others: Vec<_> = (1..THREADS)
            .map(|thread| threads.spawn(move || timed(thread)))
            .collect();
        let here = timed(0);
        (others.into_iter())
            .map(|other| other.join().unwrap())
            .fold(here, Duration::max)
    })
}

/// Enters a contender whose arena is emptied after each pass.
fn enter_arena<A: Arena, const THREADS: usize>(row: &mut Row, f: fn(&A::Local<'_>)) {
    let mut arena = A::new(THREADS);
    row.enter_routine(
        A::NAME,
        Box::new(move |passes| {
            let mut elapsed = Duration::ZERO;
            for _ in 0..passes {
                elapsed += run::<THREADS, _>(|thread| arena.enter(thread), f);
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
            enter_arena::<$arena, $threads>(&mut $row, |local| $work(local));
        }
    )+};
}

fn alloc_row<const THREADS: usize, const SHIFT: usize>() -> Row {
    let mut row = Row::new(COUNT * THREADS);
    arenas!(row, THREADS, A => |local| work::allocs::<A, SHIFT>(local, COUNT));
    row
}

fn push_row<const THREADS: usize, const SHIFT: usize>() -> Row {
    let mut row = Row::new(COUNT * THREADS);
    arenas!(row, THREADS, A => |local| work::pushes::<A, SHIFT>(local, VECS, LENGTH));
    row
}

fn pool_row<const THREADS: usize, const SHIFT: usize>() -> Row {
    fn enter<P: Pool, const THREADS: usize, const SHIFT: usize>(row: &mut Row) {
        let pool = P::new();
        row.enter_routine(
            P::NAME,
            Box::new(move |passes| {
                (0..passes)
                    .map(|_| {
                        run::<THREADS, _>(|_| &pool, |pool| work::leases::<P, SHIFT>(pool, COUNT))
                    })
                    .sum()
            }),
        );
    }

    let mut row = Row::new(COUNT * THREADS);
    enter::<ArenaPool, THREADS, SHIFT>(&mut row);
    enter::<ByOwned, THREADS, SHIFT>(&mut row);
    enter::<BlinkAllocCache, THREADS, SHIFT>(&mut row);
    enter::<Mutex<Vec<Bump>>, THREADS, SHIFT>(&mut row);
    enter::<Herd, THREADS, SHIFT>(&mut row);
    row
}
