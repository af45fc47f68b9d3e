//! `FrozenArena` against each class of bug that arenas have had.

mod support;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::rc::Rc;

use allocator_api2::alloc::Allocator;
use arenula::{Arena, FrozenArena, Id};
use support::values::{Calling, Leaked, Log, Panicking, Saying, Tracked, aborts, sayings};
use support::{Watch, Watched, panic_quietly, panics};

/// The numbers of the values, by reference, by id and by mutable reference.
fn numbers<A: Allocator>(arena: &mut FrozenArena<Tracked<'_>, A>) -> Vec<u32> {
    let seen: Vec<u32> = arena.iter().map(Tracked::number).collect();
    assert_eq!(
        (seen.len(), arena.iter().size_hint().0),
        (arena.len(), arena.len())
    );
    assert!(
        arena
            .ids()
            .map(|id| arena[id].number())
            .eq(seen.iter().copied())
    );
    assert!(
        arena
            .iter_mut()
            .map(|value| value.number())
            .eq(seen.iter().copied())
    );
    seen
}

// Re-entrancy: code of the user that adds to the arena it is called from.

#[test]
fn what_is_added_while_it_is_iterated_is_seen() {
    let arena = FrozenArena::from_iter([1_u64]);
    for n in &arena {
        if arena.len() < 2000 {
            arena.push(n + 1);
            arena.alloc(n + 2);
        }
    }
    let mut values = arena.iter();
    assert_eq!(values.by_ref().count(), arena.len());
    assert_eq!(values.next(), None);
    // An iterator that has ended goes on when there is more.
    let id = arena.push(7);
    assert_eq!((values.size_hint(), values.next()), ((1, None), Some(&7)));
    assert_eq!(arena[id], 7);
}

#[test]
fn iterators_anywhere_and_their_clones_go_on_while_the_arena_grows() {
    let arena = FrozenArena::new();
    let mut all = Vec::new();
    let count = if cfg!(miri) { 50 } else { 500_usize };
    for n in 0..count {
        all.push((n, arena.iter()));
        all.last_mut().unwrap().1.by_ref().take(n).for_each(drop);
        arena.push(n);
    }
    for (from, values) in all {
        assert_eq!(values.size_hint(), (count - from, None));
        assert!(values.clone().copied().eq(from..count));
        assert_eq!(
            format!("{values:?}"),
            format!("{:?}", (from..count).collect::<Vec<_>>())
        );
    }
}

#[test]
fn an_initialiser_that_adds_comes_after_what_it_added() {
    fn list(arena: &FrozenArena<u32>, depth: u32) -> &u32 {
        arena.alloc(
            depth
                .checked_sub(1)
                .map_or(0, |depth| list(arena, depth) + 1),
        )
    }
    let arena = FrozenArena::new();
    assert_eq!(*list(&arena, 200), 200);
    assert!(arena.iter().copied().eq(0..=200));
}

#[test]
fn a_destructor_of_a_refused_value_may_add() {
    struct Adding(
        Cell<Option<&'static FrozenArena<Adding, Watched<'static>>>>,
        u32,
    );
    impl Drop for Adding {
        fn drop(&mut self) {
            if let Some(arena) = self.0.take() {
                // There is memory again.
                arena.push(Adding(Cell::new(None), self.1));
            }
        }
    }
    let watch = Leaked::new(Watch::default());
    // SAFETY: the arena goes first.
    let watched = Watched(unsafe { watch.get() });
    let leaked = Leaked::new(FrozenArena::new_in(watched));
    // SAFETY: what holds the reference is dropped before.
    let arena = unsafe { leaked.get() };
    for n in 0..200 {
        watched.0.fail_after.set(Some(0));
        let refused = arena.try_push(Adding(Cell::new(Some(arena)), n));
        watched.0.fail_after.set(None);
        if let Ok(id) = refused {
            arena[id].0.set(None);
        }
    }
    assert!(arena.iter().map(|adding| adding.1).eq(0..200));
    drop(leaked);
    assert_eq!(watched.0.count(), 0);
}

