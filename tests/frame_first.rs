//! The first frames of a program, on several threads at the same time.
#![cfg(feature = "frame")]

#[path = "support/frames.rs"]
mod support;

use std::sync::Barrier;

use arenula::{FrameAlloc, frame};
use support::{child, is_child, on};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

const TEST: &str = "the_first_frames_of_all_threads_serve";

#[test]
fn the_first_frames_of_all_threads_serve() {
    if cfg!(miri) || is_child() {
        open_first_frames();
    } else if on() {
        // A process has only one first time.
        for _ in 0..100 {
            child(TEST, &[]);
        }
    }
}

/// Opens the first frame on each of the threads, as much at the same time as can be.
fn open_first_frames() {
    const THREADS: usize = 8;
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for n in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                let boxed = frame::scope(|| Box::new(n));
                assert!(frame::owns(&raw const *boxed) && *boxed == n);
            });
        }
    });
    let stats = frame::stats();
    assert_eq!((stats.frames, stats.passed_through), (THREADS as u64, 0));
}
