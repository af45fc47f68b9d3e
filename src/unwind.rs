//! Work that goes on when a part of it panics.

/// Calls `step` until it says that there is nothing left to do. Where a step panics the others still run,
/// and the panic goes on after them; where a second one panics, the program ends.
#[inline]
pub(crate) fn run_all(step: impl FnMut() -> bool) {
    struct GoOn<F: FnMut() -> bool>(F);
    impl<F: FnMut() -> bool> Drop for GoOn<F> {
        // Out of line it would take the address of what `step` captures, which then had to stay in memory.
        #[inline(always)]
        fn drop(&mut self) {
            while (self.0)() {}
        }
    }
    let mut steps = GoOn(step);
    while (steps.0)() {}
    core::mem::forget(steps);
}

#[cfg(test)]
mod tests {
    use super::run_all;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    #[test]
    fn what_comes_after_a_panic_still_runs() {
        for panicking in 0..4 {
            let mut ran = 0;
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                run_all(|| {
                    if ran == 4 {
                        return false;
                    }
                    ran += 1;
                    if ran == panicking + 1 {
                        resume_unwind(std::boxed::Box::new(panicking));
                    }
                    true
                });
            }));
            assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&panicking));
            assert_eq!(ran, 4);
        }
    }
}
