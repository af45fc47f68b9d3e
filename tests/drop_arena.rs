//! `DropArena` and `SendDropArena` against each class of bug that arenas have had.

mod support;

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use allocator_api2::alloc::Allocator;
use arenula::{AnyValue, Arena, DropArena, Retain, SendDropArena};
use support::values::{Calling, Leaked, Log, Panicking, Saying, Tracked, aborts, numbers, sayings};
use support::{Watch, Watched, panic_quietly, panics};

// Which destructors run, how often, in which order.

#[test]
fn destructors_run_once_and_in_reverse_order() {
    let log = Log::default();
    let mut arena = DropArena::new();
    for round in 0..4 {
        let mut expected = Vec::new();
        for step in 0..40 {
            let made = match step % 4 {
                0 => vec![arena.alloc(log.value()).number()],
                1 => vec![arena.alloc_with(|| log.value()).number()],
                2 => numbers(arena.alloc_iter((0..step).map(|_| log.value()))),
                _ => numbers(arena.alloc_slice_fill_with(step, |_| log.value())),
            };
            // Nothing of these waits.
            arena.alloc(step);
            arena.alloc_str("text");
            arena.alloc_iter([1_u8, 2]);
            expected.push(made);
        }
        assert_eq!(arena.len(), expected.iter().flatten().count());
        assert!(log.dropped().is_empty());
        match round {
            0 => arena.reset(),
            1 => arena.reset_with(Retain::Nothing),
            2 => arena.reset_with(Retain::All),
            _ => mem::take(&mut arena).reset(),
        }
        // Slices from the front.
        expected.reverse();
        assert_eq!(log.dropped(), expected.concat());
        assert!(arena.is_empty() && arena.arena().allocated_bytes() == 0);
    }
}

#[test]
fn values_of_any_types_stand_side_by_side() {
    struct Noisy<'l>(&'l RefCell<Vec<&'static str>>, &'static str);
    impl Drop for Noisy<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    let said = RefCell::new(Vec::new());
    let shared = Rc::new(());
    {
        let arena = DropArena::new();
        arena.alloc((Noisy(&said, "first"), 1_u8));
        let boxed: &mut Box<dyn Fn() -> usize> = arena.alloc(Box::new({
            let shared = shared.clone();
            move || Rc::strong_count(&shared)
        }));
        arena.alloc_iter([Some(Noisy(&said, "second")), None]);
        let list: &mut Vec<Noisy<'_>> = arena.alloc(vec![]);
        list.push(Noisy(&said, "third"));
        assert_eq!((boxed(), arena.len()), (2, 5));
    }
    assert_eq!(*said.borrow(), ["third", "second", "first"]);
    assert_eq!(Rc::strong_count(&shared), 1);
}

#[test]
fn values_without_destructors_cost_what_they_cost_in_an_arena() {
    let (plain, arena) = (Arena::new(), DropArena::new());
    plain.alloc(1_u8);
    arena.alloc(1_u8);
    plain.alloc_with(|| [1_u64; 5]);
    arena.alloc_with(|| [1_u64; 5]);
    plain.alloc_iter((0..100_u16).filter(|n| n % 3 == 0));
    arena.alloc_iter((0..100_u16).filter(|n| n % 3 == 0));
    plain.alloc_slice_fill_with(7, |i| i);
    arena.alloc_slice_fill_with(7, |i| i);
    plain.alloc_str("text");
    arena.alloc_str("text");
    // Neither empty slices nor options of nothing have anything to drop.
    arena.alloc_iter::<String>([]);
    arena.alloc_slice_fill_with(0, |_| String::new());
    assert_eq!((arena.len(), arena.is_empty()), (0, true));
    assert_eq!(arena.arena().allocated_bytes(), plain.allocated_bytes());
    arena.alloc(String::new());
    let record = arena.arena().allocated_bytes() - plain.allocated_bytes() - size_of::<String>();
    assert_eq!((record, arena.len()), (2 * size_of::<usize>(), 1));
}

