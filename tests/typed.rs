//! `TypedArena` against each class of bug that arenas have had.

mod support;

use std::cell::{Cell, RefCell};
use std::mem;

use allocator_api2::alloc::{Allocator, Global};
use arenula::{Arena, TypedArena};
use support::values::{Calling, Leaked, Log, Panicking, Saying, Tracked, aborts, numbers, sayings};
use support::{Watch, Watched, panic_quietly, panics};

/// Arenas of which the first `count` values and the chunks are as they can be when something else begins.
fn starts<'l>(log: &'l Log) -> impl Iterator<Item = (TypedArena<Tracked<'l>>, Vec<u32>)> {
    // There are fewer of all for an interpreter.
    let part = if cfg!(miri) { 5 } else { 1 };
    (0..6).map(move |start| {
        let mut arena = match start {
            0 | 1 => TypedArena::new(),
            2 => TypedArena::with_capacity(3),
            _ => TypedArena::with_capacity(100 / part),
        };
        let count = match start {
            0 | 2 => 0,
            1 => arena.alloc_iter([log.value()]).len(),
            3 => arena
                .alloc_iter((0..100 / part - 2).map(|_| log.value()))
                .len(),
            // Some spare chunks, the later ones with what counted before.
            _ => {
                arena.alloc_iter((0..300 / part).map(|_| log.value()));
                for _ in 0..500 / part {
                    arena.alloc(log.value());
                }
                arena.reset();
                log.dropped();
                if start == 4 {
                    0
                } else {
                    while arena.len() < 350 / part {
                        arena.alloc(log.value());
                    }
                    350 / part
                }
            }
        };
        let held = numbers(&mut arena);
        assert_eq!(held.len(), count);
        (arena, held)
    })
}

// Re-entrancy: code of the user that allocates in the arena it is called from.

#[test]
fn a_closure_that_allocates_comes_after_what_it_allocated() {
    let mut arena = TypedArena::new();
    let mut inner = Vec::new();
    let outer = arena.alloc_with(|| {
        for i in 0..200_u64 {
            inner.push(arena.alloc(i));
        }
        200
    });
    *outer += 1;
    assert!(inner.iter().enumerate().all(|(i, n)| **n == i as u64));
    assert!(arena.iter_mut().map(|n| *n).eq((0..200).chain([201])));
}

#[test]
fn an_iterator_that_allocates_comes_after_what_it_allocated() {
    for count in [0, 1, 2, 30, if cfg!(miri) { 40 } else { 200 }] {
        for says in sayings(count) {
            let log = Log::default();
            for (mut arena, held) in starts(&log) {
                let singles = RefCell::new(Vec::new());
                let gives = (0..count).map(|_| {
                    singles.borrow_mut().push(arena.alloc(log.value()));
                    log.value()
                });
                let made = numbers(arena.alloc_iter(Saying(says, gives)));
                let singles = numbers(singles.into_inner());
                assert_eq!((singles.len(), made.len()), (count, count));
                let expected = [held, singles, made].concat();
                assert_eq!(numbers(&mut arena), expected);
                assert_eq!(arena.len(), expected.len());
                drop(arena);
                assert_eq!(log.dropped(), expected, "once, and in order");
            }
        }
    }
}

#[test]
fn iterators_inside_of_each_other_get_other_slots() {
    fn nest(arena: &TypedArena<[u32; 3]>, depth: u32, count: u32) {
        let made = arena.alloc_iter((0..count).map(|i| {
            if depth > 0 {
                nest(arena, depth - 1, count);
            }
            [depth, i, !i]
        }));
        assert_eq!(made.len(), count as usize);
        let is_right = |(i, value): (u32, &[u32; 3])| *value == [depth, i, !i];
        assert!((0..).zip(made.iter()).all(is_right));
        if let Some(last) = made.last_mut() {
            last[2] = 0;
        }
    }
    for capacity in [0, 2, 1000] {
        let mut arena = TypedArena::with_capacity(capacity);
        for round in 0..3 {
            nest(&arena, 3, 5 + round);
            let mut inner = 0;
            for [depth, i, last] in arena.drain() {
                // Those that are inside come first.
                assert!(depth != 3 || inner > 0);
                assert!(last == !i || (last == 0 && i == 4 + round));
                inner += u32::from(depth == 0);
            }
            assert_eq!(inner, (5 + round).pow(4));
        }
    }
}

