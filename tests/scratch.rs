//! Memory for the length of a call: nesting, panics, other threads and their ends, and what is kept.
#![cfg(feature = "std")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use arenula::scratch::{retained, set_retained, trim};
use arenula::{Scope, scratch};

/// The system's allocator, with the calls that this thread has made counted.
struct Counting;

std::thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the same contract.
        unsafe { System.dealloc(block, layout) }
    }
}

#[cfg(feature = "frame")]
#[global_allocator]
static ALLOC: arenula::FrameAlloc<Counting> = arenula::FrameAlloc::with_parent(Counting);

#[cfg(not(feature = "frame"))]
#[global_allocator]
static ALLOC: Counting = Counting;

/// Held by tests that change, or look at, the limit of what is kept, which is that of all threads.
static LIMIT: Mutex<()> = Mutex::new(());

/// Runs a test on a thread of its own, so that it finds no memory of others.
fn alone(test: impl FnOnce() + Send) {
    thread::scope(|threads| {
        let thread = threads.spawn(test);
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// So many bytes, of which an interpreter writes as many at once as `PART` says: one by one is slow there.
fn filled<'s, const PART: usize>(s: &Scope<'s>, size: usize, byte: u8) -> &'s mut [u8] {
    if cfg!(miri) {
        assert_eq!(size % PART, 0);
        s.alloc_slice_fill_copy(size / PART, [byte; PART])
            .as_flattened_mut()
    } else {
        s.alloc_slice_fill_copy(size, byte)
    }
}

/// Calls itself so often, each time with a value that must still be there after the call.
fn nest(depth: usize, outer: Option<&[usize]>) -> usize {
    scratch(|s| {
        let mine = s.alloc_slice_fill_copy(100 * depth + 1, depth);
        let below = if depth == 0 {
            0
        } else {
            nest(depth - 1, Some(mine))
        };
        assert!(mine.iter().all(|&n| n == depth));
        assert!(outer.is_none_or(|outer| outer.iter().all(|&n| n == depth + 1)));
        below + mine.len()
    })
}

#[test]
fn each_depth_has_memory_of_its_own() {
    alone(|| {
        // More than have an arena that is kept.
        for _ in 0..if cfg!(miri) { 2 } else { 20 } {
            assert_eq!(nest(20, None), (0..=20).map(|depth| 100 * depth + 1).sum());
        }
    });
}

#[test]
fn an_inner_call_leaves_alone_what_the_outer_scope_allocates_meanwhile() {
    alone(|| {
        scratch(|outer| {
            let first = outer.alloc(1);
            let second = scratch(|inner| {
                let scrap = inner.alloc_slice_fill_copy(1000, 7_u8);
                // In the outer one, while the inner one is open: it stays.
                let second = outer.alloc_str("second");
                assert!(scrap.iter().all(|&byte| byte == 7));
                second
            });
            let third = outer.alloc_slice_fill_copy(1000, 3_u8);
            assert_eq!((*first, &*second), (1, "second"));
            assert!(third.iter().all(|&byte| byte == 3));
        });
    });
}

#[test]
fn a_function_may_write_its_result_to_the_callers_scope() {
    fn digits<'s>(number: u32, to: &Scope<'s>) -> &'s [u32] {
        scratch(|s| {
            let text: &str = s.alloc_fmt(format_args!("{number}"));
            &*to.alloc_iter(text.chars().filter_map(|ch| ch.to_digit(10)))
        })
    }
    alone(|| {
        scratch(|s| {
            let (one, other) = (digits(1234, s), digits(56, s));
            assert_eq!((one, other), (&[1, 2, 3, 4][..], &[5, 6][..]));
        });
    });
}

#[test]
fn a_steady_workload_calls_no_allocator() {
    alone(|| {
        let work = || {
            scratch(|s| {
                let outer = filled::<1000>(s, 10_000, 1);
                let inner = scratch(|s| filled::<1000>(s, 70_000, 2).len());
                assert_eq!(outer.len() + inner, 80_000);
            });
        };
        for _ in 0..if cfg!(miri) { 20 } else { 100 } {
            work();
        }
        let before = CALLS.get();
        for _ in 0..if cfg!(miri) { 20 } else { 1000 } {
            work();
        }
        assert_eq!(CALLS.get(), before);
        let held = retained();
        assert!(held >= 80_000);
        trim();
        assert_eq!(retained(), 0);
        work();
        assert!(retained() >= 80_000);
    });
}

#[test]
fn little_is_kept_of_a_burst() {
    let _limit = LIMIT.lock();
    alone(|| {
        // More than may be kept.
        scratch(|s| assert_eq!(filled::<1024>(s, 8 << 20, 1).len(), 8 << 20));
        assert!(retained() <= 1 << 20);
        // Not more than that, so that it goes with time.
        scratch(|s| assert_eq!(filled::<1024>(s, 900 << 10, 1).len(), 900 << 10));
        assert!(retained() >= 900 << 10);
        for _ in 0..200 {
            scratch(|s| assert_eq!(*s.alloc(1), 1));
        }
        assert!(retained() < 256 << 10, "{}", retained());
    });
}

#[test]
fn the_limit_of_what_is_kept_can_be_another() {
    let _limit = LIMIT.lock();
    alone(|| {
        set_retained(4 << 20);
        scratch(|s| assert_eq!(filled::<1024>(s, 3 << 20, 1).len(), 3 << 20));
        assert!(retained() >= 3 << 20);
        set_retained(1 << 20);
        scratch(|s| assert_eq!(*s.alloc(1), 1));
        assert!(retained() <= 1 << 20);
    });
}