// Re-entrancy: code of the user that allocates in the arena it is called from.

#[test]
fn closures_and_iterators_that_allocate_come_after_what_they_allocated() {
    for says in sayings(10) {
        let log = Log::default();
        let arena = DropArena::new();
        let single = arena.alloc_with(|| {
            arena.alloc(log.value());
            numbers(arena.alloc_iter(Saying(
                says,
                (0..10).map(|_| {
                    arena.alloc_slice_fill_with(2, |_| {
                        arena.alloc_with(|| log.value());
                        log.value()
                    });
                    log.value()
                }),
            )));
            log.value()
        });
        assert_eq!((single.number(), arena.len()), (51, 52));
        // Ten times two singles, the pair that they stand in, and what comes behind all.
        let slice: Vec<u32> = (0..10).map(|i| 5 * i + 5).collect();
        let inner = (0..10).rev().map(|i| 5 * i + 1);
        let inner = inner.flat_map(|i| [i + 1, i + 3, i + 2, i]);
        let expected: Vec<u32> = [51]
            .into_iter()
            .chain(slice)
            .chain(inner)
            .chain([0])
            .collect();
        drop(arena);
        assert_eq!(log.dropped(), expected);
    }
}

#[test]
fn a_destructor_of_a_refused_value_may_allocate() {
    struct Late<'a>(&'a Arena, &'a Cell<usize>);
    impl Drop for Late<'_> {
        fn drop(&mut self) {
            self.1.set(self.1.get() + self.0.alloc_str("late").len());
        }
    }
    let (texts, count) = (Arena::new(), Cell::new(0));
    let mut arena = DropArena::new();
    arena.alloc(Late(&texts, &count));
    arena.arena().set_limit(Some(arena.arena().capacity()));
    assert!(
        arena
            .try_alloc_iter((0..1000).map(|_| Late(&texts, &count)))
            .is_err()
    );
    assert!(count.get() > 4 && arena.len() == 1);
    let before = count.replace(0);
    arena.reset();
    drop(arena);
    assert!(before % 4 == 0 && count.get() == 4);
}

/// A value that, dropped before its time, puts another one into the arena.
struct Reborn(
    Cell<Option<&'static DropArena<'static, AnyValue, Watched<'static>>>>,
    Rc<()>,
);

impl Drop for Reborn {
    fn drop(&mut self) {
        if let Some(arena) = self.0.take() {
            arena.arena().set_limit(None);
            arena.alloc(Reborn(Cell::new(None), self.1.clone()));
        }
    }
}

#[test]
fn values_that_are_refused_with_their_record_may_use_the_arena() {
    let watch = Leaked::new(Watch::default());
    // SAFETY: the arena goes first.
    let watched = Watched(unsafe { watch.get() });
    let rc = Rc::new(());
    let mut refused = 0;
    for room in 0..40 {
        let leaked = Leaked::new(DropArena::over(Arena::new_in(watched)));
        // SAFETY: what holds the reference is dropped before.
        let arena = unsafe { leaked.get() };
        // The slice just fits, or its record does too.
        let size = 3 * size_of::<Reborn>() + 8 * room;
        arena
            .arena()
            .set_limit(Some(64 + size.next_multiple_of(16)));
        let new = || Reborn(Cell::new(Some(arena)), rc.clone());
        match arena.try_alloc_iter([new(), new(), new()]) {
            Ok(made) => made.iter().for_each(|made| made.0.set(None)),
            Err(_) => refused += 1,
        }
        assert_eq!((arena.len(), Rc::strong_count(&rc)), (3, 4));
        drop(leaked);
        assert_eq!((watched.0.count(), Rc::strong_count(&rc)), (0, 1));
    }
    assert!((1..40).contains(&refused));
}