#[test]
fn an_iterator_that_reserves_and_copies_disturbs_nobody() {
    let mut arena = TypedArena::with_capacity(20);
    let made = arena.alloc_iter((0..50_u32).filter(|n| {
        arena.reserve(*n as usize);
        arena.alloc_slice_copy(&[1000, 1001]);
        arena.alloc_slice_copy(&[]);
        n % 2 == 0
    }));
    assert!(made.iter().copied().eq((0..50).step_by(2)));
    assert_eq!(arena.len(), 125);
    let values: Vec<u32> = arena.drain().collect();
    assert!(values[..100].chunks(2).all(|pair| pair == [1000, 1001]));
    assert!(values[100..].iter().copied().eq((0..50).step_by(2)));
}

#[test]
fn a_size_hint_and_the_end_of_an_iterator_may_allocate() {
    struct Allocating<'a>(&'a TypedArena<u32>, u32);
    impl Iterator for Allocating<'_> {
        type Item = u32;
        fn next(&mut self) -> Option<u32> {
            self.1 = self.1.checked_sub(1)?;
            Some(self.1)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            self.0.alloc(100);
            (self.1 as usize, None)
        }
    }
    impl Drop for Allocating<'_> {
        fn drop(&mut self) {
            self.0.alloc_iter([200, 201]);
        }
    }
    let arena = TypedArena::new();
    for _ in 0..50 {
        assert_eq!(arena.alloc_iter(Allocating(&arena, 5)), [4, 3, 2, 1, 0]);
    }
    let expected = [100, 200, 201, 4, 3, 2, 1, 0];
    assert!(arena.into_vec().chunks(8).all(|chunk| chunk == expected));
}

