//! `DoubleBuffer`: frames that are built from the last one, their memory, and what can go wrong meanwhile.

mod support;

use std::cell::Cell;
use std::thread;

use allocator_api2::alloc::AllocError;
use arenula::vec::Vec as ArenaVec;
use arenula::{AllocOrInitError, Arena, DoubleBuffer, Root};
use proptest::prelude::*;
use support::properties::properties;
use support::values::{Leaked, Log, Panicking, Tracked, numbers};
use support::{Watch, Watched, panic_quietly, panics};

/// A list of texts, of which the last one was new.
struct Lines<'a> {
    lines: &'a [&'a str],
    number: &'a Cell<usize>,
}

impl Root for Lines<'_> {
    type Of<'a> = Lines<'a>;
}

type Buffer = DoubleBuffer<Lines<'static>, 8, Watched<'static>>;

fn arenas(watch: &Leaked<Watch>) -> [Arena<8, Watched<'static>>; 2] {
    // SAFETY: the tests drop what has it before.
    [(); 2].map(|()| Arena::new_in(Watched(unsafe { watch.get() })))
}

fn first<'a>(arena: &'a Arena<8, Watched<'static>>) -> Lines<'a> {
    let number = arena.alloc(Cell::new(0));
    Lines { lines: &[], number }
}

/// The next frame: without the lines that are dropped, and with another line.
fn next<'a>(
    last: &Lines<'_>,
    arena: &'a Arena<8, Watched<'static>>,
    drops: usize,
    new: &str,
) -> Lines<'a> {
    last.number.set(last.number.get() + 1);
    let number = arena.alloc(Cell::new(last.number.get()));
    let kept = last.lines.iter().skip(drops).copied();
    let lines = arena.alloc_iter(kept.chain([new]).map(|line| &*arena.alloc_str(line)));
    Lines { lines, number }
}

#[derive(Clone, Debug)]
enum Step {
    Advance(usize, usize),
    Fail(usize),
    Panic(usize),
    Change,
    Trim,
    Limit(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_usize..4, 0_usize..3000).prop_map(|(drops, len)| Step::Advance(drops, len)),
        1 => (0_usize..5000).prop_map(Step::Fail),
        1 => (0_usize..5000).prop_map(Step::Panic),
        1 => Just(Step::Change),
        1 => Just(Step::Trim),
        1 => (0_usize..20_000).prop_map(Step::Limit),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn it_agrees_with_a_list(steps in steps()) {
        let watch = Leaked::new(Watch::default());
        let mut buffer = Buffer::new_in(arenas(&watch), first);
        let mut model: Vec<String> = Vec::new();
        for (step, letter) in steps.into_iter().zip((b'a'..=b'z').cycle()) {
            let text = |len| String::from_utf8(vec![letter; len]).unwrap();
            match step {
                Step::Advance(drops, len) => {
                    buffer.advance(|last, arena| next(last, arena, drops, &text(len)));
                    model.drain(..drops.min(model.len()));
                    model.push(text(len));
                }
                Step::Fail(len) => {
                    let outcome = buffer.try_advance(|last, arena| {
                        let next = next(last, arena, 0, &text(len));
                        Err::<Lines<'_>, _>(next.lines.len())
                    });
                    prop_assert_eq!(outcome, Err(model.len() + 1));
                }
                Step::Panic(len) => assert!(panics(|| buffer.advance(|last, arena| {
                    next(last, arena, 0, &text(len));
                    panic_quietly()
                }))),
                Step::Change => buffer.with_mut(|root, arena| {
                    let lines = root.lines.iter().rev().copied();
                    root.lines = arena.alloc_iter(lines);
                    model.reverse();
                }),
                Step::Trim => buffer.trim(),
                Step::Limit(bytes) => {
                    // As much as there is may always be there.
                    let _ = buffer.try_advance(|last, arena| {
                        arena.set_limit(Some(bytes));
                        let copy = arena.try_alloc_slice_fill_copy(bytes + 1, 0_u8);
                        arena.set_limit(None);
                        copy?;
                        Ok::<_, AllocError>(next(last, arena, 0, ""))
                    });
                }
            }
            buffer.with(|root| assert_eq!(root.lines, model));
            let [current, spare] = buffer.stats();
            prop_assert_eq!(spare.allocated, 0);
            // SAFETY: it is there.
            prop_assert_eq!(current.capacity + spare.capacity, unsafe { watch.get() }.bytes());
        }
        drop(buffer);
        // SAFETY: it is there.
        prop_assert_eq!(unsafe { watch.get() }.count(), 0);
    }
}

