//! Frames and rayon, which runs parts of a program on threads of its own.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::collections::HashMap;

use arenula::{FrameAlloc, frame};
use rayon::prelude::*;
use support::{Block, alone, assert_in_frame, pinned, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

#[test]
fn rayon_runs_inside_a_frame() {
    let _alone = alone();
    for _ in 0..rounds(200, 20, 1) {
        let (text, sorted) = frame::scope(|| {
            let numbers: Vec<u64> = (0..20_000).collect();
            let texts: Vec<String> = numbers.par_iter().map(u64::to_string).collect();
            let by_length: HashMap<usize, Vec<String>> = texts
                .par_iter()
                .fold(HashMap::<usize, Vec<String>>::new, |mut map, text| {
                    map.entry(text.len()).or_default().push(text.clone());
                    map
                })
                .reduce(HashMap::new, |mut all, part| {
                    for (len, texts) in part {
                        all.entry(len).or_default().extend(texts);
                    }
                    all
                });
            assert_eq!(by_length[&5].len(), 10_000);
            let mut sorted = texts.clone();
            sorted.par_sort();
            let longest = texts.into_par_iter().max_by_key(|text| text.len());
            (longest.unwrap(), sorted)
        });
        assert_eq!(text.len(), 5);
        assert!(sorted.is_sorted() && sorted.len() == 20_000);
    }
}

#[test]
fn frames_run_inside_rayon_and_hand_values_on() {
    let _alone = alone();
    let before = {
        // What rayon makes for its threads is made first.
        (0..1000)
            .into_par_iter()
            .for_each(|_| frame::scope(|| drop(Block::new(10, 8, 1))));
        pinned()
    };
    for round in 0..rounds(50, 5, 1) {
        // Each keeps a page, so not so many that new frames pass through.
        let blocks: Vec<Block> = (0..2000_u64)
            .into_par_iter()
            .map(|n| {
                frame::scope(|| {
                    let scratch: Vec<Block> =
                        (0..5).map(|m| Block::new(100, 8, n << 3 | m)).collect();
                    assert_in_frame(scratch[0].start());
                    scratch.into_iter().nth(n as usize % 5).unwrap()
                })
            })
            .collect();
        blocks.par_iter().for_each(Block::check);
        if round % 2 == 0 {
            blocks.into_par_iter().for_each(drop);
        } else {
            frame::scope(|| {
                blocks
                    .into_par_iter()
                    .for_each(|block| frame::scope(|| drop(block)))
            });
        }
    }
    // A job that rayon made for a thread that waits may have come from a frame.
    let after = pinned();
    assert!(after.0 <= before.0 + 8, "{}", frame::stats());
}

/// While a thread waits for a part of its work it runs others' work, in the frame that it is in.
#[test]
fn work_that_a_waiting_thread_takes_over_runs_in_frames_of_its_own() {
    let _alone = alone();
    fn sum(from: u64, to: u64) -> (u64, Vec<Block>) {
        frame::scope(|| {
            let scratch = Block::new(300, 8, from);
            if to - from <= 16 {
                return ((from..to).sum(), vec![Block::new(50, 8, to)]);
            }
            let middle = from.midpoint(to);
            let ((a, mut blocks), (b, more)) =
                rayon::join(|| sum(from, middle), || sum(middle, to));
            scratch.check();
            assert_in_frame(String::from("here").as_ptr());
            blocks.extend(more);
            (a + b, blocks)
        })
    }
    for _ in 0..rounds(100, 5, 1) {
        let (total, blocks) = frame::scope(|| sum(0, 20_000));
        assert_eq!(total, 20_000 * 19_999 / 2);
        blocks.iter().for_each(Block::check);
    }
    let outcome = std::panic::catch_unwind(|| {
        frame::scope(|| {
            rayon::join(
                || std::panic::resume_unwind(Box::new(Block::new(100, 8, 1))),
                || frame::scope(|| Block::new(100, 8, 2)),
            )
        })
    });
    let block: Box<Block> = outcome.unwrap_err().downcast().unwrap();
    block.check();
    assert!(!frame::is_open());
}
