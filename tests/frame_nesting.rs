//! Frames inside frames: their order, panics, guards that are dropped in any order or never, and checkpoints.
#![cfg(feature = "frame")]

#[path = "support/frames.rs"]
mod support;

use std::backtrace::Backtrace;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};

use std::sync::Once;

use arenula::{
    FrameAlloc,
    frame::{self, RewindError},
};
use support::{Block, alone, assert_in_frame, on, pinned, resident, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

/// The frames that were ended until now.
fn ended() -> u64 {
    frame::stats().frames
}

/// What must be back as it was when a test of this file is over.
struct Before {
    pinned: (usize, usize),
    _alone: std::sync::MutexGuard<'static, ()>,
}

impl Before {
    fn new() -> Self {
        let _alone = alone();
        assert!(!frame::is_open());
        // A panic that says where it was fills caches that stay: not in a frame, where they would be pinned.
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| frame::outside(|| hook(info))));
        });
        let pinned = pinned();
        Before { pinned, _alone }
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(!frame::is_open());
            assert_eq!(pinned(), self.pinned, "{}", frame::stats());
            let block = Block::new(10, 1, 1);
            assert!(!block.is_of_frame());
        }
    }
}

#[test]
fn frames_nest_a_hundred_deep_and_each_keeps_its_own() {
    let _before = Before::new();
    fn descend(depth: u64) -> Vec<Block> {
        frame::scope(|| {
            let mine: Vec<Block> = (1..20).map(|n| Block::new(n * 10, 8, depth)).collect();
            assert_in_frame(mine[0].start());
            let mut theirs = if depth == 0 {
                Vec::new()
            } else {
                descend(depth - 1)
            };
            // Back in this frame, which goes on where it was.
            let after = Block::new(100, 16, depth);
            assert_in_frame(after.start());
            mine.iter().for_each(Block::check);
            theirs.iter().for_each(Block::check);
            theirs.push(after);
            theirs
        })
    }
    let ended_before = ended();
    let depth = if cfg!(miri) { 5 } else { 100 };
    let blocks = descend(depth);
    if on() {
        assert_eq!(ended() - ended_before, depth + 1);
    }
    assert_eq!(blocks.len() as u64, depth + 1);
    for block in blocks {
        block.check();
    }
}

#[test]
fn guards_nest_ten_thousand_deep() {
    let _before = Before::new();
    // More than a thread keeps records for.
    for _ in 0..rounds(10, 3, 1) {
        let guards: Vec<_> = (0..rounds(10_000, 2000, 10))
            .map(|_| frame::enter())
            .collect();
        assert_eq!(frame::is_open(), on());
        drop(guards);
        assert!(!frame::is_open());
    }
}

#[test]
fn a_panic_ends_the_frames_that_it_leaves() {
    let _before = Before::new();
    for n in 0..rounds(300, 60, 2) {
        let outcome = catch_unwind(|| {
            frame::scope(|| {
                let _outer = Block::new(100, 8, 1);
                frame::with(|_| {
                    let _inner = Block::new(200, 8, 2);
                    let _guard = frame::enter();
                    frame::outside(|| {
                        let _parents = Block::new(300, 8, 3);
                        frame::scope(|| panic_any(format!("number {n}")))
                    })
                })
            })
        });
        assert!(!frame::is_open());
        // Made in the innermost frame.
        let payload: Box<String> = outcome.unwrap_err().downcast().unwrap();
        assert_eq!(*payload, format!("number {n}"));
    }
}

#[test]
fn a_panic_that_is_caught_in_a_frame_leaves_the_frame_open() {
    let _before = Before::new();
    frame::scope(|| {
        let text = String::from("before");
        for n in 0..rounds(100, 20, 2) {
            let block = Block::new(50, 8, n as u64);
            let payload = catch_unwind(AssertUnwindSafe(|| {
                frame::scope(|| {
                    let _gone = Block::new(500, 8, 9);
                    resume_unwind(Box::new(block))
                })
            }))
            .unwrap_err();
            assert_eq!(frame::is_open(), on());
            let block: Box<Block> = payload.downcast().unwrap();
            block.check();
            assert_in_frame(String::from("after").as_ptr());
        }
        assert_eq!(text, "before");
    });
}