#[test]
fn destructors_of_refused_values_may_allocate() {
    /// Dropped before the end, it puts what it holds into its arena.
    struct Late(Cell<Option<(&'static TypedArena<Late>, u32)>>, u32);
    impl Drop for Late {
        fn drop(&mut self) {
            if let Some((arena, number)) = self.0.take() {
                arena.alloc_iter([Late(Cell::new(None), number)]);
                arena.alloc(Late(Cell::new(None), number));
            }
        }
    }
    for (capacity, says) in [(0, 0), (0, 40), (100, 0), (100, 40), (10, 20)] {
        let leaked = Leaked::new(TypedArena::new());
        // SAFETY: only values that are dropped in this test hold the reference.
        let arena = unsafe { leaked.get() };
        arena.reserve(capacity);
        assert!(panics(|| {
            arena.alloc_iter(Saying(
                says,
                (0..40).map(|n| {
                    if n == 39 {
                        panic_quietly();
                    }
                    Late(Cell::new(Some((arena, n))), 0)
                }),
            ));
        }));
        assert_eq!(arena.len(), 78);
        // SAFETY: all that held the reference is gone.
        let left = unsafe { leaked.into_inner() }.into_vec();
        // The slice, and then the single value, of each that was refused.
        assert!(left.iter().map(|late| late.1).eq((0..78).map(|i| i / 2)));
    }
}

#[test]
fn a_backing_allocator_that_uses_its_arena_disturbs_nobody() {
    let leaked = Leaked::new(TypedArena::new_in(Calling::default()));
    // SAFETY: what holds the reference is taken out at the end.
    let arena: &'static TypedArena<u64, Calling> = unsafe { leaked.get() };
    let made = std::rc::Rc::new(RefCell::new(Vec::new()));
    let inner = made.clone();
    *arena.allocator().callback.borrow_mut() = Some(Box::new(move || {
        for n in 0..100_u64 {
            inner.borrow_mut().push((1000 + n, arena.alloc(1000 + n)));
        }
        for says in [0, 10, 30] {
            let made = arena.alloc_iter(Saying(says, 5000..5010));
            inner.borrow_mut().extend((5000..).zip(made));
        }
        arena.reserve(50);
    }));
    let mut own = Vec::new();
    for n in 0..2000_u64 {
        own.push((n, arena.alloc(n)));
        if n % 300 == 0 {
            own.extend((n..).zip(arena.alloc_iter(Saying(0, n..n + 200))));
            own.extend((n..).zip(arena.alloc_iter(Saying(200, n..n + 200))));
            let source: Vec<u64> = (n..n + 300).collect();
            own.extend((n..).zip(arena.alloc_slice_copy(&source)));
            arena.reserve(500);
        }
    }
    assert!(made.borrow().len() > 500);
    assert_eq!(arena.len(), made.borrow().len() + own.len());
    assert!(
        own.iter()
            .chain(&*made.borrow())
            .all(|(n, value)| *n == **value)
    );
    *arena.allocator().callback.borrow_mut() = None;
}

// Panics, at each step.

#[test]
fn an_iterator_that_panics_gives_up_its_values_at_each_step() {
    for step in [0, 1, 2, 7, 29] {
        for says in sayings(30) {
            let log = Log::default();
            for (mut arena, held) in starts(&log) {
                assert!(panics(|| {
                    arena.alloc_iter(Saying(
                        says,
                        (0..30).map(|i| {
                            if i == step {
                                panic_quietly();
                            }
                            log.value()
                        }),
                    ));
                }));
                let dropped = log.dropped();
                assert!(dropped.len() == step && dropped.is_sorted());
                assert_eq!(numbers(&mut arena), held);
                // The slots are there for others, and all chunks are known.
                let capacity = arena.capacity();
                let more = numbers(arena.alloc_iter((0..step).map(|_| log.value())));
                assert!(arena.capacity() <= capacity, "a chunk was made");
                drop(arena);
                assert_eq!(log.dropped(), [held, more].concat());
            }
        }
    }
}

#[test]
fn a_closure_that_panics_leaves_nothing() {
    let log = Log::default();
    for (mut arena, held) in starts(&log) {
        assert!(panics(|| {
            arena.alloc_with(|| panic_quietly());
        }));
        assert_eq!(numbers(&mut arena), held);
    }
}

/// Runs `f` for an arena of 20 values in several chunks, for each of them that can panic when it is dropped.
fn at_each_destructor(f: impl Fn(TypedArena<Tracked<'_>, Watched<'_>>, &[u32])) {
    for bomb in 0..20 {
        let (log, watch) = (Log::default(), Watch::default());
        let arena = TypedArena::new_in(Watched(&watch));
        arena.alloc_iter((0..8).map(|_| log.value()));
        let rest = arena.capacity() - 8;
        arena.reserve(rest + 100);
        while arena.len() < 20 {
            arena.alloc_iter(Saying(rest.min(4), (0..4).map(|_| log.value())));
        }
        log.bomb.set(Some(bomb));
        let expected: Vec<u32> = (0..20).collect();
        f(arena, &expected);
        assert_eq!(log.bomb.get(), None, "nothing panicked");
        assert_eq!(log.dropped(), expected);
        assert_eq!(watch.count(), 0, "memory leaks");
    }
}

#[test]
fn a_destructor_that_panics_stops_no_other_when_the_arena_goes() {
    at_each_destructor(|arena, _| assert!(panics(|| drop(arena))));
}

#[test]
fn a_destructor_that_panics_stops_no_other_in_a_reset() {
    at_each_destructor(|mut arena, _| {
        let capacity = arena.capacity();
        assert!(panics(|| arena.reset()));
        assert_eq!((arena.len(), arena.capacity()), (0, capacity));
        assert!(arena.iter_mut().next().is_none());
    });
}

#[test]
fn a_destructor_that_panics_stops_no_other_when_values_are_taken_out() {
    for taken in [0, 1, 10, 19, 20] {
        at_each_destructor(|mut arena, expected| {
            assert!(panics(|| {
                let mut drain = arena.drain();
                for number in &expected[..taken] {
                    assert_eq!(drain.next().unwrap().number(), *number);
                }
            }));
            assert!(arena.is_empty() && arena.drain().next().is_none());
        });
        at_each_destructor(|arena, expected| {
            assert!(panics(|| {
                let mut values = arena.into_iter();
                for number in &expected[..taken] {
                    assert_eq!(values.next().unwrap().number(), *number);
                }
            }));
        });
    }
    at_each_destructor(|arena, _| assert!(panics(|| drop(arena.into_vec()))));
}

#[test]
fn a_destructor_that_panics_in_a_refused_slice_stops_no_other() {
    for bomb in 0..10 {
        for says in [0, 10] {
            let (log, watch) = (Log::default(), Watch::default());
            let below = Arena::new_in(Watched(&watch));
            below.set_limit(Some(1000));
            let arena = TypedArena::new_in(&below);
            log.bomb.set(Some(bomb));
            assert!(panics(|| {
                let _ = arena.try_alloc_iter(Saying(says, (0..1000).map(|_| log.value())));
            }));
            assert!(log.alive().is_empty() && arena.is_empty());
            assert!(arena.try_alloc_iter((0..10).map(|_| log.value())).is_ok());
        }
    }
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
        let arena = TypedArena::new();
        arena.alloc_iter([Bomb, Bomb]);
        panics(|| drop(arena));
    });
    assert_ne!(aborted, Some(false));
}