#[test]
fn a_backing_allocator_that_uses_its_arena_disturbs_nobody() {
    let log = Leaked::new(Log::default());
    // SAFETY: the arena goes first.
    let log_inside = unsafe { log.get() };
    let leaked = Leaked::new(DropArena::over(Arena::new_in(Calling::default())));
    // SAFETY: what holds the reference is taken out before.
    let arena: &'static DropArena<'static, AnyValue, Calling> = unsafe { leaked.get() };
    *arena.arena().allocator().callback.borrow_mut() = Some(Box::new(|| {
        arena.alloc(log_inside.value());
        arena.alloc_iter((0..100).map(|_| log_inside.value()));
        arena.alloc_with(|| log_inside.value());
    }));
    let mut own = 0;
    for n in 0..if cfg!(miri) { 100 } else { 500 } {
        arena.alloc(log_inside.value());
        arena.alloc_with(|| log_inside.value());
        arena.alloc_iter((0..n % 30).map(|_| log_inside.value()));
        arena.alloc_slice_fill_with(n % 20, |_| log_inside.value());
        own += 2 + n % 30 + n % 20;
    }
    let alive = log_inside.alive().len();
    assert!(alive > own && arena.len() == alive);
    *arena.arena().allocator().callback.borrow_mut() = None;
    drop(leaked);
    assert_eq!(log_inside.dropped().len(), alive);
}

// Panics, at each step.

#[test]
fn what_panics_while_values_are_made_drops_them_at_each_step() {
    for step in 0..20 {
        for says in sayings(20) {
            let log = Log::default();
            let arena = DropArena::new();
            arena.alloc(log.value());
            let next = |i| {
                if i == step {
                    panic_quietly();
                }
                log.value()
            };
            assert!(panics(|| {
                arena.alloc_iter(Saying(says, (0..20).map(next)));
            }));
            assert_eq!(log.dropped().len(), step);
            let bytes = arena.arena().allocated_bytes();
            assert!(panics(|| {
                arena.alloc_slice_fill_with(20, next);
            }));
            assert_eq!(log.dropped().len(), step);
            assert!(panics(|| {
                arena.alloc_with(|| next(step));
            }));
            assert_eq!((arena.len(), arena.arena().allocated_bytes()), (1, bytes));
            drop(arena);
            assert_eq!(log.dropped(), [0]);
        }
    }
}

/// Runs `f` for an arena of 20 values, for each of them that can panic when it is dropped.
fn at_each_destructor(f: impl Fn(DropArena<'_, AnyValue, Watched<'_>>)) {
    for bomb in 0..20 {
        let (log, watch) = (Log::default(), Watch::default());
        let arena = DropArena::over(Arena::new_in(Watched(&watch)));
        let slice = numbers(arena.alloc_iter((0..6).map(|_| log.value())));
        let singles: Vec<u32> = (0..10).map(|_| arena.alloc(log.value()).number()).collect();
        arena.alloc_slice_fill_with(1000, |i| i);
        let last = numbers(arena.alloc_slice_fill_with(4, |_| log.value()));
        let expected = [last, singles.into_iter().rev().collect(), slice].concat();
        log.bomb.set(Some(bomb));
        f(arena);
        assert_eq!(log.bomb.get(), None, "nothing panicked");
        assert_eq!(log.dropped(), expected);
        assert_eq!(watch.count(), 0, "memory leaks");
    }
}

#[test]
fn a_destructor_that_panics_stops_no_other() {
    at_each_destructor(|arena| assert!(panics(|| drop(arena))));
    at_each_destructor(|mut arena| {
        assert!(panics(|| arena.reset()));
        assert_eq!((arena.len(), arena.arena().allocated_bytes()), (0, 0));
        arena.alloc(Box::new(1));
        assert_eq!(arena.len(), 1);
    });
    at_each_destructor(|mut arena| {
        assert!(panics(|| arena.reset_with(Retain::Nothing)));
        assert_eq!((arena.len(), arena.arena().capacity()), (0, 0));
        assert_eq!(*arena.alloc(1), 1);
    });
}

#[test]
fn a_second_panic_in_a_destructor_ends_the_program() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_quietly();
        }
    }
    let aborted = aborts("a_second_panic_in_a_destructor_ends_the_program", || {
        let arena = DropArena::new();
        arena.alloc(Bomb);
        arena.alloc(Bomb);
        panics(|| drop(arena));
    });
    assert_ne!(aborted, Some(false));
}