#[test]
fn a_backing_allocator_that_uses_its_arena_disturbs_nobody() {
    let leaked = Leaked::new(FrozenArena::new_in(Calling::default()));
    // SAFETY: what holds the reference is taken out at the end.
    let arena: &'static FrozenArena<u64, Calling> = unsafe { leaked.get() };
    let made = Rc::new(RefCell::new(Vec::new()));
    let inner = made.clone();
    *arena.allocator().callback.borrow_mut() = Some(Box::new(move || {
        // As many as make the bucket that is being made, and more, are added here.
        for n in 0..100 + arena.len() as u64 {
            let id = arena.push(n);
            inner.borrow_mut().push((id, n));
        }
    }));
    for n in 0..3000 {
        let id = arena.push(n);
        made.borrow_mut().push((id, n));
    }
    assert!(made.borrow().len() > 5000);
    assert_eq!(made.borrow().len(), arena.len());
    assert!(made.borrow().iter().all(|(id, n)| arena[*id] == *n));
    let ids: HashSet<Id<u64>> = made.borrow().iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), arena.len(), "an id was given twice");
    *arena.allocator().callback.borrow_mut() = None;
}

// Panics, at each step.

#[test]
fn an_iterator_that_panics_keeps_what_it_gave_before() {
    for step in [0, 1, 31, 32, 99] {
        let log = Log::default();
        let mut arena = FrozenArena::new();
        assert!(panics(|| {
            arena.extend((0..100).map(|i| {
                if i == step {
                    panic_quietly();
                }
                log.value()
            }));
        }));
        assert!(numbers(&mut arena).into_iter().eq(0..step));
        arena.push(log.value());
        drop(arena);
        assert!(log.dropped().into_iter().eq(0..=step));
    }
}

/// Runs `f` for an arena of some values in several buckets, for each of them that can panic when it is
/// dropped.
fn at_each_destructor(f: impl Fn(FrozenArena<Tracked<'_>, Watched<'_>>, &[u32])) {
    for bomb in [0, 1, 31, 32, 33, 95, 96, 98, 99] {
        let (log, watch) = (Log::default(), Watch::default());
        let mut arena = FrozenArena::new_in(Watched(&watch));
        arena.extend((0..100).map(|_| log.value()));
        assert!(watch.count() > 1);
        log.bomb.set(Some(bomb));
        let expected: Vec<u32> = (0..100).collect();
        f(arena, &expected);
        assert_eq!(log.bomb.get(), None, "nothing panicked");
        assert_eq!(log.dropped(), expected);
        assert_eq!(watch.count(), 0, "memory leaks");
    }
}

#[test]
fn a_destructor_that_panics_stops_no_other() {
    at_each_destructor(|arena, _| assert!(panics(|| drop(arena))));
    at_each_destructor(|mut arena, _| {
        let capacity = arena.capacity();
        let id = arena.ids().next().unwrap();
        assert!(panics(|| arena.reset()));
        assert_eq!((arena.len(), arena.capacity()), (0, capacity));
        assert!(arena.get(id).is_none() && arena.iter().next().is_none());
    });
    at_each_destructor(|arena, _| assert!(panics(|| drop(arena.into_vec()))));
    for taken in [0, 1, 50, 99, 100] {
        at_each_destructor(|arena, expected| {
            assert!(panics(|| {
                let mut values = arena.into_iter();
                for number in &expected[..taken] {
                    assert_eq!(values.next().unwrap().number(), *number);
                }
            }));
        });
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
        let arena = FrozenArena::from_iter([Bomb, Bomb]);
        panics(|| drop(arena));
    });
    assert_ne!(aborted, Some(false));
}

#[test]
fn a_destructor_may_use_another_arena() {
    struct Moving<'a>(&'a FrozenArena<String>);
    impl Drop for Moving<'_> {
        fn drop(&mut self) {
            self.0.push(self.0.len().to_string());
        }
    }
    let texts = FrozenArena::new();
    let mut arena = FrozenArena::from_iter([Moving(&texts), Moving(&texts)]);
    arena.reset();
    arena.push(Moving(&texts));
    drop(arena);
    assert_eq!(texts.into_vec(), ["0", "1", "2"]);
}