#[test]
fn a_destructor_may_use_another_arena() {
    struct Moving<'a>(&'a TypedArena<String>, &'static str);
    impl Drop for Moving<'_> {
        fn drop(&mut self) {
            self.0.alloc(self.1.to_owned());
        }
    }
    let texts = TypedArena::new();
    let mut arena = TypedArena::new();
    arena.alloc(Moving(&texts, "reset"));
    arena.reset();
    arena.alloc_iter([Moving(&texts, "a"), Moving(&texts, "b")]);
    drop(arena);
    assert_eq!(texts.into_vec(), ["reset", "a", "b"]);
}

// Iterators that lie.

#[test]
fn an_iterator_that_lies_gives_what_it_gives() {
    for count in [0, 1, 5, 100] {
        for says in sayings(count) {
            let log = Log::default();
            for (mut arena, held) in starts(&log) {
                let made = arena.alloc_iter(Saying(says, (0..count).map(|_| log.value())));
                let made = numbers(made);
                assert!(made.len() == count && made.is_sorted());
                assert_eq!(numbers(&mut arena), [held, made].concat());
            }
            assert!(log.alive().is_empty());
        }
    }
}

// Values and slices without a size.

#[test]
fn values_without_a_size_are_counted_and_dropped() {
    thread_local!(static DROPPED: Cell<usize> = const { Cell::new(0) });
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + 1);
        }
    }
    let mut arena = TypedArena::new();
    arena.alloc(Nothing);
    assert_eq!(arena.alloc_iter((0..5).map(|_| Nothing)).len(), 5);
    let nested = arena.alloc_iter((0..3).map(|_| {
        arena.alloc(Nothing);
        Nothing
    }));
    assert_eq!(nested.len(), 3);
    assert_eq!((arena.len(), DROPPED.get()), (12, 0));
    assert!(panics(|| {
        arena.alloc_iter((0..5).map(|i| if i == 4 { panic_quietly() } else { Nothing }));
    }));
    assert_eq!((arena.len(), DROPPED.replace(0)), (12, 4));
    assert_eq!(arena.iter_mut().len(), 12);
    assert_eq!(arena.iter_mut().fold(0, |count, _| count + 1), 12);
    arena.reset();
    assert_eq!((arena.len(), DROPPED.replace(0)), (0, 12));
    arena.alloc_iter([Nothing, Nothing, Nothing]);
    assert!(arena.drain().next().is_some());
    assert_eq!(DROPPED.replace(0), 3);
    arena.alloc_iter([Nothing, Nothing, Nothing]);
    mem::forget(arena.drain());
    assert_eq!((arena.len(), DROPPED.get()), (0, 0));
    arena.alloc_iter([Nothing, Nothing]);
    arena.shrink_to_fit();
    let mut values = arena.into_iter();
    assert_eq!((values.len(), values.next().is_some()), (2, true));
    drop(values);
    assert_eq!(DROPPED.replace(0), 2);
    let arena = TypedArena::from_iter([Nothing, Nothing]);
    assert_eq!(arena.into_vec().len(), 2);
    assert_eq!(DROPPED.get(), 2);
}

#[test]
fn as_many_values_without_a_size_as_can_be_counted() {
    let mut arena = TypedArena::new();
    assert!(arena.try_alloc_slice_copy(&[(); usize::MAX]).is_err());
    assert_eq!(
        arena.alloc_slice_copy(&[(); isize::MAX as usize]).len(),
        isize::MAX as usize
    );
    let room = arena.capacity() - arena.len();
    arena.alloc_slice_copy(&vec![(); room]);
    assert!(arena.try_alloc(()).is_err() && arena.try_alloc_iter([()]).is_err());
    assert!(arena.try_reserve(1).is_err() && arena.try_reserve(0).is_ok());
    assert_eq!(arena.len(), arena.capacity());
    assert_eq!(arena.iter_mut().len(), arena.len());
    assert!(arena.drain().next().is_some());
    assert!(arena.is_empty());
    arena.alloc(());
    assert_eq!(arena.into_vec().len(), 1);
}