#[test]
fn a_destructor_may_use_another_arena() {
    struct Moving<'a>(&'a DropArena<'static>, &'a RefCell<Vec<String>>);
    impl Drop for Moving<'_> {
        fn drop(&mut self) {
            let text = self.0.alloc(self.0.len().to_string());
            self.1.borrow_mut().push(text.clone());
        }
    }
    let (texts, said) = (DropArena::new(), RefCell::default());
    let mut arena = DropArena::new();
    arena.alloc(Moving(&texts, &said));
    arena.reset();
    arena.alloc_iter([Moving(&texts, &said), Moving(&texts, &said)]);
    drop(arena);
    assert_eq!(*said.borrow(), ["0", "1", "2"]);
}

// Iterators that lie, values without a size, sizes at the edge.

#[test]
fn an_iterator_that_lies_gives_what_it_gives() {
    for count in [0, 1, 5, 100] {
        for says in sayings(count) {
            let log = Log::default();
            let arena = DropArena::new();
            let made = numbers(arena.alloc_iter(Saying(says, (0..count).map(|_| log.value()))));
            assert_eq!((made.len(), arena.len()), (count, count));
            drop(arena);
            assert_eq!(log.dropped(), made);
        }
    }
}

#[test]
fn values_without_a_size_are_dropped() {
    thread_local!(static DROPPED: Cell<usize> = const { Cell::new(0) });
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + 1);
        }
    }
    let mut arena = DropArena::new();
    arena.alloc(Nothing);
    arena.alloc_with(|| Nothing);
    assert_eq!(arena.alloc_iter((0..5).map(|_| Nothing)).len(), 5);
    assert_eq!(arena.alloc_slice_fill_with(3, |_| Nothing).len(), 3);
    assert_eq!((arena.len(), DROPPED.get()), (10, 0));
    arena.reset();
    assert_eq!(DROPPED.replace(0), 10);
    arena.arena().set_limit(Some(0));
    arena.reset_with(Retain::Nothing);
    assert!(arena.try_alloc(Nothing).is_err() && arena.try_alloc_iter([Nothing, Nothing]).is_err());
    assert!(arena.try_alloc_with(|| Nothing).is_err());
    assert_eq!((arena.len(), DROPPED.get()), (0, 3));
    assert!(arena.alloc_iter::<Nothing>([]).is_empty());
    let huge = arena.alloc_iter(Saying(usize::MAX, [(), ()].into_iter()));
    assert_eq!(huge.len(), 2);
}

#[test]
fn impossible_sizes_are_errors() {
    let mut arena = DropArena::new();
    for n in [
        usize::MAX,
        usize::MAX / 2,
        isize::MAX as usize,
        isize::MAX as usize - 7,
    ] {
        assert!(
            arena
                .try_alloc_slice_fill_with(n, |_| String::new())
                .is_err()
        );
        assert!(
            arena
                .try_alloc_slice_fill_with(n / size_of::<String>(), |_| String::new())
                .is_err()
        );
        assert_eq!(
            arena
                .alloc_iter(Saying(n, [String::new()].into_iter()))
                .len(),
            1
        );
    }
    assert!(panics(|| {
        arena.alloc_slice_fill_with(usize::MAX, |_| String::new());
    }));
    assert_eq!(arena.len(), 4);
    arena.reset();
}

#[test]
fn overaligned_values_are_aligned() {
    #[repr(align(1024))]
    struct Aligned<'l>(Tracked<'l>);
    fn is_aligned<T>(value: &T) -> bool {
        (&raw const *value).addr() % align_of::<T>() == 0
    }
    let log = Log::default();
    let arena = DropArena::new();
    for n in 0..20 {
        let single = arena.alloc(Aligned(log.value()));
        assert!(is_aligned(single) && single.0.number() == 6 * n);
        assert!(is_aligned(arena.alloc_with(|| Aligned(log.value()))));
        assert!(
            arena
                .alloc_iter([0, 1].map(|_| Aligned(log.value())))
                .iter()
                .all(is_aligned)
        );
        let filled = arena.alloc_slice_fill_with(2, |_| Aligned(log.value()));
        assert!(filled.iter().all(is_aligned));
        arena.alloc(Box::new(1_u8));
    }
    drop(arena);
    assert_eq!(log.dropped().len(), 120);
}