/// A backtrace loads the program's debug information, into caches that are never freed: here in a frame.
#[test]
#[cfg_attr(miri, ignore)]
fn backtraces_are_captured_in_frames() {
    let trace = || {
        let text = Backtrace::force_capture().to_string();
        assert!(text.contains("backtraces_are_captured_in_frames"), "{text}");
        drop(text);
    };
    if support::is_child() {
        let before = {
            let _alone = alone();
            frame::scope(trace);
            pinned()
        };
        frame::scope(trace);
        // What is cached is still right, and not made again.
        assert_eq!(pinned(), before);
        return;
    }
    support::child("backtraces_are_captured_in_frames", &[]);
    let _alone = alone();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let backtrace = Backtrace::force_capture();
        let text = frame::scope(|| format!("{info}\n{backtrace}"));
        assert!(text.contains("with a hook"));
    }));
    let outcome = catch_unwind(|| frame::scope(|| panic!("with a hook {}", black_box(1))));
    std::panic::set_hook(hook);
    assert_eq!(
        *outcome.unwrap_err().downcast::<String>().unwrap(),
        "with a hook 1"
    );
}

#[test]
fn guards_dropped_in_any_order_end_their_frames_in_the_right_one() {
    let _before = Before::new();
    /// All orders of four guards.
    fn orders() -> Vec<Vec<usize>> {
        let mut all = vec![];
        for number in 0..256 {
            let order: Vec<usize> = (0..4).map(|n| number >> (2 * n) & 3).collect();
            if (0..4).all(|n| order.contains(&n)) {
                all.push(order);
            }
        }
        all
    }
    let orders = orders();
    assert_eq!(orders.len(), 24);
    for order in orders.iter().take(rounds(24, 24, 3)) {
        let mut guards = Vec::with_capacity(4);
        let mut blocks = Vec::with_capacity(4);
        for n in 0..4 {
            guards.push(Some(frame::enter()));
            blocks.push(Block::new(100, 8, n));
        }
        let start = ended();
        for (done, &which) in order.iter().enumerate() {
            guards[which] = None;
            // Those from the innermost on whose guards are gone have ended; the others wait for it.
            let over = guards.iter().rev().take_while(|guard| guard.is_none());
            if on() {
                assert_eq!(ended() - start, over.count() as u64, "{order:?} {done}");
            }
            assert_eq!(frame::is_open(), on() && done < 3);
            blocks.iter().for_each(Block::check);
            drop(Block::new(1000, 8, 5));
        }
        drop(blocks);
    }
}

#[test]
fn a_forgotten_guard_ends_with_the_scope_around_it() {
    let _before = Before::new();
    let start = ended();
    let escaped = frame::scope(|| {
        let outer = Block::new(100, 8, 1);
        for _ in 0..3 {
            std::mem::forget(frame::enter());
        }
        (outer, Block::new(100, 8, 2))
    });
    assert!(!frame::is_open());
    if on() {
        assert_eq!(ended() - start, 4);
    }
    drop(escaped);
}

#[test]
fn a_guard_can_not_end_its_frame_under_a_forgotten_one_but_the_thread_does() {
    let _before = Before::new();
    let start = ended();
    std::thread::spawn(|| {
        let guard = frame::enter();
        let outer = Block::new(10, 8, 1);
        std::mem::forget(frame::enter());
        let inner = Block::new(10, 8, 2);
        drop(guard);
        // Nothing says that the inner one is over.
        assert_eq!(frame::is_open(), on());
        frame::scope(|| drop(Block::new(10, 8, 3)));
        assert_eq!(frame::is_open(), on());
        drop((inner, outer));
    })
    .join()
    .unwrap();
    if on() {
        assert_eq!(ended() - start, 3);
    }
}

#[test]
fn a_scope_that_ends_closes_the_guards_that_are_open_inside() {
    let _before = Before::new();
    let start = ended();
    let (guards, block) = frame::scope(|| {
        let guards = [frame::enter(), frame::enter(), frame::enter()];
        (guards, Block::new(100, 8, 1))
    });
    assert!(!frame::is_open());
    if on() {
        assert_eq!(ended() - start, 4);
    }
    frame::scope(|| {
        // Guards of frames that have ended, whose records new ones have by now.
        let here = Block::new(100, 8, 2);
        let _inner = frame::enter();
        drop(guards);
        assert_eq!(frame::is_open(), on());
        here.check();
        assert_in_frame(String::from("still here").as_ptr());
    });
    drop(block);
}