#[test]
fn empty_slices_take_no_memory() {
    let arena = TypedArena::<u64>::with_capacity(0);
    assert!(arena.alloc_slice_copy(&[]).is_empty());
    assert!(arena.alloc_iter([]).is_empty());
    arena.reserve(0);
    assert_eq!((arena.capacity(), arena.len()), (0, 0));
    arena.alloc(1);
    assert!(arena.alloc_slice_copy(&[]).is_empty());
    assert!(arena.alloc_iter(Saying(1000, [].into_iter())).is_empty());
    assert_eq!(arena.into_vec(), [1]);
}

// Sizes at the edge of what there is.

#[test]
fn impossible_sizes_are_errors() {
    let arena = TypedArena::new_in(Global);
    arena.alloc([1_u64; 3]);
    for n in [
        usize::MAX,
        usize::MAX / 2,
        isize::MAX as usize,
        isize::MAX as usize - 7,
    ] {
        for n in [n, n / 24, n / 24 + 1] {
            // The middle one could be, but for the header.
            assert!(n == n / 24 || arena.try_reserve(n).is_err());
            assert!(TypedArena::<[u64; 3]>::try_with_capacity(n).is_err());
        }
        assert_eq!(arena.alloc_iter(Saying(n, [[2; 3]].into_iter())), [[2; 3]]);
    }
    assert_eq!(arena.len(), 5);
    assert!(panics(|| arena.reserve(usize::MAX)));
    assert_eq!(*arena.alloc([7; 3]), [7; 3]);
}

#[test]
fn overaligned_values_are_aligned() {
    #[repr(align(4096))]
    #[derive(Clone, Copy)]
    struct Page(u8);
    #[repr(align(64))]
    #[derive(Clone, Copy)]
    struct Nothing;
    fn is_aligned<T>(value: &T) -> bool {
        (&raw const *value).addr() % align_of::<T>() == 0
    }
    let below = Arena::<1>::with_min_align();
    below.alloc(1_u8);
    let mut pages = TypedArena::new_in(&below);
    for round in 0..2 {
        for n in 0..20 {
            assert!(is_aligned(pages.alloc(Page(n))));
        }
        let made = pages.alloc_iter((20..30).map(Page).filter(|_| true));
        assert!(made.iter().all(is_aligned));
        assert!(is_aligned(&pages.alloc_slice_copy(&[Page(30); 3])[0]));
        assert!(pages.iter_mut().map(|page| page.0).take(30).eq(0..30));
        if round == 0 {
            pages.reset();
            pages.shrink_to_fit();
        }
    }
    assert!(pages.into_iter().take(30).map(|page| page.0).eq(0..30));
    let mut nothing = TypedArena::new();
    assert!(is_aligned(nothing.alloc(Nothing)));
    assert!(is_aligned(&nothing.alloc_iter([Nothing])[0]));
    assert!(
        nothing
            .alloc_slice_copy(&[Nothing; 2])
            .iter()
            .all(is_aligned)
    );
    assert!(nothing.iter_mut().all(|value| is_aligned(value)));
}

// Swapping, replacing, forgetting.

#[test]
fn arenas_may_be_swapped_replaced_and_forgotten() {
    let log = Log::default();
    let mut one = TypedArena::from_iter((0..3).map(|_| log.value()));
    let mut two = TypedArena::from_iter((0..300).map(|_| log.value()));
    mem::swap(&mut one, &mut two);
    assert_eq!((one.len(), two.len()), (300, 3));
    assert_eq!(numbers(&mut two), [0, 1, 2]);
    let old = mem::replace(&mut one, TypedArena::new());
    assert!(one.is_empty() && old.len() == 300);
    drop(old);
    assert_eq!(log.dropped().len(), 300);
    two = mem::take(&mut two);
    two.alloc(log.value());
    assert_eq!(numbers(&mut two).len(), 4);
    // What stands on another arena loses its values, but no memory.
    let below = Arena::new();
    let lost = TypedArena::new_in(&below);
    lost.alloc(log.value());
    let also = TypedArena::new_in(&below);
    also.alloc(log.value());
    mem::forget((lost, also.into_iter()));
    drop(two);
    assert_eq!(log.alive().len(), 2);
}