// Iterators that lie, sizes at the edge.

#[test]
fn an_iterator_that_lies_gives_what_it_gives() {
    for count in [0, 1, 5, 100] {
        for says in sayings(count) {
            let mut arena = FrozenArena::from_iter(Saying(says, 0..count));
            arena.extend(Saying(says, count..2 * count));
            assert_eq!(arena.into_vec(), (0..2 * count).collect::<Vec<_>>());
        }
    }
}

#[test]
fn values_without_a_size_are_counted_and_dropped() {
    thread_local!(static DROPPED: Cell<usize> = const { Cell::new(0) });
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + 1);
        }
    }
    let watch = Watch::default();
    let mut arena = FrozenArena::new_in(Watched(&watch));
    let ids: Vec<_> = (0..2000).map(|_| arena.push(Nothing)).collect();
    assert!(ids.iter().enumerate().all(|(i, id)| id.index() == i));
    assert_eq!((arena.iter().count(), arena.iter_mut().len()), (2000, 2000));
    assert!(arena.get(ids[1999]).is_some() && DROPPED.get() == 0);
    arena.reset();
    assert_eq!(DROPPED.replace(0), 2000);
    assert!(arena.get(ids[0]).is_none() && arena.capacity() >= 2000);
    arena.extend([Nothing, Nothing, Nothing]);
    let mut values = arena.into_iter();
    assert!(values.next().is_some());
    assert_eq!(DROPPED.get(), 1);
    drop(values);
    assert_eq!((DROPPED.get(), watch.asked.get()), (3, 0));
}

#[test]
fn small_values_share_a_bucket_from_the_first_on() {
    let watch = Watch::default();
    let arena = FrozenArena::new_in(Watched(&watch));
    for n in 0..64_u64 {
        arena.push(n);
    }
    assert_eq!((watch.asked.get(), watch.bytes()), (1, 512));
}

#[test]
fn large_and_overaligned_values_get_buckets_of_their_own() {
    #[repr(align(4096))]
    struct Page(u8);
    #[repr(align(64))]
    struct Nothing;
    fn is_aligned<T>(value: &T) -> bool {
        (&raw const *value).addr() % align_of::<T>() == 0
    }
    let below = Arena::<1>::with_min_align();
    below.alloc(1_u8);
    let mut pages = FrozenArena::new_in(&below);
    for round in 0..2 {
        let first = pages.push(Page(0));
        assert!((1..30).all(|n| is_aligned(pages.alloc(Page(n)))));
        pages[first].0 += round;
        assert_eq!((pages[first].0, pages.len()), (round, 30));
        assert!(pages.iter().skip(1).map(|page| page.0).eq(1..30));
        pages.reset();
    }
    let mut nothing = FrozenArena::from_iter([Nothing, Nothing]);
    assert!(nothing.iter().all(is_aligned) && nothing.iter_mut().all(|value| is_aligned(value)));
}

#[test]
fn a_value_too_large_for_any_bucket_of_two_is_refused() {
    let watch = Watch::default();
    let arena = FrozenArena::new_in(Watched(&watch));
    let id = arena.push([1_u8; 600]);
    assert_eq!((arena.capacity(), arena[id][599]), (1, 1));
    watch.fail_after.set(Some(0));
    assert!(arena.try_push([2; 600]).is_err());
    assert_eq!((arena.len(), arena.capacity()), (1, 1));
    arena.push([3; 600]);
    assert_eq!((arena.len(), arena.capacity()), (2, 3));
}

// Ids.

