//! What the clock runs for.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::callgrind;

/// Does the work while the clock runs. Where instructions are counted, these are the ones.
#[inline(always)]
pub fn timed<R>(work: impl FnOnce() -> R) -> Duration {
    let start = Instant::now();
    callgrind::toggle();
    let result = work();
    callgrind::toggle();
    let elapsed = start.elapsed();
    // Not before: it may be long.
    drop(result);
    elapsed
}

/// Does the work in so many threads at once, of which this one is the first, and answers the time of the slowest. What
/// `enter` makes for a thread, by its number, is made before the clock runs.
pub fn timed_in_threads<L>(
    threads: usize,
    enter: impl Fn(usize) -> L + Sync,
    work: impl Fn(&L) + Sync,
) -> Duration {
    let barrier = Barrier::new(threads);
    let one = |thread: usize| {
        let local = enter(thread);
        barrier.wait();
        timed(|| work(&local))
    };
    let one = &one;
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|thread| scope.spawn(move || one(thread)))
            .collect();
        let here = one(0);
        (others.into_iter())
            .map(|other| other.join().expect("no contender panics"))
            .fold(here, Duration::max)
    })
}