#[test]
fn iterators_may_be_swapped() {
    let log = Log::default();
    let make = |count| TypedArena::from_iter((0..count).map(|_| log.value()));
    let (mut one, mut two) = (make(5), make(200));
    let (mut first, mut second) = (one.iter_mut(), two.iter_mut());
    let (a, b) = (first.next().unwrap(), second.next().unwrap());
    mem::swap(a, b);
    mem::swap(&mut first, &mut second);
    assert_eq!((first.len(), second.len()), (199, 4));
    assert_eq!(first.next().unwrap().number(), 6);
    let (mut first, mut second) = (one.drain(), two.drain());
    assert_eq!(first.next().unwrap().number(), 5, "these were swapped");
    mem::swap(&mut first, &mut second);
    assert_eq!(second.next().unwrap().number(), 1);
    drop(first);
    assert_eq!(log.alive().into_iter().collect::<Vec<_>>(), [2, 3, 4]);
    drop(second);
    one.alloc(log.value());
    two.alloc(log.value());
    let (mut first, mut second) = (one.into_iter(), two.into_iter());
    mem::swap(&mut first, &mut second);
    assert_eq!(first.next().unwrap().number(), 206);
    assert_eq!(second.next().unwrap().number(), 205);
    assert!(log.alive().is_empty());
}

#[test]
fn a_forgotten_drain_loses_its_values_and_no_memory() {
    let (log, watch) = (Log::default(), Watch::default());
    let mut arena = TypedArena::new_in(Watched(&watch));
    for round in 1..4 {
        for _ in 0..100 {
            arena.alloc(log.value());
        }
        let mut drain = arena.drain();
        assert!(drain.next().is_some());
        mem::forget(drain);
        assert!(arena.is_empty() && arena.iter_mut().next().is_none());
        assert_eq!(log.alive().len(), round * 99);
    }
    let blocks = watch.count();
    arena.alloc(log.value());
    drop(arena);
    assert!(blocks > 1 && watch.count() == 0);
    assert_eq!(log.alive().len(), 3 * 99);
}

// References, and what stays where it is.

#[test]
fn references_stay_good_while_the_arena_grows_and_moves() {
    let arena = TypedArena::new();
    let mut all: Vec<&mut u32> = (0..1000).map(|n| arena.alloc(n)).collect();
    all.extend(arena.alloc_iter(1000..2000));
    all.extend(arena.alloc_slice_copy(&[2000, 2001]));
    all.iter_mut().for_each(|n| **n *= 2);
    assert!(all.iter().zip(0..).all(|(n, i)| **n == 2 * i));
    let addresses: Vec<usize> = all.iter().map(|n| (&raw const **n).addr()).collect();
    let mut boxed = Box::new(arena);
    assert!(boxed.iter_mut().map(|n| *n).eq((0..2002).map(|n| 2 * n)));
    assert!(
        boxed
            .iter_mut()
            .map(|n| (&raw const *n).addr())
            .eq(addresses)
    );
}

#[test]
fn values_lie_side_by_side() {
    let arena = TypedArena::with_capacity(100);
    let first = (&raw const *arena.alloc([0_u8; 3])).addr();
    for i in 1..100 {
        assert_eq!((&raw const *arena.alloc([0; 3])).addr(), first + 3 * i);
    }
}

#[test]
fn iterators_tell_how_much_is_left() {
    for count in [0, 1, 5, 400] {
        let mut arena = TypedArena::new();
        for n in 0..count {
            arena.alloc(n);
        }
        for left in (0..=count).rev().step_by(if cfg!(miri) { 19 } else { 1 }) {
            let mut values = arena.iter_mut();
            assert_eq!(values.by_ref().take(count - left).count(), count - left);
            assert_eq!(values.size_hint(), (left, Some(left)));
            assert_eq!(format!("{values:?}"), format!("IterMut({left})"));
            assert!(values.map(|n| *n).eq(count - left..count));
        }
        let mut drain = arena.drain();
        for n in 0..count {
            assert_eq!((drain.len(), drain.next()), (count - n, Some(n)));
        }
        assert!(drain.next().is_none() && drain.next().is_none());
        drop(drain);
        let sum = arena.iter_mut().fold(0, |sum, n| sum + *n);
        assert_eq!((arena.len(), sum), (0, 0));
    }
}