#[test]
fn ids_lead_to_their_values_only() {
    let mut arena = FrozenArena::new();
    let count = if cfg!(miri) { 500 } else { 5000 };
    let ids: Vec<Id<usize>> = (0..count).map(|n| arena.push(n)).collect();
    assert!(
        ids.iter()
            .enumerate()
            .all(|(n, id)| arena[*id] == n && arena.get(*id) == Some(&n))
    );
    assert!(ids.is_sorted() && arena.ids().eq(ids.iter().copied()));
    assert!(arena.ids().rev().eq(ids.iter().rev().copied()));
    for id in &ids {
        arena[*id] += 1;
    }
    assert!(arena.iter().copied().eq(1..=count));
    let hasher = RandomState::new();
    let hashes: HashSet<u64> = ids.iter().map(|id| hasher.hash_one(id)).collect();
    assert_eq!(hashes.len(), ids.len());
    let other = FrozenArena::from_iter(0..100_usize);
    assert_eq!((other.get(ids[99]), other.get(ids[100])), (Some(&99), None));
    assert!(panics(|| {
        let _ = &other[ids[100]];
    }));
    assert!(!arena.is_empty());
    arena.reset();
    assert!(arena.is_empty());
    assert!(
        ids.iter()
            .all(|id| arena.get(*id).is_none() && arena.get_mut(*id).is_none())
    );
    assert!(panics(|| arena[ids[0]] = 1));
    assert_eq!(arena.push(7), ids[0], "ids are given again after a reset");
}

// Swapping, replacing, forgetting.

#[test]
fn arenas_may_be_swapped_replaced_and_forgotten() {
    let log = Log::default();
    let mut one = FrozenArena::from_iter((0..3).map(|_| log.value()));
    let mut two = FrozenArena::from_iter((0..300).map(|_| log.value()));
    let (id, before) = (two.ids().last().unwrap(), two.iter().clone().count());
    mem::swap(&mut one, &mut two);
    assert_eq!((one[id].number(), before), (302, 300));
    assert_eq!(numbers(&mut two), [0, 1, 2]);
    drop(mem::replace(&mut one, FrozenArena::new()));
    assert_eq!(log.dropped().len(), 300);
    let mut two = mem::take(&mut two);
    two.push(log.value());
    assert_eq!(numbers(&mut two).len(), 4);
    assert_eq!(log.alive().len(), 4);
    // What stands on another arena loses its values, but no memory.
    let below = Arena::new();
    let lost = FrozenArena::new_in(&below);
    lost.push(log.value());
    mem::forget(lost);
    drop(two);
    assert_eq!(log.alive().len(), 1);
}

#[test]
fn references_stay_good_while_the_arena_grows() {
    let arena = FrozenArena::new();
    let all: Vec<&Cell<u32>> = (0..3000).map(|n| arena.alloc(Cell::new(n))).collect();
    all.iter().for_each(|n| n.set(n.get() * 2));
    assert!(
        all.iter()
            .zip(&arena)
            .all(|(one, other)| std::ptr::eq(*one, other))
    );
    let addresses: Vec<usize> = all.iter().map(|n| (&raw const **n).addr()).collect();
    let mut boxed = Box::new(arena);
    assert!(boxed.iter().map(|n| (&raw const *n).addr()).eq(addresses));
    boxed.iter_mut().for_each(|n| *n.get_mut() += 1);
    assert!(boxed.iter().map(Cell::get).eq((0..3000).map(|n| 2 * n + 1)));
}

// A backing allocator that fails, and limits.

/// A bit of everything that may call the backing allocator. Says how often something was refused.
fn script<'l, A: Allocator>(log: &'l Log, arena: &mut FrozenArena<Tracked<'l>, A>) -> usize {
    let mut refused = 0;
    for _ in 0..2 {
        let mut held = Vec::new();
        for n in 0..400 {
            let made = if n % 2 == 0 {
                arena.try_push(log.value()).map(|id| arena[id].number())
            } else {
                arena.try_alloc(log.value()).map(Tracked::number)
            };
            match made {
                Ok(number) => held.push(number),
                Err(_) => refused += 1,
            }
        }
        assert_eq!(numbers(arena), held);
        assert!(log.alive().into_iter().eq(held));
        arena.reset();
        assert!(log.alive().is_empty());
    }
    refused
}

