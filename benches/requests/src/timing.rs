//! The time that passes of a workload take.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Surround;
use crate::workloads::Workload;

/// Does a number of passes, of one request each.
pub(crate) type Routine = Box<dyn Fn(u64) -> Measurement + Send + Sync>;

pub(crate) struct Measurement {
    pub(crate) elapsed: Duration,
    /// The answer to the request, which is the same in every pass.
    pub(crate) answer: u64,
}

/// The routine of a workload, which has its input from here on.
pub(crate) fn routine<S: Surround, W: Workload>() -> Routine {
    let workload = W::new();
    Box::new(move |passes| {
        let serve = || S::in_request(|| black_box(black_box(&workload).answer()));
        // Fetches back what the turns of others have pushed out of the caches.
        let answer = serve();

        let mut sum = 0_u64;
        let start = Instant::now();
        requests_counted(&mut || {
            for _ in 0..passes {
                sum = sum.wrapping_add(serve());
            }
        });
        let elapsed = start.elapsed();
        assert_eq!(sum, answer.wrapping_mul(passes), "an answer changes");
        Measurement { elapsed, answer }
    })
}

/// Goes by this name so that a profiler can be told to count what happens inside of it.
#[unsafe(no_mangle)]
#[inline(never)]
fn requests_counted(passes: &mut dyn FnMut()) {
    passes();
    // Keeps the call from becoming a jump, which would end the function before the passes begin.
    black_box(());
}
