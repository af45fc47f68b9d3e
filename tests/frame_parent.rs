//! A parent allocator that uses frames itself.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use arenula::{FrameAlloc, frame};
use support::{child, is_child};

/// Opens a frame at each call.
struct Parent;

static IS_ON: AtomicBool = AtomicBool::new(false);

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Parent {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_ON.load(Ordering::Relaxed) {
            frame::scope(|| frame::outside(|| ()));
        }
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if IS_ON.load(Ordering::Relaxed) {
            frame::scope(|| ());
        }
        // SAFETY: the same contract.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOC: FrameAlloc<Parent> = FrameAlloc::with_parent(Parent);

#[test]
fn a_parent_may_open_the_first_frame() {
    if !is_child() {
        // Whether the variable is there decides whether it is copied.
        for variables in [
            &[][..],
            &[("ARENULA_FRAMES", "on")],
            &[("ARENULA_FRAMES", "off")],
        ] {
            child("a_parent_may_open_the_first_frame", variables);
        }
        return;
    }
    let is_off = std::env::var_os("ARENULA_FRAMES").is_some_and(|value| value == "off");
    IS_ON.store(true, Ordering::Relaxed);
    drop(black_box(Box::new(1)));
    assert_eq!(frame::is_installed(), !is_off);
    frame::scope(|| {
        let large = black_box(vec![1_u8; 100_000]);
        let small = black_box(vec![2_u8; 100]);
        assert!(!frame::owns(large.as_ptr()));
        assert_eq!(frame::owns(small.as_ptr()), !is_off);
        std::thread::scope(|scope| {
            scope.spawn(|| frame::scope(|| drop(black_box(vec![3_u8; 100]))));
        });
    });
    assert!(!frame::is_open());
    IS_ON.store(false, Ordering::Relaxed);
}
