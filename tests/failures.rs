//! The backing allocator fails at its n-th call, for every n: nothing is lost, and the arena goes on.

mod support;

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::vec::Vec as ArenaVec;
use arenula::{Arena, Retain};
use support::values::{Log, Panicking, Tracked};
use support::{Watch, Watched, panic_quietly, panics, until_there_is_memory};

/// What was kept of the script's work: each piece with what must stand in it.
#[derive(Default)]
struct Kept<'a> {
    slices: Vec<(&'a [u8], u8)>,
    texts: Vec<(&'a str, String)>,
    refused: usize,
}

impl<'a> Kept<'a> {
    fn slice(&mut self, made: Result<&'a mut [u8], arenula::AllocError>, byte: u8) {
        match made {
            Ok(made) => self.slices.push((made, byte)),
            Err(_) => self.refused += 1,
        }
    }

    fn text(&mut self, made: Result<&'a mut str, arenula::AllocError>, text: String) {
        match made {
            Ok(made) => self.texts.push((made, text)),
            Err(_) => self.refused += 1,
        }
    }

    fn check(&self) {
        for (slice, byte) in &self.slices {
            let mut some = slice.iter().step_by(if cfg!(miri) { 37 } else { 1 });
            assert!(some.all(|b| b == byte));
        }
        for (text, expected) in &self.texts {
            assert_eq!(text, expected);
        }
    }
}

/// A bit of everything that may call the backing allocator. Says how often something was refused.
fn script<A: Allocator>(arena: &mut Arena<8, A>) -> usize {
    let mut refused = 0;
    for round in 0..3 {
        let mut kept = Kept::default();
        {
            let arena = &*arena;
            for i in 0..20_u8 {
                kept.slice(arena.try_alloc_slice_fill_copy(usize::from(i) * 50, i), i);
                kept.slice(arena.try_alloc_iter((0..100).map(|_| i)), i);
                let text = "text".repeat(usize::from(i) * 10);
                kept.text(
                    arena.try_alloc_fmt(format_args!("{text}{i}")),
                    format!("{text}{i}"),
                );
                kept.text(arena.try_alloc_concat(&[&text, "!"]), format!("{text}!"));
            }
            let mut vec = ArenaVec::new_in(arena);
            for i in 0..500_u16 {
                if vec.try_reserve(1).is_ok() {
                    vec.push(i);
                }
            }
            assert!(vec.is_sorted());
            kept.refused += 500 - vec.len();
            let aligned = Layout::from_size_align(100, 1024).unwrap();
            kept.refused += usize::from(arena.allocate(aligned).is_err());
            kept.refused += usize::from(arena.try_reserve(30_000).is_err());
            let here = arena.checkpoint();
            kept.refused += usize::from(arena.try_alloc([0_u8; 40_000]).is_err());
            // SAFETY: the array is not used any more.
            unsafe { arena.rewind(here) };
            kept.check();
        }
        refused += kept.refused;
        refused += arena.scope(|outer| {
            let mut kept = Kept::default();
            kept.slice(outer.try_alloc_slice_fill_copy(3000, 1), 1);
            for _ in 0..3 {
                let inside = outer.scope(|inner| {
                    let mut kept = Kept::default();
                    kept.slice(inner.try_alloc_slice_fill_copy(9000, 2), 2);
                    kept.check();
                    kept.refused
                });
                kept.refused += inside;
                kept.slice(outer.try_alloc_slice_fill_copy(100, 3), 3);
            }
            kept.check();
            kept.refused
        });
        match round {
            0 => arena.reset(),
            1 => arena.reset_with(Retain::All),
            _ => arena.reset_with(Retain::Largest),
        }
        assert_eq!(arena.allocated_bytes(), 0);
    }
    refused
}

fn run(fail_after: Option<usize>, on: bool, limit: Option<usize>) -> (usize, usize) {
    let watch = Watch::default();
    watch.fail_after.set(fail_after);
    watch.fail_on.set(on);
    let mut arena = Arena::new_in(Watched(&watch));
    arena.set_limit(limit);
    let refused = script(&mut arena);
    let stats = arena.stats();
    assert_eq!(
        (stats.capacity, stats.chunks),
        (watch.bytes(), watch.count())
    );
    // It still works once there is memory again.
    watch.fail_after.set(None);
    arena.set_limit(None);
    assert!(arena.try_alloc([1_u8; 10_000]).is_ok());
    drop(arena);
    assert_eq!(watch.count(), 0, "memory leaks");
    (refused, watch.asked.get())
}

#[test]
fn nothing_is_lost_whichever_call_fails() {
    let (refused, calls) = run(None, false, None);
    assert_eq!(refused, 0);
    assert!(calls > 10);
    let mut felt = 0;
    for n in (0..calls).step_by(if cfg!(miri) { 11 } else { 1 }) {
        felt += usize::from(run(Some(n), false, None).0 > 0);
        run(Some(n), true, None);
    }
    // A single failure is mostly made good by a smaller chunk, or by keeping what there is.
    assert!(felt < calls);
    assert!(run(Some(3), true, None).0 > 100);
}

#[test]
fn nothing_is_lost_at_any_limit() {
    let step = if cfg!(miri) { 50_021 } else { 101 };
    for limit in (0..150_000).step_by(step) {
        run(None, false, Some(limit));
    }
}

#[test]
fn a_failed_request_for_a_step_is_made_good_by_a_smaller_chunk() {
    let watch = Watch::default();
    let arena = Arena::new_in(Watched(&watch));
    watch.fail_after.set(Some(0));
    assert!(arena.try_alloc(1).is_ok());
    assert_eq!(arena.capacity(), 256, "half of the first step");
    assert_eq!(watch.asked.get(), 2);
}

/// Gives small blocks only.
struct Modest<'w>(Watched<'w>);