#[test]
fn a_guard_dropped_inside_another_scope_ends_after_that() {
    let _before = Before::new();
    let start = ended();
    let guard = frame::enter();
    let outer = Block::new(100, 8, 1);
    let inner = frame::scope(|| {
        drop(guard);
        assert_eq!(frame::is_open(), on());
        let in_second = frame::with(|_| Block::new(100, 8, 2));
        assert_eq!(ended() - start, u64::from(on()));
        in_second
    });
    assert!(!frame::is_open());
    if on() {
        assert_eq!(ended() - start, 3);
    }
    drop((outer, inner));

    // Also from outside of all frames.
    let guard = frame::enter();
    frame::outside(|| {
        drop(guard);
        assert!(!frame::is_open());
    });
    assert!(!frame::is_open());
}

#[test]
fn a_guard_kept_in_a_value_of_its_own_frame_ends_it() {
    let _before = Before::new();
    let guard = frame::enter();
    let boxed = Box::new((Block::new(100, 8, 1), guard));
    assert_in_frame(&raw const *boxed);
    let more = vec![boxed];
    drop(more);
    assert!(!frame::is_open());
}

#[test]
fn outside_and_frames_alternate() {
    let _before = Before::new();
    frame::outside(|| assert!(!frame::is_open()));
    fn alternate(depth: usize) -> Vec<Block> {
        if depth == 0 {
            return Vec::new();
        }
        let mut blocks = frame::scope(|| {
            let mine = Block::new(100, 8, depth as u64);
            assert_in_frame(mine.start());
            let mut blocks = frame::outside(|| {
                let mut blocks = alternate(depth - 1);
                blocks.push(Block::new(50, 8, depth as u64));
                assert!(!blocks.last().unwrap().is_of_frame());
                blocks
            });
            assert_in_frame(Block::new(10, 8, 1).start());
            blocks.push(mine);
            blocks
        });
        blocks.swap(0, depth / 2);
        blocks
    }
    let blocks = alternate(if cfg!(miri) { 4 } else { 50 });
    blocks.iter().for_each(Block::check);
    let outcome = catch_unwind(|| frame::scope(|| frame::outside(|| panic_any(1))));
    assert!(outcome.is_err() && !frame::is_open());
}

#[test]
fn a_rewind_says_exactly_how_much_is_alive_and_uses_the_memory_again() {
    let _before = Before::new();
    frame::with(|frame| {
        let kept = Block::new(1000, 8, 1);
        let here = frame.checkpoint();
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..rounds(2000, 300, 3) {
            let a = Block::new(1 + round % 100, 8, 2);
            let b = Block::new(5000, 64, 3);
            let mut c = Block::new(16384, 4096, 4);
            assert_in_frame(b.start());
            let parents = Block::new(20_000, 8, 5);
            let mut alive = a.taken() + b.taken() + c.taken();
            let is_alive = |bytes| {
                if on() && !cfg!(miri) {
                    assert_eq!(frame.rewind(&here), Err(RewindError::StillLive { bytes }));
                }
            };
            is_alive(alive);
            drop(parents);
            is_alive(alive);
            c.resize(1);
            alive -= 16384 - 8;
            is_alive(alive);
            alive -= b.taken();
            drop(b);
            is_alive(alive);
            // What another thread frees counts as well.
            alive -= a.taken();
            if round % 100 == 0 {
                frame::outside(|| std::thread::spawn(move || drop(a)).join().unwrap());
            } else {
                drop(a);
            }
            is_alive(alive);
            c.check();
            let first = c.start().addr();
            drop(c);
            assert_eq!(frame.rewind(&here), Ok(()));
            frame::outside(|| seen.insert(first));
            kept.check();
        }
        if !cfg!(miri) && on() {
            assert!(seen.len() <= 4, "{} places", seen.len());
        }
        frame::outside(move || drop(seen));
    });
}