// A backing allocator that fails, and limits.

/// A bit of everything that may call the backing allocator. Says how often something was refused.
fn script<'l, A: Allocator>(log: &'l Log, arena: &mut TypedArena<Tracked<'l>, A>) -> usize {
    let mut refused = 0;
    for round in 0..3 {
        let mut held = Vec::new();
        for step in 0..if cfg!(miri) { 8 } else { 12 } {
            let count = 1 + step * step;
            let singles = RefCell::new(Vec::new());
            let gives = (0..count).map(|i| {
                if i % 5 == round {
                    singles.borrow_mut().push(arena.try_alloc(log.value()));
                }
                log.value()
            });
            let made = arena.try_alloc_iter(Saying(sayings(count)[step % 5], gives));
            for single in singles.into_inner() {
                match single {
                    Ok(value) => held.push(value.number()),
                    Err(_) => refused += 1,
                }
            }
            match made {
                Ok(made) => held.extend(numbers(made)),
                Err(_) => refused += 1,
            }
            refused += usize::from(arena.try_reserve(10 * step).is_err());
            match arena.try_alloc(log.value()) {
                Ok(value) => held.push(value.number()),
                Err(_) => refused += 1,
            }
            assert_eq!(numbers(&mut *arena), held);
            assert_eq!(log.alive(), held.iter().copied().collect());
        }
        match round {
            0 => arena.reset(),
            1 => arena.drain().for_each(drop),
            _ => assert_eq!(numbers(&mut arena.drain().collect::<Vec<_>>()), held),
        }
        arena.shrink_to_fit();
        assert!(arena.is_empty() && arena.capacity() == 0 && log.alive().is_empty());
    }
    refused
}

#[test]
fn nothing_is_lost_whichever_call_of_the_backing_allocator_fails() {
    let run = |fail_after, on| {
        let (log, watch) = (Log::default(), Watch::default());
        watch.fail_after.set(fail_after);
        watch.fail_on.set(on);
        let mut arena = TypedArena::new_in(Watched(&watch));
        let refused = script(&log, &mut arena);
        // It still works once there is memory again.
        watch.fail_after.set(None);
        assert!(arena.try_alloc(log.value()).is_ok());
        drop(arena);
        assert!(log.alive().is_empty());
        assert_eq!(watch.count(), 0, "memory leaks");
        (refused, watch.asked.get())
    };
    let (refused, calls) = run(None, false);
    assert_eq!(refused, 0);
    assert!(calls > 10);
    for n in (0..calls).step_by(if cfg!(miri) { 11 } else { 1 }) {
        run(Some(n), false);
        // Only what iterators say without reason may be refused without a loss.
        assert!(run(Some(n), true).0 > 0 || n > calls / 2);
    }
}

#[test]
fn nothing_is_lost_whichever_call_of_the_backing_allocator_panics() {
    let run = |panic_after| {
        let (log, watch, left) = (Log::default(), Watch::default(), Cell::new(panic_after));
        let mut arena = TypedArena::new_in(Panicking(Watched(&watch), &left));
        let panicked = panics(|| {
            script(&log, &mut arena);
        });
        let asked = watch.asked.get();
        // What was completed before is there, and nothing else.
        assert_eq!(log.alive(), numbers(&mut arena).into_iter().collect());
        assert!(arena.try_alloc(log.value()).is_ok());
        let held = arena.len();
        assert_eq!(arena.into_vec().len(), held);
        assert!(log.alive().is_empty());
        assert_eq!(watch.count(), 0, "memory leaks");
        (panicked, asked)
    };
    let (panicked, calls) = run(None);
    assert!(!panicked && calls > 10);
    // Some of them are those that give back.
    for n in (0..2 * calls).step_by(if cfg!(miri) { 11 } else { 1 }) {
        assert!(run(Some(n)).0);
    }
}