#[test]
fn a_panic_gives_back_what_was_allocated_at_each_depth() {
    alone(|| {
        for depth in 1..12 {
            let result = catch_unwind(|| {
                fn fall(depth: usize) {
                    scratch(|s| {
                        s.alloc_slice_fill_copy(1000, depth);
                        if depth == 0 {
                            panic!("at the bottom");
                        }
                        fall(depth - 1);
                    });
                }
                fall(depth);
            });
            assert!(result.is_err());
            // All arenas are where they were.
            scratch(|s| assert_eq!(s.allocated_bytes(), 0));
            assert_eq!(nest(10, None), (0..=10).map(|depth| 100 * depth + 1).sum());
        }
    });
}

#[test]
fn what_a_call_sets_the_next_one_does_not_find() {
    // More than an arena has at first.
    let size = if cfg!(miri) { 100_000 } else { 1 << 20 };
    alone(|| {
        scratch(|s| {
            s.set_limit(Some(s.capacity()));
            assert!(s.try_alloc_slice_fill_copy(size, 1_u8).is_err());
        });
        scratch(|s| {
            assert_eq!(s.limit(), None);
            assert!(s.try_alloc_slice_fill_copy(size, 1_u8).is_ok());
        });
    });
}

#[test]
fn containers_live_in_it() {
    alone(|| {
        let text = scratch(|s| {
            let mut words = s.vec();
            words.extend(["to", "be"]);
            let mut text = s.string();
            for word in words {
                scratch(|s| text.push_str(s.alloc_fmt(format_args!("<{word}>"))));
            }
            text.to_string()
        });
        assert_eq!(text, "<to><be>");
    });
}

/// Uses `scratch` when it is destroyed.
struct AtTheEnd(&'static str);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let length = scratch(|s| {
            let copy = s.alloc_str(self.0);
            scratch(|inner| inner.alloc_concat(&[copy, copy]).len())
        });
        assert_eq!(length, 2 * self.0.len());
        trim();
        assert_eq!(retained(), 0);
    }
}

std::thread_local! {
    static BEFORE: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
}

#[test]
fn it_works_while_the_values_of_a_thread_are_destroyed() {
    // One of the two is destroyed before the arenas, the other after them: whichever it is.
    for _ in 0..3 {
        thread::spawn(|| {
            BEFORE.with(|value| *value.borrow_mut() = Some(AtTheEnd("before")));
            scratch(|s| assert_eq!(*s.alloc(1), 1));
            AFTER.with(|value| *value.borrow_mut() = Some(AtTheEnd("after")));
        })
        .join()
        .unwrap();
    }
}

#[test]
fn a_thread_that_ends_in_the_middle_of_a_panic_loses_nothing() {
    let result = thread::spawn(|| {
        scratch(|s| {
            s.alloc(1);
            scratch(|s| {
                s.alloc(2);
                panic!("in the middle");
            });
        });
    })
    .join();
    assert!(result.is_err());
}

#[test]
fn threads_do_not_share() {
    thread::scope(|threads| {
        for id in 0..4_u8 {
            threads.spawn(move || {
                for round in 0..if cfg!(miri) { 10 } else { 100 } {
                    scratch(|s| {
                        let mine = s.alloc_slice_fill_copy(1000 + round, id);
                        thread::yield_now();
                        assert!(mine.iter().all(|&byte| byte == id));
                    });
                }
            });
        }
    });
}

#[test]
fn a_scope_inside_gives_back_its_own() {
    alone(|| {
        scratch(|s| {
            let kept = s.alloc_str("kept");
            let before = s.allocated_bytes();
            for _ in 0..10 {
                s.scope(|inner| assert_eq!(inner.alloc_str(kept), kept));
            }
            assert_eq!(s.allocated_bytes(), before);
            let caught = catch_unwind(AssertUnwindSafe(|| s.scope(|_| panic!("inside"))));
            assert!(caught.is_err());
            assert_eq!(kept, "kept");
        });
    });
}

#[cfg(feature = "frame")]
#[test]
fn nothing_that_is_kept_is_a_frames() {
    use arenula::frame;
    if !frame::is_installed() {
        return;
    }
    alone(|| {
        for size in [10, 1000, 50_000, 200_000] {
            frame::scope(|| {
                let owned = scratch(|outer| {
                    let first = filled::<10>(outer, size, 1).as_ptr();
                    let inner = scratch(|inner| filled::<10>(inner, size, 2).as_ptr());
                    frame::owns(first) || frame::owns(inner)
                });
                assert!(!owned, "{size}");
            });
        }
        // Also when it is brought together, and let go of.
        for round in (0..200).step_by(if cfg!(miri) { 4 } else { 1 }) {
            frame::scope(|| scratch(|s| filled::<1000>(s, 1000 * (200 - round), 1).len()));
        }
        assert_eq!(frame::stats().pinned_bytes, 0);
        scratch(|s| assert!(!frame::owns(s.alloc(1))));
    });
}

#[cfg(feature = "frame")]
#[test]
fn not_even_where_a_call_has_a_limit() {
    use arenula::frame;
    if !frame::is_installed() {
        return;
    }
    alone(|| {
        frame::scope(|| {
            scratch(|s| {
                s.set_limit(Some(2000));
                s.alloc([0_u8; 100]);
            });
        });
        scratch(|s| {
            s.set_limit(Some(s.capacity()));
            while s
                .try_alloc([0_u8; 64])
                .is_ok_and(|block| !frame::owns(block))
            {}
            assert!(s.try_alloc([0_u8; 64]).is_err());
        });
        trim();
    });
}
