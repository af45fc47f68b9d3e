//! Threads that do the same work at the same time.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;

use crate::timing::{Measurement, Routine};

/// The thread that asks, which works as well, and its helpers, which live as long as it does: a server
/// does not start threads for its requests either.
///
/// Without helpers there is no second thread in the program, and allocators that take note of that
/// need no locks.
pub(crate) struct Crew {
    routines: Arc<[Routine]>,
    start: Arc<Barrier>,
    helpers: Vec<Helper>,
}

struct Helper {
    orders: Sender<Order>,
    results: Receiver<Measurement>,
}

#[derive(Clone, Copy)]
struct Order {
    routine: usize,
    passes: u64,
}

impl Crew {
    pub(crate) fn new(threads: usize, routines: Vec<Routine>) -> Self {
        let routines = Arc::from(routines);
        let start = Arc::new(Barrier::new(threads));
        let helpers = (1..threads)
            .map(|_| Helper::hire(Arc::clone(&routines), Arc::clone(&start)))
            .collect();
        Self {
            routines,
            start,
            helpers,
        }
    }

    /// Every thread does all of the passes; the time is that of the last one to be done.
    pub(crate) fn run(&self, routine: usize, passes: u64) -> Measurement {
        for helper in &self.helpers {
            (helper.orders.send(Order { routine, passes })).expect("a helper is gone");
        }
        self.start.wait();
        let own = self.routines[routine](passes);
        (self.helpers.iter())
            .map(|helper| helper.results.recv().expect("a helper is gone"))
            .fold(own, |one, other| {
                assert_eq!(one.answer, other.answer, "the threads disagree");
                Measurement {
                    elapsed: one.elapsed.max(other.elapsed),
                    ..one
                }
            })
    }
}

impl Helper {
    fn hire(routines: Arc<[Routine]>, start: Arc<Barrier>) -> Self {
        let (orders, inbox) = channel::<Order>();
        let (outbox, results) = channel();
        thread::spawn(move || {
            for order in inbox {
                start.wait();
                let result = routines[order.routine](order.passes);
                if outbox.send(result).is_err() {
                    break;
                }
            }
        });
        Self { orders, results }
    }
}