#[test]
fn values_from_before_a_checkpoint_may_be_freed_and_grow_after_it() {
    let _before = Before::new();
    let frame = frame::enter();
    let mut old = Block::new(100, 8, 1);
    let gone = Block::new(100, 8, 2);
    let here = frame.checkpoint();
    drop(gone);
    old.resize(3000);
    // It does not belong to what is rewound.
    assert_eq!(frame.rewind(&here), Ok(()));
    old.check();
    drop(Block::new(16000, 8, 3));
    old.check();
    drop(frame);
    old.check();
}

#[test]
fn checkpoints_nest_and_a_rewind_makes_the_later_ones_stale() {
    let _before = Before::new();
    if !on() {
        return;
    }
    let frame = frame::enter();
    let a = Block::new(100, 8, 1);
    let first = frame.checkpoint();
    let b = Block::new(200, 8, 2);
    let second = frame.checkpoint();
    let c = Block::new(400, 8, 3);
    let third = frame.checkpoint();
    let d = Block::new(800, 8, 4);
    let alive = |checkpoint, bytes| {
        assert_eq!(
            frame.rewind(checkpoint),
            Err(RewindError::StillLive { bytes })
        );
    };
    alive(&third, 800);
    alive(&second, 1200);
    alive(&first, 1400);
    drop(c);
    alive(&second, 800);
    drop(d);
    assert_eq!(frame.rewind(&second), Ok(()));
    assert_eq!(frame.rewind(&third), Err(RewindError::Stale));
    let e = Block::new(48, 8, 5);
    alive(&second, 48);
    alive(&first, 248);
    assert_eq!(frame.rewind(&third), Err(RewindError::Stale));
    drop((b, e));
    assert_eq!(frame.rewind(&first), Ok(()));
    assert_eq!(frame.rewind(&first), Ok(()));
    assert_eq!(frame.rewind(&second), Err(RewindError::Stale));
    a.check();
    let kept = Block::new(16, 8, 6);
    alive(&first, 16);
    drop(frame);
    kept.check();
}

#[test]
fn only_the_innermost_frame_can_be_rewound_and_only_to_its_own_checkpoints() {
    let _before = Before::new();
    if !on() {
        return;
    }
    let outer = frame::enter();
    let here = outer.checkpoint();
    frame::scope(|| assert_eq!(outer.rewind(&here), Err(RewindError::NotInnermost)));
    frame::outside(|| assert_eq!(outer.rewind(&here), Err(RewindError::NotInnermost)));
    let inner = frame::enter();
    let block = Block::new(100, 8, 1);
    assert_eq!(outer.rewind(&here), Err(RewindError::NotInnermost));
    // SAFETY: nothing happens, as the frame is not innermost.
    unsafe { outer.rewind_unchecked(&here) };
    block.check();
    let late = outer.checkpoint();
    assert_eq!(inner.rewind(&here), Err(RewindError::Stale));
    let there = inner.checkpoint();
    assert_eq!(inner.rewind(&there), Ok(()));
    drop(block);
    drop(inner);
    assert_eq!(outer.rewind(&there), Err(RewindError::Stale));
    assert_eq!(outer.rewind(&late), Err(RewindError::Stale));
    assert_eq!(outer.rewind(&here), Ok(()));
    // A frame that has the record of the one before.
    drop(outer);
    let again = frame::enter();
    assert_eq!(again.rewind(&here), Err(RewindError::Stale));
    assert_ne!(again.checkpoint(), here);
    for error in [
        RewindError::Stale,
        RewindError::NotInnermost,
        RewindError::StillLive { bytes: 7 },
    ] {
        assert!(!error.to_string().is_empty());
    }
}

/// The new frame has the record of the one that ended, which must not be taken for it.
#[test]
fn a_checkpoint_of_a_frame_that_has_ended_does_nothing_to_those_that_are_open() {
    let _before = Before::new();
    let ended = frame::scope(frame::enter);
    for _ in 0..3 {
        frame::scope(|| {
            let here = ended.checkpoint();
            if on() {
                assert_eq!(ended.rewind(&here), Err(RewindError::Stale));
            }
            frame::outside(|| {
                ended.checkpoint();
                assert!(!frame::owns(String::from("outside").as_ptr()));
            });
            assert_in_frame(String::from("inside").as_ptr());
        });
    }
    ended.checkpoint();
    assert!(!frame::owns(String::from("no frame").as_ptr()));
}