#[test]
fn nothing_is_lost_whichever_call_of_the_backing_allocator_fails_or_panics() {
    let run = |fail_after, on, panic_after| {
        let (log, watch, left) = (Log::default(), Watch::default(), Cell::new(panic_after));
        watch.fail_after.set(fail_after);
        watch.fail_on.set(on);
        let mut arena = FrozenArena::new_in(Panicking(Watched(&watch), &left));
        let mut refused = 0;
        let panicked = panics(|| refused = script(&log, &mut arena));
        let held = numbers(&mut arena);
        assert!(log.alive().into_iter().eq(held.iter().copied()));
        // It still works once there is memory again.
        watch.fail_after.set(None);
        assert!(arena.try_push(log.value()).is_ok());
        let calls = watch.asked.get();
        // What gives back may panic as well, and all is given back.
        left.set(panic_after);
        let _ = panics(|| drop(arena));
        assert!(log.alive().is_empty());
        assert_eq!(watch.count(), 0, "memory leaks");
        (refused, calls, panicked)
    };
    let (refused, calls, panicked) = run(None, false, None);
    assert!(refused == 0 && calls > 3 && !panicked);
    for n in 0..calls {
        assert!(run(Some(n), false, None).0 == 1);
        assert!(run(Some(n), true, None).0 > 1);
        assert!(run(None, false, Some(n)).2);
    }
}

#[test]
fn an_arena_over_another_may_have_a_limit_in_the_middle() {
    let log = Log::default();
    let below = Arena::new();
    below.set_limit(Some(3000));
    let mut arena = FrozenArena::new_in(&below);
    let mut count = 0;
    while arena.try_push(log.value()).is_ok() {
        count += 1;
    }
    assert!(count > 20 && arena.capacity() == count);
    assert!(arena.try_alloc(log.value()).is_err());
    assert_eq!(numbers(&mut arena).len(), count);
    arena.reset();
    assert_eq!(log.dropped().len(), count + 2);
    assert!((0..count).all(|_| arena.try_alloc(log.value()).is_ok()));
    below.set_limit(None);
    assert!(arena.try_alloc(log.value()).is_ok());
}

// Threads.

#[test]
fn an_arena_and_its_ids_go_to_another_thread() {
    let mut arena = FrozenArena::from_iter(["a".to_owned(), "b".to_owned()]);
    let id = arena.ids().next().unwrap();
    arena = std::thread::spawn(move || {
        arena[id].push('!');
        arena.push("c".to_owned());
        arena
    })
    .join()
    .unwrap();
    assert_eq!(arena[id], "a!");
    assert_eq!(arena.into_vec(), ["a!", "b", "c"]);
}

// Graphs.

#[test]
fn nodes_may_refer_to_each_other() {
    struct Node<'a> {
        name: String,
        next: Cell<Option<&'a Node<'a>>>,
        all: RefCell<Vec<&'a Node<'a>>>,
    }
    let below = Arena::new();
    let nodes = FrozenArena::new_in(&below);
    for n in 0..100 {
        nodes.push(Node {
            name: n.to_string(),
            next: Cell::new(None),
            all: RefCell::default(),
        });
    }
    for (node, next) in nodes
        .iter()
        .zip(nodes.iter().skip(1).chain(nodes.iter().take(1)))
    {
        node.next.set(Some(next));
        node.all.borrow_mut().extend(&nodes);
    }
    let mut node = nodes.iter().next().unwrap();
    for n in 0..250 {
        assert_eq!(node.name, (n % 100).to_string());
        assert_eq!(node.all.borrow()[7].name, "7");
        node = node.next.get().unwrap();
    }
}

#[test]
fn values_may_hold_ids_of_each_other() {
    struct Node(String, Cell<Option<Id<Node>>>);
    let mut nodes = FrozenArena::new();
    let one = nodes.push(Node("one".into(), Cell::new(None)));
    let two = nodes.push(Node("two".into(), Cell::new(Some(one))));
    nodes[one].1.set(Some(two));
    nodes[two].0.push('!');
    let there = nodes[one].1.get().unwrap();
    assert_eq!(
        (&*nodes[there].0, nodes[there].1.get()),
        ("two!", Some(one))
    );
}
