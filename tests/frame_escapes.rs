//! Where the values were allocated that outlive their frames.
#![cfg(all(feature = "trace-escapes", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::hint::black_box;

use arenula::{FrameAlloc, frame};
use support::{alone, on};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

#[inline(never)]
fn make_text() -> String {
    black_box("text ".repeat(20))
}

#[test]
fn what_escapes_is_told_with_the_calls_that_led_there() {
    let _alone = alone();
    if !on() {
        return;
    }
    let text = frame::scope(|| {
        let within = make_text();
        assert!(frame::escapes().is_empty(), "the frame is open");
        drop(within);
        make_text()
    });
    let escapes = frame::escapes();
    assert_eq!(escapes.len(), 1);
    assert_eq!(escapes[0].size, 100);
    assert!(
        escapes[0].to_string().contains("make_text"),
        "{}",
        escapes[0]
    );
    // Freed inside of another frame, and on another thread.
    std::thread::spawn(|| frame::scope(|| drop(text)))
        .join()
        .unwrap();
    assert!(frame::escapes().is_empty());
}

#[test]
fn what_a_rewind_takes_back_has_not_escaped() {
    let _alone = alone();
    if !on() {
        return;
    }
    let kept = frame::with(|frame| {
        let kept = make_text();
        let here = frame.checkpoint();
        for _ in 0..100 {
            std::mem::forget(make_text());
        }
        // SAFETY: what was allocated since is forgotten.
        unsafe { frame.rewind_unchecked(&here) };
        kept
    });
    assert_eq!(frame::escapes().len(), 1);
    drop(kept);
    assert!(frame::escapes().is_empty());
}
