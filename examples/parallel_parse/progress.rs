//! How much of the work is done.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub struct Progress {
    total: usize,
    done: AtomicUsize,
    is_watched: bool,
}

impl Progress {
    pub fn of(total: usize) -> Self {
        Progress {
            total,
            done: AtomicUsize::new(0),
            is_watched: io::stderr().is_terminal(),
        }
    }

    /// Of what takes no time.
    pub fn none() -> Self {
        Progress::of(0)
    }

    /// More is done. Tells so when another tenth is.
    pub fn add(&self, more: usize) {
        let before = self.done.fetch_add(more, Relaxed);
        let tenths = |done: usize| (done as u128 * 10).checked_div(self.total as u128);
        let Some(now) = tenths(before + more).filter(|now| tenths(before) != Some(*now)) else {
            return;
        };
        let (start, end) = if self.is_watched {
            ("\r", "")
        } else {
            ("", "\n")
        };
        let _ = write!(io::stderr(), "{start}  {now}0 % done{end}");
    }

    pub fn end(&self) {
        if self.is_watched {
            eprintln!();
        }
    }
}