#[test]
fn an_unchecked_rewind_takes_back_what_was_leaked() {
    let _before = Before::new();
    frame::with(|frame| {
        let kept = Block::new(100, 8, 1);
        let here = frame.checkpoint();
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..rounds(2000, 300, 3) {
            let leaked: Vec<Block> = (0..50).map(|n| Block::new(100, 8, n)).collect();
            let page = leaked[49].start().addr() / 4096;
            leaked.into_iter().for_each(support::forget);
            let deeper = frame.checkpoint();
            support::forget(Block::new(10_000, 8, 3));
            if round % 3 == 0 {
                // SAFETY: the blocks were forgotten.
                unsafe { frame.rewind_unchecked(&deeper) };
                if on() {
                    assert_eq!(frame.rewind(&deeper), Ok(()));
                }
            }
            // SAFETY: as above.
            unsafe { frame.rewind_unchecked(&here) };
            assert_eq!(frame.rewind(&here), Ok(()));
            frame::outside(|| seen.insert(page));
            kept.check();
        }
        if on() && !cfg!(miri) {
            assert!(seen.len() <= 8, "{} pages", seen.len());
        }
        frame::outside(|| drop(seen));
    });
}

/// Each round takes a checkpoint of its own, as the body of a loop would.
#[test]
#[cfg_attr(miri, ignore)]
fn a_checkpoint_in_each_round_of_a_loop_takes_no_more_memory_than_one() {
    let _before = Before::new();
    let rounds = rounds(1_000_000, 300_000, 10);
    for how in 0..3 {
        frame::with(|frame| {
            // Were the frame empty, a checkpoint could be its beginning.
            let _alive = Block::new(100, 8, 1);
            let before = resident();
            for n in 0..rounds {
                let here = frame.checkpoint();
                let block = Block::new(1 + n % 1000, 8, 1);
                drop(block);
                match how {
                    0 => assert_eq!(frame.rewind(&here), Ok(())),
                    1 => {
                        support::forget(Block::new(8, 8, 1));
                        // SAFETY: the block was forgotten.
                        unsafe { frame.rewind_unchecked(&here) };
                    }
                    // Never rewound, but nothing is alive either.
                    _ => {}
                }
            }
            let here = frame.checkpoint();
            assert_eq!(frame.rewind(&here), Ok(()));
            if let (Some(before), Some(after)) = (before, resident()) {
                let more = after.saturating_sub(before);
                assert!(!on() || more < 4 << 20, "{more} bytes more");
            }
        });
    }
}

#[test]
fn the_statistics_of_a_frame_tell_its_own_from_those_inside() {
    let _before = Before::new();
    if !on() || cfg!(miri) {
        return;
    }
    frame::with(|frame| {
        assert_eq!(frame.stats().bytes_served, 0);
        let a = Block::new(1001, 8, 1);
        let _here = frame.checkpoint();
        let b = Block::new(100, 8, 2);
        frame::with(|inner| {
            let c = Block::new(50, 8, 3);
            assert_eq!(inner.stats().bytes_served, 56);
            assert_eq!(inner.stats().pinned_waste, 4096 - 56);
            assert_eq!(frame.stats().bytes_served, 1112);
            drop(c);
            assert_eq!(inner.stats().pinned_pages, 0);
        });
        let stats = frame.stats();
        assert_eq!((stats.frames, stats.bytes_served), (1, 1112));
        assert_eq!((stats.pinned_pages, stats.pinned_waste), (2, 8192 - 1112));
        assert_eq!(stats.pinned_bytes, 8192);
        assert_eq!(stats.reserved, frame::stats().reserved);
        drop(a);
        assert_eq!(frame.stats().pinned_pages, 1);
        drop(b);
        assert_eq!(frame.stats().pinned_pages, 0);
    });
    let before = frame::stats();
    let escaped = frame::scope(|| [Block::new(4096, 8, 1), Block::new(100, 8, 2)]);
    let during = frame::stats();
    assert_eq!(during.frames - before.frames, 1);
    assert_eq!(during.bytes_served - before.bytes_served, 4200);
    assert_eq!(during.pinned_pages - before.pinned_pages, 2);
    assert_eq!(during.pinned_waste - before.pinned_waste, 4096 - 104);
    assert_eq!(during.passed_through, before.passed_through);
    assert!(during.reserved >= 64 << 20);
    assert!(during.to_string().contains("pinned in"));
    drop(escaped);
}