// SAFETY: it hands on what the other one does.
unsafe impl Allocator for Modest<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() > 3000 {
            return Err(AllocError);
        }
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block came from there.
        unsafe { self.0.deallocate(block, layout) }
    }
}

#[test]
fn refused_steps_are_halved_until_one_is_given() {
    let watch = Watch::default();
    let arena = Arena::new_in(Modest(Watched(&watch)));
    for i in 0..20_000_u64 {
        arena.alloc(i);
    }
    let stats = arena.stats();
    assert!(stats.chunks < 160_000 / 1400, "{stats}");
}

#[test]
fn where_merging_fails_the_largest_chunk_is_kept() {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    for i in 0..1000_u64 {
        arena.alloc(i);
    }
    assert!(arena.stats().chunks > 3);
    watch.fail_after.set(Some(0));
    watch.fail_on.set(true);
    let held = arena.capacity();
    arena.reset();
    assert_eq!(arena.stats().chunks, 1);
    assert!(arena.capacity() > held / 4 && arena.capacity() < held);
    assert_eq!(*arena.alloc(1), 1);
}

/// Panics when it is asked to give back, from some call on.
struct PanicsFreeing<'w>(Watched<'w>, &'w Cell<usize>);

// SAFETY: it hands on what the other one does.
unsafe impl Allocator for PanicsFreeing<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block came from there.
        unsafe { self.0.deallocate(block, layout) };
        if let Some(left) = self.1.get().checked_sub(1) {
            self.1.set(left);
            if left == 0 {
                panic_quietly();
            }
        }
    }
}

#[test]
fn a_backing_allocator_that_panics_while_freeing_gets_all_back() {
    for step in 1..6 {
        for retain in [Some(Retain::Nothing), Some(Retain::Largest), None] {
            let (watch, left) = (Watch::default(), Cell::new(0));
            let mut arena = Arena::new_in(PanicsFreeing(Watched(&watch), &left));
            for i in 0..3000_u64 {
                arena.alloc(i);
            }
            assert!(arena.stats().chunks > 6);
            left.set(step);
            assert!(panics(|| match retain {
                Some(retain) => arena.reset_with(retain),
                None => arena.reset(),
            }));
            let stats = arena.stats();
            assert_eq!(
                (stats.capacity, stats.chunks),
                (watch.bytes(), watch.count())
            );
            assert_eq!(*arena.alloc(1), 1);
            drop(arena);
            assert_eq!(watch.count(), 0);
        }
    }
}

#[test]
fn a_backing_allocator_that_panics_when_asked_loses_nothing() {
    for n in (0..).step_by(if cfg!(miri) { 9 } else { 1 }) {
        let (watch, left) = (Watch::default(), Cell::new(Some(n)));
        let mut arena = Arena::new_in(Panicking(Watched(&watch), &left));
        let panicked = panics(|| _ = script(&mut arena));
        let is_over = left.take().is_some();
        assert_ne!(panicked, is_over);
        let stats = arena.stats();
        assert_eq!(
            (stats.capacity, stats.chunks),
            (watch.bytes(), watch.count())
        );
        arena.reset();
        assert!(arena.alloc([1_u8; 10_000]).iter().all(|&byte| byte == 1));
        drop(arena);
        assert_eq!(watch.count(), 0, "memory leaks");
        if is_over {
            assert!(n > 10);
            break;
        }
    }
}

/// A value that is watched, and whose clones are, until it is taken out.
struct Taken<'l>(Option<Tracked<'l>>, &'l Log);

impl<'l> Taken<'l> {
    fn new(log: &'l Log) -> Self {
        Taken(Some(log.value()), log)
    }
}