// Swapping, replacing, forgetting.

#[test]
fn arenas_may_be_swapped_replaced_and_forgotten() {
    let log = Log::default();
    let (mut one, mut two) = (DropArena::new(), DropArena::new());
    one.alloc(log.value());
    two.alloc_iter((0..200).map(|_| log.value()));
    mem::swap(&mut one, &mut two);
    assert_eq!((one.len(), two.len()), (200, 1));
    drop(mem::replace(&mut one, DropArena::new()));
    assert_eq!(log.dropped(), (1..201).collect::<Vec<_>>());
    // What stands on another arena loses its values, but no memory.
    let below = Arena::new();
    let lost = DropArena::over(Arena::new_in(&below));
    lost.alloc(log.value());
    mem::forget(lost);
    let mut two = Box::new(mem::take(&mut two));
    two.alloc(log.value());
    two.reset();
    assert_eq!(log.dropped(), [202, 0]);
}

// A backing allocator that fails, and limits.

/// A bit of everything that may call the backing allocator. Says how often something was refused.
fn script<'l, A: Allocator>(log: &'l Log, arena: &mut DropArena<'l, AnyValue, A>) -> usize {
    let mut refused = 0;
    for round in 0..3 {
        let mut expected: Vec<Vec<u32>> = Vec::new();
        for step in 0..60 {
            let inner = Cell::new(None);
            let mut made: [Option<Vec<u32>>; 2] = [None, None];
            match step % 4 {
                0 => {
                    made[0] = arena
                        .try_alloc(log.value())
                        .ok()
                        .map(|value| vec![value.number()])
                }
                1 => {
                    let outer = arena.try_alloc_with(|| {
                        inner.set(
                            arena
                                .try_alloc(log.value())
                                .ok()
                                .map(|inner| inner.number()),
                        );
                        log.value()
                    });
                    made = [
                        inner.take().map(|n| vec![n]),
                        outer.ok().map(|outer| vec![outer.number()]),
                    ];
                }
                2 => {
                    let gives = Saying(sayings(step)[step % 5], (0..step).map(|_| log.value()));
                    made[0] = arena.try_alloc_iter(gives).ok().map(numbers);
                }
                _ => {
                    let filled = arena.try_alloc_slice_fill_with(step, |_| log.value());
                    made[0] = filled.ok().map(numbers);
                }
            }
            let asked = 1 + usize::from(step % 4 == 1);
            refused += asked - made.iter().flatten().count();
            expected.extend(made.into_iter().flatten());
            assert_eq!(arena.len(), expected.iter().flatten().count());
        }
        assert_eq!(log.alive(), expected.iter().flatten().copied().collect());
        log.dropped();
        match round {
            0 => arena.reset(),
            1 => arena.reset_with(Retain::Largest),
            _ => arena.reset_with(Retain::Nothing),
        }
        expected.reverse();
        assert_eq!(log.dropped(), expected.concat());
    }
    refused
}