#[test]
fn an_arena_over_another_may_have_a_limit_in_the_middle() {
    let log = Log::default();
    let below = Arena::new();
    below.set_limit(Some(2000));
    let mut arena = TypedArena::new_in(&below);
    let made = arena.try_alloc_iter((0..1000).map(|_| log.value()).filter(|_| true));
    assert!(made.is_err() && arena.is_empty());
    let dropped = log.dropped().len();
    assert!((20..1000).contains(&dropped));
    let mut count = 0;
    while arena.try_alloc(log.value()).is_ok() {
        count += 1;
    }
    assert!(count > 20);
    assert!(arena.try_reserve(1).is_err());
    assert!(arena.try_alloc_iter([log.value(), log.value()]).is_err());
    assert_eq!(numbers(&mut arena).len(), count);
    arena.reset();
    assert!(arena.try_alloc_iter((0..10).map(|_| log.value())).is_ok());
    drop(arena);
    assert!(log.alive().is_empty());
}

// Threads.

#[test]
fn an_arena_goes_to_another_thread_with_its_values() {
    let mut arena = TypedArena::from_iter(["a".to_owned(), "b".to_owned()]);
    arena = std::thread::spawn(move || {
        arena.alloc("c".to_owned()).push('!');
        arena
    })
    .join()
    .unwrap();
    std::thread::scope(|threads| {
        let values = arena.iter_mut();
        threads.spawn(move || values.for_each(|text| text.push('?')));
    });
    assert_eq!(arena.iter_mut().next().unwrap(), "a?");
    std::thread::scope(|threads| {
        let mut drain = arena.drain();
        threads.spawn(move || assert_eq!(drain.nth(1).unwrap(), "b?"));
    });
    arena.alloc("d".to_owned());
    let mut values = arena.into_iter();
    let last = std::thread::spawn(move || values.next()).join().unwrap();
    assert_eq!(last.as_deref(), Some("d"));
}

// Graphs.

#[test]
fn nodes_may_refer_to_each_other() {
    struct Node<'a> {
        name: String,
        next: Cell<Option<&'a Node<'a>>>,
        all: RefCell<Vec<&'a Node<'a>>>,
    }
    let nodes = TypedArena::new();
    // First all of them, then what they refer to.
    let made: Vec<&Node<'_>> = (0..100)
        .map(|n| {
            &*nodes.alloc(Node {
                name: n.to_string(),
                next: Cell::new(None),
                all: RefCell::default(),
            })
        })
        .collect();
    for (i, node) in made.iter().enumerate() {
        node.next.set(Some(made[(i + 1) % made.len()]));
        node.all.borrow_mut().extend(&made);
    }
    let mut node = made[0];
    for n in 0..250 {
        assert_eq!(node.name, (n % 100).to_string());
        assert_eq!(node.all.borrow()[7].name, "7");
        node = node.next.get().unwrap();
    }
}

#[test]
fn nodes_may_refer_to_each_other_in_an_arena_over_another() {
    struct Node<'a>(Box<u32>, Cell<Option<&'a Node<'a>>>);
    let below = Arena::new();
    let nodes = TypedArena::new_in(&below);
    let one = &*nodes.alloc(Node(Box::new(1), Cell::new(None)));
    let two = &*nodes.alloc(Node(Box::new(2), Cell::new(Some(one))));
    one.1.set(Some(two));
    assert_eq!(*one.1.get().unwrap().1.get().unwrap().0, 1);
    assert!(below.contains(two));
}

// How much memory, and how often.

#[test]
fn values_share_chunks_that_grow_by_half() {
    let watch = Watch::default();
    let arena = TypedArena::new_in(Watched(&watch));
    arena.alloc(0_u64);
    assert!(watch.bytes() <= 512 && arena.capacity() > 50);
    for n in 1..10_000 {
        arena.alloc(n);
        let (held, used) = (watch.bytes(), arena.len() * 8);
        assert!(held <= used * 3 / 2 + 1024, "{held} bytes for {used}");
    }
    assert!(watch.asked.get() < 16, "{} chunks", watch.asked.get());
}

#[test]
fn an_arena_made_with_a_capacity_needs_no_more_for_as_many() {
    let mut arena = TypedArena::with_capacity(1000);
    let capacity = arena.capacity();
    assert!(capacity >= 1000 && arena.is_empty());
    arena.extend(0..1000);
    assert!(!arena.is_empty() && arena.iter_mut().map(|n| *n).eq(0..1000));
    assert_eq!((arena.len(), arena.capacity()), (1000, capacity));
}
