//! What frames hold is bounded: the limits, a frame that is open for long, and values that leak one by one. The
//! figures are printed.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::collections::HashMap;
use std::hint::black_box;
use std::thread;

use arenula::{FrameAlloc, frame};
use support::{Block, Random, alone, assert_nothing_pinned, is_child, on, resident, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

const MIB: usize = 1 << 20;

fn mib(bytes: usize) -> String {
    format!("{:.1} MiB", bytes as f64 / MIB as f64)
}

/// Sets a limit that the other tests do not expect, and the default at the end.
struct PinLimit;

impl PinLimit {
    fn new(bytes: usize) -> Self {
        frame::set_pin_limit(bytes);
        PinLimit
    }
}

impl Drop for PinLimit {
    fn drop(&mut self) {
        frame::set_pin_limit(16 * MIB);
    }
}

struct Budget;

impl Budget {
    fn new(bytes: usize) -> Self {
        frame::set_frame_budget(bytes);
        Budget
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        frame::set_frame_budget(256 * MIB);
    }
}

/// Whether a frame that is opened now serves.
fn serves() -> bool {
    frame::scope(|| Block::new(8, 8, 1).is_of_frame())
}

#[test]
fn past_the_pin_limit_frames_pass_through_until_a_quarter_is_free_again() {
    let _alone = alone();
    if !on() {
        return;
    }
    assert_nothing_pinned();
    let _limit = PinLimit::new(MIB);
    let escape = |n| frame::scope(|| Block::new(96, 8, n));
    let mut kept = Vec::with_capacity(1000);
    let passed = frame::stats().passed_through;
    // Each wastes 4000 bytes.
    while kept.len() < 1000 && serves() {
        kept.push(escape(kept.len() as u64));
    }
    let most = kept.len();
    assert_eq!(most, MIB / 4000 + 1);
    assert!(frame::stats().pinned_waste > MIB);
    // What passes through is the parent's, and pins nothing.
    let waste = frame::stats().pinned_waste;
    for n in 0..100 {
        let block = escape(n);
        assert!(!block.is_of_frame());
        frame::scope(|| assert!(!frame::is_open()));
        kept.push(block);
    }
    assert_eq!(frame::stats().pinned_waste, waste);
    assert!(frame::stats().passed_through - passed >= 100);
    // A frame that was open before goes on serving.
    kept.truncate(most);
    let enough = MIB / 4 * 3 / 4000;
    while kept.len() > enough + 1 {
        kept.pop();
        assert!(!serves(), "serves again with {} of {most}", kept.len());
    }
    kept.pop();
    assert!(serves());
    // And on until the limit is exceeded again.
    while kept.len() < most {
        kept.push(escape(7));
        assert_eq!(serves(), kept.len() < most);
    }
    kept.clear();
    assert!(serves());
    assert_nothing_pinned();
}

#[test]
fn a_limit_of_nothing_and_one_without_bound_are_taken_by_their_word() {
    let _alone = alone();
    if !on() {
        return;
    }
    {
        let _limit = PinLimit::new(0);
        let kept = frame::scope(|| Block::new(4096, 8, 1));
        assert!(serves(), "a page that is full wastes nothing");
        let wasteful = frame::scope(|| Block::new(8, 8, 1));
        assert!(!serves());
        drop(wasteful);
        assert!(serves());
        drop(kept);
    }
    let _limit = PinLimit::new(usize::MAX);
    let mut kept = Vec::with_capacity(20_000);
    for n in 0..20_000 {
        kept.push(frame::scope(|| Block::new(8, 8, n)));
    }
    // 80 MB are wasted.
    assert!(kept.iter().all(Block::is_of_frame));
}

/// In a process of its own: a limit that was set can't be taken back.
#[test]
fn by_default_sixteen_mib_or_a_quarter_of_what_is_alive_may_be_wasted() {
    let name = "by_default_sixteen_mib_or_a_quarter_of_what_is_alive_may_be_wasted";
    if !is_child() {
        support::child(name, &[]);
        return;
    }
    if !on() {
        return;
    }
    let escape = |size| frame::scope(|| Block::new(size, 8, 1));
    let fill = |size| {
        let mut kept = Vec::with_capacity(10_000);
        while kept.len() < 10_000 && serves() {
            kept.push(escape(size));
        }
        kept.len()
    };
    // What is alive is less than 8 MiB.
    assert_eq!(fill(1304), 16 * MIB / (4096 - 1304) + 1);
    // Pages that are full waste nothing, but count.
    let full: Vec<Block> = (0..100 * MIB / 4096).map(|_| escape(4096)).collect();
    assert_eq!(fill(96), 25 * MIB / (4096 - 96 - 96 / 4) + 1);
    drop(full);
}

#[test]
fn a_frame_that_passes_through_has_nothing_to_rewind_which_is_no_error() {
    let _alone = alone();
    let _limit = PinLimit::new(0);
    let pin = frame::scope(|| Block::new(8, 8, 1));
    frame::with(|frame| {
        let here = frame.checkpoint();
        let block = Block::new(100, 8, 2);
        assert!(!block.is_of_frame());
        assert_eq!(frame.rewind(&here), Ok(()));
        // SAFETY: there is nothing that would be taken back, as said.
        unsafe { frame.rewind_unchecked(&here) };
        block.check();
        assert_eq!(frame.stats().passed_through, 1);
        drop(pin);
        assert_eq!(serves(), on(), "a new frame in it");
    });
}

#[test]
fn past_its_budget_a_frame_takes_from_the_parent_and_serves_again_after() {
    let _alone = alone();
    if !on() {
        return;
    }
    for budget in [0, 100_000, 256 << 10, 4 * MIB] {
        let _budget = Budget::new(budget);
        frame::scope(|| {
            // In chunks of 256 KiB, of which a frame has one at least.
            let most = (budget / (256 << 10)).max(1) * 63 * 4;
            let mut blocks = Vec::with_capacity(8000);
            for n in 0..8000 {
                blocks.push(Block::new(1024, 8, n));
            }
            let of_frame = blocks.iter().filter(|block| block.is_of_frame()).count();
            assert!(of_frame <= most, "{of_frame} KiB of {budget}");
            assert!(of_frame >= most * 9 / 10, "{of_frame} KiB of {budget}");
            // All that was freed is there again.
            blocks.retain(|block| !block.is_of_frame());
            for n in 0..8000 {
                blocks.push(Block::new(1024, 8, n));
            }
            let again = blocks.iter().filter(|block| block.is_of_frame()).count();
            assert!(again >= most * 9 / 10, "{again} KiB of {budget} again");
        });
    }
    assert_nothing_pinned();
}

/// Pages that were pinned when the frame got their chunk, and are handed in while it is open.
#[test]
fn at_its_budget_a_frame_finds_what_earlier_frames_left() {
    let _alone = alone();
    if !on() {
        return;
    }
    let _budget = Budget::new(MIB);
    let fill = |blocks| -> Vec<Block> { (0..blocks).map(|n| Block::new(4096, 8, n)).collect() };
    let served = |blocks: &[Block]| blocks.iter().filter(|block| block.is_of_frame()).count();
    let mut kept = frame::scope(|| fill(4 * 63));
    let mut count = 0;
    kept.retain(|_| {
        count += 1;
        count % 2 == 0
    });
    frame::scope(|| {
        let before = fill(1000);
        assert!(served(&before) > 50);
        drop(kept);
        let after = fill(1000);
        // Half of the pages, less where its chunks came from others.
        assert!(served(&after) > 50, "{} blocks", served(&after));
    });
}

/// What is taken after a checkpoint is the frame's as well.
#[test]
fn checkpoints_do_not_multiply_a_frames_budget() {
    let _alone = alone();
    if !on() {
        return;
    }
    let _budget = Budget::new(4 * MIB);
    frame::with(|frame| {
        let mut blocks = Vec::with_capacity(40_000);
        for n in 0..40_000 {
            if n % 1000 == 0 {
                frame.checkpoint();
            }
            blocks.push(Block::new(1024, 8, n));
        }
        let of_frame = blocks.iter().filter(|block| block.is_of_frame()).count();
        assert!(of_frame <= 4096, "{of_frame} KiB with a budget of 4 MiB");
        assert!(of_frame >= 3000, "{of_frame} KiB with a budget of 4 MiB");
    });
    assert_nothing_pinned();
}

/// Allocates and frees at random with at most 1 MiB alive, in a frame that is open all the time. Answers the most
/// that was resident, and the share of the blocks that were the frame's.
fn churn(bytes: usize, size: impl Fn(&mut Random) -> usize) -> (usize, f64) {
    let mut random = Random::new(3);
    let (mut most, mut done, mut alive) = (0, 0, 0);
    let (mut count, mut of_frame) = (0_u64, 0_u64);
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(MIB);
    let mut next_look = 0;
    frame::scope(|| {
        while done < bytes {
            let size = size(&mut random);
            while alive + size > MIB {
                let block = blocks.swap_remove(random.below(blocks.len()));
                assert!(block[0] == block[block.len() - 1]);
                alive -= block.len();
            }
            let mut block = Vec::with_capacity(size);
            block.resize(size, done as u8);
            of_frame += u64::from(frame::owns(block.as_ptr()));
            blocks.push(black_box(block));
            alive += size;
            done += size;
            count += 1;
            if done >= next_look {
                next_look += bytes / 64;
                most = most.max(resident().unwrap_or(0));
            }
        }
    });
    (most, of_frame as f64 / count as f64)
}

#[test]
fn a_frame_that_is_open_for_long_uses_its_pages_again() {
    let _alone = alone();
    if !on() {
        // Then this measures the parent, which may be a sanitizer's.
        return;
    }
    let bytes = rounds(8192, 256, 1) * MIB;
    type Size = fn(&mut Random) -> usize;
    let kinds: [(&str, Size); 4] = [
        ("sizes up to 200", |random| 1 + random.below(200)),
        ("sizes up to 4 KiB", |random| 1 + random.below(4096)),
        ("sizes up to 16 KiB", |random| 1 + random.below(16384)),
        // The large ones need four pages in a row.
        ("small and large", |random| {
            if random.below(100) == 0 {
                16_000
            } else {
                1 + random.below(100)
            }
        }),
    ];
    for (name, size) in kinds {
        let start = std::time::Instant::now();
        let (most, share) = churn(bytes, size);
        println!(
            "churn of {} with 1 MiB alive, {name}: at most {} resident, {:.1}% of the blocks the frame's, {:?}",
            mib(bytes),
            mib(most),
            share * 100.0,
            start.elapsed()
        );
        assert!(most <= 96 * MIB, "{name}: {}", mib(most));
        if on() {
            assert!(share > 0.9, "{name}: {share} of the frame");
        }
    }
    assert_nothing_pinned();
}

/// Requests that each leave one small value in a map.
fn soak() {
    let requests = rounds(1_000_000, 100_000, 1);
    let before = resident().unwrap();
    let mut map: HashMap<usize, Box<[u8; 32]>> = HashMap::new();
    let mut most = 0;
    for n in 0..requests {
        frame::scope(|| {
            let mut scratch: Vec<Vec<u8>> = Vec::with_capacity(50);
            for m in 0..48 {
                scratch.push(vec![m as u8; 20 + (n + m * 37) % 300]);
            }
            let escaped = Box::new([scratch[n % 48][0]; 32]);
            map.insert(n, escaped);
        });
        if n % 10_000 == 0 {
            most = most.max(resident().unwrap());
        }
    }
    let end = resident().unwrap();
    assert!(map.iter().all(|(n, b)| **b == [(n % 48) as u8; 32]));
    let stats = frame::stats();
    drop(map);
    let after = resident().unwrap();
    println!("soak figures: {before} {most} {end} {after}");
    println!("soak: {stats}");
    assert_nothing_pinned();
}

#[test]
fn values_that_leak_one_by_one_cost_little_more_than_without_frames() {
    if is_child() {
        return soak();
    }
    if resident().is_none() || !on() {
        return;
    }
    let _alone = alone();
    let run = |frames: &str| -> Vec<usize> {
        let name = "values_that_leak_one_by_one_cost_little_more_than_without_frames";
        let printed = support::child(name, &[("ARENULA_FRAMES", frames)]);
        let line = printed.split("soak: ").nth(1).unwrap().lines().next();
        println!("soak with frames {frames}: {}", line.unwrap());
        let figures = printed.split("soak figures: ").nth(1).unwrap();
        let figures = figures.lines().next().unwrap().split(' ');
        figures.map(|figure| figure.parse().unwrap()).collect()
    };
    let off = run("off");
    let frames = if on() { "on" } else { "off" };
    let with = run(frames);
    for (what, figures) in [("without frames", &off), ("with frames", &with)] {
        println!(
            "soak {what}: {} at the start, at most {}, {} at the end, {} without the map",
            mib(figures[0]),
            mib(figures[1]),
            mib(figures[2]),
            mib(figures[3])
        );
    }
    // What a process needs anyway is not worth comparing if there is little else, in debug builds.
    let slack = if cfg!(debug_assertions) { 24 * MIB } else { 0 };
    assert!(with[2] <= off[2] / 2 * 3 + slack);
    assert!(with[1] <= off[1] / 2 * 3 + slack);
    assert!(with[3] <= with[0] + 64 * MIB);
}

/// Pages that come free one by one after their frames have ended are given to others, and their memory in the end
/// to the system.
#[test]
fn memory_that_escaped_values_held_goes_back() {
    let _alone = alone();
    if !on() {
        return;
    }
    let Some(before) = resident() else { return };
    let _limit = PinLimit::new(usize::MAX >> 1);
    let mut random = Random::new(9);
    // In any order, and with many pages in a row.
    for is_random in [true, false] {
        let mut kept = Vec::new();
        for n in 0..40_000 {
            kept.push(frame::scope(|| Block::new(3000, 8, n)));
        }
        let during = resident().unwrap();
        while !kept.is_empty() {
            let last = kept.len() - 1;
            let which = if is_random {
                random.below(kept.len())
            } else {
                last
            };
            kept.swap_remove(which);
        }
        assert_nothing_pinned();
        drop(kept);
        let after = resident().unwrap();
        println!(
            "escaped values: {} before, {} with them, {} without",
            mib(before),
            mib(during),
            mib(after)
        );
        assert!(during - before > 100 * MIB);
        assert!(after < before + 64 * MIB);
    }
    // And it is used again.
    thread::spawn(|| frame::scope(|| drop(Block::new(3000, 8, 1))))
        .join()
        .unwrap();
}
