//! How much memory may be held, by all threads together.

use crate::atomic::{AtomicUsize, Ordering};

/// Bytes that are held, and their limit. Bytes are taken before they are asked for, so that two threads never take
/// the same; who gets none of them gives them back.
///
/// Relaxed throughout: no memory is published by these numbers.
pub(super) struct Budget {
    held: AtomicUsize,
    limit: AtomicUsize,
}

/// The limit where there is none.
const NO_LIMIT: usize = usize::MAX;

impl Budget {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Budget {
            held: AtomicUsize::new(0),
            limit: AtomicUsize::new(NO_LIMIT),
        }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Budget {
            held: AtomicUsize::new(0),
            limit: AtomicUsize::new(NO_LIMIT),
        }
    }

    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    pub(super) fn limit(&self) -> Option<usize> {
        Some(self.limit.load(Ordering::Relaxed)).filter(|&limit| limit != NO_LIMIT)
    }

    pub(super) fn set_limit(&self, limit: Option<usize>) {
        self.limit
            .store(limit.unwrap_or(NO_LIMIT), Ordering::Relaxed);
    }

    /// Whether more is held than the limit now admits.
    pub(super) fn is_exceeded(&self) -> bool {
        self.held() > self.limit.load(Ordering::Relaxed)
    }

    /// Takes so many bytes, if the limit admits them.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let admitted = |held: usize| {
            let held = held.checked_add(bytes)?;
            (held <= self.limit.load(Ordering::Relaxed)).then_some(held)
        };
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, admitted)
            .is_ok()
    }

    /// Gives back bytes that were taken.
    pub(super) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    /// Two threads want more than there is for both: exactly one gets it, and what one that failed gives back
    /// is there again.
    #[test]
    fn budget_is_exact() {
        loom::model(|| {
            let budget = Arc::new(Budget::new());
            budget.set_limit(Some(10));
            let other = {
                let budget = Arc::clone(&budget);
                thread::spawn(move || budget.take(6))
            };
            let here = budget.take(6);
            assert!(budget.held() <= 10);
            assert!(here ^ other.join().unwrap());
            budget.give_back(6);
            assert!(budget.take(10));
            assert!(!budget.take(1));
        });
    }
}