#[test]
fn once_warm_it_asks_for_no_memory_however_sizes_change() {
    let watch = Leaked::new(Watch::default());
    // SAFETY: it is there.
    let seen = unsafe { watch.get() };
    let mut buffer = Buffer::new_in(arenas(&watch), first);
    let fill = |buffer: &mut Buffer, bytes: usize| {
        buffer.advance(|last, arena| {
            for _ in 0..bytes / 100 {
                arena.alloc([1_u8; 100]);
            }
            next(last, arena, 1, "line")
        });
    };
    let (largest, count) = if cfg!(miri) {
        (30_000, 20)
    } else {
        (300_000, 200)
    };
    // Sizes that go up and down by no rhythm that could have two beats.
    let sizes = |seed: usize| (0..count).map(move |i: usize| (i * i * 7919 + seed) % largest);
    for (warm_up, seed) in [(true, 0), (false, 1), (false, 2)] {
        if warm_up {
            // The largest frame once, in one of the two, and what comes after it.
            for bytes in [largest, 0, 0] {
                fill(&mut buffer, bytes);
            }
            continue;
        }
        let asked = seen.asked.get();
        for bytes in sizes(seed) {
            fill(&mut buffer, bytes);
        }
        // A long quiet time lets go of nothing.
        for _ in 0..100 {
            fill(&mut buffer, 0);
        }
        fill(&mut buffer, largest);
        fill(&mut buffer, largest);
        assert_eq!(seen.asked.get(), asked);
    }
    let [current, spare] = buffer.stats();
    assert_eq!((current.chunks, spare.chunks), (1, 1));
    assert!(
        current.capacity.abs_diff(spare.capacity) <= current.capacity / 8,
        "two of one size"
    );
    assert!(current.capacity + spare.capacity < 3 * largest);
    for _ in 0..2 {
        fill(&mut buffer, 0);
        buffer.trim();
    }
    let [current, spare] = buffer.stats();
    assert!(current.capacity < 1000 && spare.capacity == 0);
}

#[test]
fn a_frame_that_fails_or_panics_leaves_its_memory_for_the_next() {
    let watch = Leaked::new(Watch::default());
    let mut buffer = Buffer::new_in(arenas(&watch), first);
    buffer.advance(|last, arena| next(last, arena, 0, "kept"));
    let mut asked = 0;
    for round in 0..20 {
        assert!(panics(|| buffer.advance(|_, arena| {
            arena.alloc([0_u8; 30_000]);
            panic_quietly()
        })));
        let outcome = buffer.try_advance(|last, arena| {
            arena.alloc([0_u8; 30_000]);
            Err(last.lines[0].len())
        });
        assert_eq!(outcome, Err(4));
        buffer.with(|root| assert_eq!((root.lines, root.number.get()), (&["kept"][..], 1)));
        // SAFETY: it is there.
        let now = unsafe { watch.get() }.asked.get();
        assert!(round == 0 || now == asked);
        asked = now;
    }
}

/// Values with destructors, partly in the arena.
struct Values<'a> {
    values: ArenaVec<Tracked<'static>, &'a Arena>,
    first: Tracked<'static>,
}

impl Root for Values<'_> {
    type Of<'a> = Values<'a>;
}

fn values<'a>(log: &'static Log, arena: &'a Arena) -> Values<'a> {
    let first = log.value();
    let mut values = ArenaVec::new_in(arena);
    values.extend((0..3).map(|_| log.value()));
    Values { values, first }
}

#[test]
fn destructors_run_when_their_frame_goes() {
    let leaked = Leaked::new(Log::default());
    // SAFETY: the values are dropped before it.
    let log = unsafe { leaked.get() };
    let mut buffer = DoubleBuffer::<Values>::new(|arena| values(log, arena));
    for round in 0..5 {
        buffer.advance(|last, arena| {
            assert!(log.dropped().is_empty());
            assert_eq!(last.first.number(), 4 * round);
            values(log, arena)
        });
        let start = 4 * round;
        assert_eq!(log.dropped(), [start + 1, start + 2, start + 3, start]);
        assert_eq!(log.alive().len(), 4);
    }
    assert!(panics(|| buffer.advance(|_, arena| {
        let _values = values(log, arena);
        panic_quietly()
    })));
    assert_eq!(log.dropped(), [25, 26, 27, 24]);
    assert_eq!(
        buffer.try_advance(|_, arena| Err(values(log, arena).values.len())),
        Err(3)
    );
    assert_eq!(log.dropped(), [29, 30, 31, 28]);
    buffer.with_mut(|root, _| assert_eq!(numbers(&mut root.values), [21, 22, 23]));
    drop(buffer);
    assert!(log.alive().is_empty());
}

#[test]
fn a_destructor_that_panics_leaves_the_next_root_in_place() {
    for bomb in 0..4 {
        let leaked = Leaked::new(Log::default());
        // SAFETY: the values are dropped before it.
        let log = unsafe { leaked.get() };
        let mut buffer = DoubleBuffer::<Values>::new(|arena| values(log, arena));
        log.bomb.set(Some(bomb));
        assert!(panics(|| buffer.advance(|_, arena| values(log, arena))));
        assert_eq!(log.dropped(), [1, 2, 3, 0]);
        buffer.with(|root| assert_eq!(root.first.number(), 4));
        let [_, spare] = buffer.stats();
        assert_eq!(spare.allocated, 0);
        buffer.advance(|last, arena| {
            assert_eq!(last.first.number(), 4);
            values(log, arena)
        });
        log.bomb.set(Some(bomb));
        assert!(panics(|| drop(buffer)));
        assert!(log.alive().is_empty());
    }
}

