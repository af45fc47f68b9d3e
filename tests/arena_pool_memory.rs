//! A global allocator that fails at its n-th call, for every n: what an `ArenaPool` and `scratch` make of that.
#![cfg(all(feature = "std", target_has_atomic = "64"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::thread;

use arenula::sync::ArenaPool;
use arenula::{Owned, scratch};

/// The system's allocator, which fails when this thread wants it to, and counts what this thread has of it.
struct Failing;

std::thread_local! {
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    /// Whether all requests fail after the first that does.
    static FAILS_ON: Cell<bool> = const { Cell::new(false) };
    static FAILED: Cell<bool> = const { Cell::new(false) };
    static BLOCKS: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match LEFT.get() {
            Some(0) => {
                LEFT.set(FAILS_ON.get().then_some(0));
                FAILED.set(true);
                return ptr::null_mut();
            }
            left => LEFT.set(left.map(|left| left - 1)),
        }
        BLOCKS.set(BLOCKS.get() + 1);
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        BLOCKS.set(BLOCKS.get() - 1);
        // SAFETY: the same contract.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOC: Failing = Failing;

/// Runs a test with memory that fails at the n-th request, that one alone or all from there on, for every n until it asks
/// so often no more. What it makes ready comes first, with memory. Says how often there was not enough.
fn at_each_request<S>(ready: impl Fn() -> S, test: impl Fn(&mut S) -> bool) -> usize {
    let mut refused = 0;
    for fails_on in [false, true] {
        FAILS_ON.set(fails_on);
        for n in 0.. {
            let before = BLOCKS.get();
            let mut state = ready();
            LEFT.set(Some(n));
            let has_all = test(&mut state);
            LEFT.set(None);
            let has_failed = FAILED.replace(false);
            // Where there is no memory for a step there may be some for a smaller one.
            assert!(has_all || has_failed, "refused without need");
            refused += usize::from(!has_all);
            // And again, with memory.
            assert!(test(&mut state));
            drop(state);
            assert_eq!(BLOCKS.get(), before, "memory leaks after {n} requests");
            if !has_failed {
                break;
            }
        }
    }
    refused
}

/// On a thread of its own, which has noted nothing, and whose end takes back what was kept for it.
fn alone(test: fn()) {
    thread::spawn(test).join().unwrap();
}

#[test]
fn each_try_form_fails_until_there_is_memory() {
    alone(|| {
        let refused = at_each_request(ArenaPool::new, |pool| {
            let (one, other) = (pool.try_get(), pool.try_get());
            let leased = usize::from(one.is_ok()) + usize::from(other.is_ok());
            assert_eq!(pool.stats().leased, leased);
            let mut has_all = leased == 2;
            for guard in [one, other].into_iter().flatten() {
                let text = guard.try_alloc_str("text");
                has_all &= text.is_ok_and(|text| text == "text");
            }
            assert_eq!(pool.stats().leased, 0);
            has_all
        });
        assert!(refused > 1);

        let ready = || Arc::new(ArenaPool::new());
        let refused = at_each_request(ready, |pool| {
            let (one, other) = (pool.try_get_owned(), pool.try_get_owned());
            let leased = usize::from(one.is_ok()) + usize::from(other.is_ok());
            assert_eq!(pool.stats().leased, leased);
            drop(one);
            leased == 2 && other.is_ok_and(|arena| arena.try_alloc([1; 100]).is_ok())
        });
        assert!(refused > 0);

        type Ready = (ArenaPool, Option<Owned<&'static str>>);
        let ready = || -> Ready {
            let owned = Owned::<&str>::new(|arena| arena.alloc_str("text"));
            (ArenaPool::new(), Some(owned))
        };
        let refused = at_each_request(ready, |(pool, owned)| {
            let Some(whole) = owned.take() else {
                return true;
            };
            match pool.try_absorb(whole) {
                Ok(text) => text == "text",
                Err(whole) => {
                    // It is as it was.
                    assert_eq!(whole.get(), &"text");
                    *owned = Some(whole);
                    false
                }
            }
        });
        assert_eq!(refused, 2);
    });
}

#[test]
fn scratch_needs_no_memory_but_what_it_is_asked_for() {
    alone(|| {
        let refused = at_each_request(
            || (),
            |()| {
                let has_all = scratch(|scope| {
                    let text = scope.try_alloc_slice_fill_copy(20_000, 7_u8);
                    let inner = scratch(|inner| inner.try_alloc([7_u8; 20_000]).is_ok());
                    inner && text.is_ok_and(|text| *text == [7; 20_000])
                });
                arenula::scratch::trim();
                has_all
            },
        );
        // What is made ready is had when it is wanted, if not before.
        assert!(refused >= 1);
    });
}