#[test]
fn nothing_is_lost_whichever_call_of_the_backing_allocator_fails_or_panics() {
    let run = |fail_after, on, panic_after, limit| {
        let (log, watch, left) = (Log::default(), Watch::default(), Cell::new(panic_after));
        watch.fail_after.set(fail_after);
        watch.fail_on.set(on);
        let below = Arena::new_in(Panicking(Watched(&watch), &left));
        below.set_limit(limit);
        let mut arena = DropArena::over(below);
        let mut refused = 0;
        let panicked = panics(|| refused = script(&log, &mut arena));
        assert_eq!(log.alive().len(), arena.len());
        // It still works once there is memory again.
        watch.fail_after.set(None);
        arena.arena().set_limit(None);
        assert!(arena.try_alloc(log.value()).is_ok());
        let calls = watch.asked.get();
        drop(arena);
        assert!(log.alive().is_empty());
        assert_eq!(watch.count(), 0, "memory leaks");
        (refused, calls, panicked)
    };
    let (refused, calls, panicked) = run(None, false, None, None);
    assert!(refused == 0 && calls > 5 && !panicked);
    for n in (0..calls - 1).step_by(if cfg!(miri) { 13 } else { 1 }) {
        run(Some(n), false, None, None);
        run(Some(n), true, None, None);
        assert!(run(None, false, Some(n), None).2);
    }
    assert!(run(Some(3), true, None, None).0 > 50);
    for limit in (0..30_000).step_by(if cfg!(miri) { 15_013 } else { 203 }) {
        run(None, false, None, Some(limit));
    }
}

#[test]
fn a_slice_and_its_record_are_refused_together() {
    let log = Log::default();
    let mut refused = 0;
    for limit in (0..700).step_by(8) {
        let mut arena = DropArena::new();
        arena.arena().set_limit(Some(limit));
        let made = arena.try_alloc_slice_fill_with(20, |_| log.value());
        match made.map(numbers) {
            Ok(made) => {
                assert_eq!(arena.len(), 20);
                arena.reset();
                assert_eq!(log.dropped(), made);
            }
            Err(_) => {
                refused += 1;
                assert_eq!((arena.len(), arena.arena().allocated_bytes()), (0, 0));
                // Without room for the slice nothing was made.
                assert!([0, 20].contains(&log.dropped().len()));
            }
        }
        assert!(log.alive().is_empty());
    }
    assert!((20..88).contains(&refused));
}

// Threads.

#[test]
fn a_sendable_arena_goes_to_another_thread_with_its_values() {
    struct Counted<'c>(&'c AtomicUsize);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let dropped = AtomicUsize::new(0);
    let mut arena: SendDropArena<'_> = DropArena::sendable();
    arena.alloc(Counted(&dropped));
    arena.alloc_iter((0..100).map(|_| (Counted(&dropped), String::from("text"))));
    // What is not dropped need not be sendable to lie below.
    arena.arena().alloc(std::ptr::null::<u8>());
    std::thread::scope(|threads| {
        let (arena, dropped) = (&mut arena, &dropped);
        threads.spawn(move || {
            arena.alloc(Counted(dropped));
            arena.reset();
            arena.alloc_with(|| Counted(dropped));
        });
    });
    assert_eq!((dropped.load(Ordering::Relaxed), arena.len()), (102, 1));
    std::thread::scope(|threads| {
        threads.spawn(|| drop(arena));
    });
    assert_eq!(dropped.load(Ordering::Relaxed), 103);
}

#[test]
fn a_sendable_arena_can_be_a_static_behind_a_lock() {
    static SHARED: Mutex<SendDropArena<'static>> = Mutex::new(DropArena::sendable());
    std::thread::spawn(|| SHARED.lock().unwrap().alloc(String::from("text")).push('!'))
        .join()
        .unwrap();
    let mut arena = SHARED.lock().unwrap();
    assert_eq!(arena.len(), 1);
    arena.reset();
    assert!(arena.is_empty());
}

// What may borrow from what.

#[test]
fn values_may_borrow_from_what_outlives_the_arena() {
    let name = String::from("name");
    let outer = DropArena::new();
    let kept: &String = outer.alloc(name.clone());
    let inner = DropArena::new();
    let pair = inner.alloc((&name, vec![kept]));
    pair.1.push(&name);
    assert_eq!(*pair, (&name, vec![kept, &name]));
    // What needs no destructor may borrow from the arena itself, in the one below.
    let node: &(&Vec<_>, Cell<Option<&str>>) = inner.arena().alloc((&pair.1, Cell::new(None)));
    node.1.set(Some(node.0[0]));
    assert_eq!(node.1.get(), Some("name"));
}