#[test]
fn no_request_that_fails_loses_anything() {
    // Interpreters are slow to write bytes one by one.
    const PART: usize = if cfg!(miri) { 1000 } else { 1 };
    for fails_on in [false, true] {
        for n in (0..60).step_by(if cfg!(miri) { 3 } else { 1 }) {
            let watch = Leaked::new(Watch::default());
            // SAFETY: it is there.
            let seen = unsafe { watch.get() };
            seen.fail_after.set(Some(n));
            seen.fail_on.set(fails_on);
            let outcome = Buffer::try_new_in(arenas(&watch), |arena| {
                arena.try_alloc([0_u8; 1000])?;
                let number = arena.try_alloc(Cell::new(0))?;
                Ok::<_, AllocError>(Lines { lines: &[], number })
            });
            let mut buffer = match outcome {
                Ok(buffer) => buffer,
                Err((error, arenas)) => {
                    assert_eq!(error, AllocOrInitError::Init(AllocError));
                    assert!(n < 4);
                    drop(arenas);
                    assert_eq!(seen.count(), 0);
                    continue;
                }
            };
            let mut frames = 0;
            for i in 0..20 {
                let outcome = buffer.try_advance(|last, arena| {
                    arena.try_alloc_slice_fill_copy(i * 1000 / PART, [0_u8; PART])?;
                    let number = arena.try_alloc(Cell::new(last.number.get() + 1))?;
                    Ok::<_, AllocError>(Lines { lines: &[], number })
                });
                frames += usize::from(outcome.is_ok());
                buffer.with(|root| assert_eq!(root.number.get(), frames));
            }
            assert!(frames >= 18 || fails_on);
            drop(buffer);
            assert_eq!(seen.count(), 0);
        }
    }
}

#[test]
fn a_backing_allocator_may_panic_at_any_call() {
    let mut ended = false;
    let (step, size) = if cfg!(miri) { (7, 200) } else { (1, 1000) };
    for n in (0..60).step_by(step) {
        let watch = Leaked::new(Watch::default());
        let left = Leaked::new(Cell::new(Some(n)));
        // SAFETY: the arenas are dropped before.
        let backing = || unsafe { Panicking(Watched(watch.get()), left.get()) };
        let arenas = [(); 2].map(|()| Arena::new_in(backing()));
        let outcome = panics(|| {
            let mut buffer =
                DoubleBuffer::<&[u8], 8, _>::new_in(arenas, |arena| arena.alloc([0; 100]));
            for i in 0..10 {
                let before = buffer.with(|root| root[0]);
                let panicked = panics(|| {
                    buffer.advance(|last, arena| {
                        arena.alloc([0_u8; 600]);
                        arena.alloc_slice_fill_copy(1 + i * size, last[0] + 1)
                    });
                });
                let after = buffer.with(|root| root[0]);
                assert!(after == before + 1 || (panicked && after == before));
            }
        });
        ended |= !outcome && watch_count(&watch) == 0;
    }
    assert!(ended, "with enough calls nothing panics");
}

fn watch_count(watch: &Leaked<Watch>) -> usize {
    // SAFETY: it is there.
    unsafe { watch.get() }.count()
}

#[test]
fn it_goes_to_another_thread_with_its_frames() {
    let mut buffer = DoubleBuffer::<&[u32]>::new(|arena| arena.alloc([0; 10]));
    for _ in 0..3 {
        buffer = thread::spawn(move || {
            buffer.advance(|last, arena| arena.alloc_iter(last.iter().map(|n| n + 1)));
            buffer
        })
        .join()
        .unwrap();
    }
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| assert_eq!(*buffer.get(), [3; 10]));
        }
    });
    assert_eq!(
        format!("{buffer:?}"),
        "DoubleBuffer([3, 3, 3, 3, 3, 3, 3, 3, 3, 3])"
    );
}

#[test]
fn arenas_that_are_there_keep_what_they_have() {
    let arenas = [1000, 50_000].map(Arena::with_capacity);
    arenas[1].alloc_slice_fill_copy(30_000, 1_u8);
    let mut buffer = DoubleBuffer::<&str>::new_in(arenas, |arena| arena.alloc_str("text"));
    let [current, spare] = buffer.stats();
    assert!(current.capacity < 2000 && spare.capacity >= 50_000);
    assert_eq!(spare.allocated, 0);
    buffer.advance(|last, arena| arena.alloc_concat(&[*last, "!"]));
    assert_eq!(*buffer.get(), "text!");
    let [current, _] = buffer.stats();
    assert_eq!((current.allocated, current.capacity), (8, spare.capacity));
}