impl Clone for Taken<'_> {
    fn clone(&self) -> Self {
        Taken::new(self.1)
    }
}

/// Takes out what the arena would not drop.
fn taken<'t, 'l: 't>(values: impl IntoIterator<Item = &'t mut Taken<'l>>) -> bool {
    let count = values.into_iter().map(|value| value.0.take()).count();
    count == 50
}

/// A way to allocate, with a check of what came of it. Nothing of the log is alive after.
type Form = fn(&Arena<8, Watched<'_>>, &Log) -> bool;

const FORMS: &[Form] = &[
    |arena, _| arena.try_alloc([7_u64; 100]).is_ok_and(|v| *v == [7; 100]),
    |arena, _| {
        let made = arena.try_alloc_with(|| [7_u64; 100]);
        made.is_ok_and(|v| *v == [7; 100])
    },
    |arena, _| {
        let made = arena.try_alloc_try_with(|| Ok::<_, ()>([7_u64; 100]));
        made.is_ok_and(|v| *v == [7; 100])
    },
    |arena, log| {
        let made = arena.try_alloc_try_with(|| Err::<[u64; 100], _>(log.value()));
        match made.err().unwrap() {
            arenula::AllocOrInitError::Alloc(_) => false,
            arenula::AllocOrInitError::Init(_) => true,
        }
    },
    |arena, _| arena.try_alloc_uninit::<[u64; 100]>().is_ok(),
    |arena, _| arena.try_alloc_layout(Layout::new::<[u64; 100]>()).is_ok(),
    |arena, log| arena.try_alloc_box([(); 50].map(|()| log.value())).is_ok(),
    |arena, _| {
        let made = arena.try_alloc_slice_copy(&[7_u64; 100]);
        made.is_ok_and(|v| *v == [7; 100])
    },
    |arena, log| {
        let source = [(); 50].map(|()| Taken::new(log));
        arena.try_alloc_slice_clone(&source).is_ok_and(taken)
    },
    |arena, _| {
        let made = arena.try_alloc_slice_fill_copy(100, 7_u64);
        made.is_ok_and(|v| *v == [7; 100])
    },
    |arena, log| {
        let made = arena.try_alloc_slice_fill_clone(50, &Taken::new(log));
        made.is_ok_and(taken)
    },
    |arena, _| {
        let made = arena.try_alloc_slice_fill_default::<u64>(100);
        made.is_ok_and(|v| *v == [0; 100])
    },
    |arena, log| {
        let made = arena.try_alloc_slice_fill_with(50, |_| Taken::new(log));
        made.is_ok_and(taken)
    },
    |arena, log| {
        let made = arena.try_alloc_slice_try_fill_with(50, |_| Ok::<_, ()>(Taken::new(log)));
        made.is_ok_and(taken)
    },
    |arena, log| {
        let made = arena.try_alloc_slice_fill_iter([(); 50].map(|()| Taken::new(log)));
        made.is_ok_and(taken)
    },
    |arena, log| {
        let mut left = 50;
        let values = std::iter::from_fn(|| {
            left -= 1;
            (left >= 0).then(|| Taken::new(log))
        });
        arena.try_alloc_iter(values).is_ok_and(taken)
    },
    |arena, _| arena.try_alloc_slice_uninit::<u64>(100).is_ok(),
    |arena, _| {
        let text = "text".repeat(200);
        arena.try_alloc_str(&text).is_ok_and(|v| *v == text)
    },
    |arena, _| {
        let text = "text".repeat(200);
        let made = arena.try_alloc_concat(&[&text, "!", &text]);
        made.is_ok_and(|v| *v == format!("{text}!{text}"))
    },
    |arena, _| {
        let text = "text".repeat(200);
        let made = arena.try_alloc_fmt(format_args!("{text}{}{text}", 1));
        made.is_ok_and(|v| *v == format!("{text}1{text}"))
    },
    |arena, _| arena.try_reserve(1000).is_ok(),
];

#[test]
fn each_try_form_fails_until_there_is_memory() {
    for form in FORMS {
        let refused = until_there_is_memory(|watch| {
            let log = Log::default();
            let arena = Arena::new_in(Watched(watch));
            let kept = arena.try_alloc_slice_fill_copy(300, 3_u8);
            let made = form(&arena, &log);
            assert!(log.alive().is_empty());
            assert!(kept.as_ref().is_ok_and(|kept| **kept == [3; 300]) || kept.is_err());
            let stats = arena.stats();
            assert_eq!(
                (stats.capacity, stats.chunks),
                (watch.bytes(), watch.count())
            );
            made && kept.is_ok()
        });
        assert!(refused > 1);
    }
    let refused =
        until_there_is_memory(|watch| Arena::try_with_capacity_in(1000, Watched(watch)).is_ok());
    assert!(refused > 0);
}
