//! `Pool` against each class of bug that pools and arenas have had, and beside a model.

mod support;

use std::cell::{Cell, RefCell};
use std::mem;

use allocator_api2::alloc::Allocator;
use arenula::pool::{Pool, PoolBox, Recycle, Recycled};
use arenula::{AllocOrInitError, Arena};
use proptest::prelude::*;
use support::properties::properties;
use support::values::{Calling, Leaked, Log, Panicking, Tracked, aborts};
use support::{Counted, Watch, Watched, panic_quietly, panics};

/// Recycled, it is the same as before; the log's bomb goes off in the recycling, too.
impl Recycle for Keep<'_> {
    fn recycle(&mut self) {
        self.recycled.set(self.recycled.get() + 1);
        if self.panics.get() {
            panic_quietly();
        }
    }
}

struct Keep<'l> {
    value: Tracked<'l>,
    recycled: &'l Cell<usize>,
    panics: &'l Cell<bool>,
}

// Re-entrancy.

#[test]
fn a_closure_that_allocates_gets_another_slot() {
    let pool = Pool::new();
    let mut inner = Vec::new();
    let outer = pool.alloc_with(|| {
        inner.extend((0..300_u64).map(|n| pool.alloc(n)));
        inner.truncate(200);
        1000
    });
    let more: Vec<_> = (2000..2300).map(|n| pool.alloc(n)).collect();
    assert_eq!(*outer, 1000);
    assert!(inner.iter().map(|n| **n).eq(0..200));
    assert!(more.iter().map(|n| **n).eq(2000..2300));
    assert_eq!(pool.len(), 501);
}

/// When it is dropped it puts two values into its pool, of which one stays until the other list is cleared.
struct Late {
    pool: Option<&'static Pool<Late>>,
    kept: Option<&'static RefCell<Vec<PoolBox<'static, Late>>>>,
}

impl Drop for Late {
    fn drop(&mut self) {
        if let (Some(pool), Some(kept)) = (self.pool, self.kept) {
            let plain = || Late {
                pool: None,
                kept: None,
            };
            drop(pool.alloc(plain()));
            kept.borrow_mut().push(pool.alloc(plain()));
        }
    }
}

#[test]
fn a_destructor_may_allocate_in_its_pool_and_free() {
    let (leaked, list) = (
        Leaked::new(Pool::new()),
        Leaked::new(RefCell::new(Vec::new())),
    );
    // SAFETY: only values that are dropped in this test hold the references.
    let (pool, kept) = unsafe { (leaked.get(), list.get()) };
    let boxes: Vec<_> = (0..100)
        .map(|_| {
            pool.alloc(Late {
                pool: Some(pool),
                kept: Some(kept),
            })
        })
        .collect();
    drop(boxes);
    assert_eq!((pool.len(), kept.borrow().len()), (100, 100));
    let mut places: Vec<_> = kept.borrow().iter().map(|late| &raw const **late).collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 100, "each has a slot of its own");
    kept.borrow_mut().clear();
    assert_eq!(pool.len(), 0);
    // SAFETY: all that held the references is gone.
    unsafe {
        drop(list.into_inner());
        drop(leaked.into_inner());
    }
}

#[test]
fn a_backing_allocator_that_uses_its_pool_disturbs_nobody() {
    let leaked = Leaked::new(Pool::<String, Calling>::new_in(Calling::default()));
    let kept = Leaked::new(RefCell::new(Vec::new()));
    // SAFETY: the callback is taken out and the boxes are dropped before the pool is.
    let (pool, list) = unsafe { (leaked.get(), kept.get()) };
    *pool.allocator().callback.borrow_mut() = Some(Box::new(move || {
        for n in 0..150 {
            list.borrow_mut().push(pool.alloc(format!("inner {n}")));
        }
        let mut recycled: Vec<_> = (0..20)
            .map(|_| pool.alloc_recycled(|| "recycled".to_owned()))
            .collect();
        recycled.truncate(10);
        drop(recycled);
        pool.reserve(3);
    }));
    let own: Vec<_> = (0..1000).map(|n| pool.alloc(n.to_string())).collect();
    let lent: Vec<_> = (0..100)
        .map(|n| pool.alloc_recycled(|| n.to_string()))
        .collect();
    assert!((0..).zip(&own).all(|(n, text)| ***text == n.to_string()));
    assert_eq!(lent.len(), 100);
    assert_eq!(pool.len(), own.len() + lent.len() + list.borrow().len());
    assert!(list.borrow().iter().all(|text| text.starts_with("inner")));
    let callback = pool.allocator().callback.borrow_mut().take();
    drop((callback, own, lent));
    list.borrow_mut().clear();
    // SAFETY: all that held the references is gone, but for what was forgotten.
    unsafe {
        drop(kept.into_inner());
        drop(leaked.into_inner());
    }
}

#[test]
fn recycling_may_use_the_pool() {
    struct Nested(Option<&'static Pool<Nested>>, u32);
    impl Recycle for Nested {
        fn recycle(&mut self) {
            if let Some(pool) = self.0.take() {
                let others: Vec<_> = (0..20)
                    .map(|n| pool.alloc_recycled(|| Nested(None, n)))
                    .collect();
                assert!(others.iter().all(|other| other.0.is_none()));
                drop(pool.alloc(Nested(None, 0)));
            }
            self.1 = 7;
        }
    }
    let leaked = Leaked::new(Pool::new());
    // SAFETY: no value holds the reference at the end.
    let pool = unsafe { leaked.get() };
    for round in 0..5 {
        let lent: Vec<_> = (0..10)
            .map(|n| {
                let mut lent = pool.alloc_recycled(|| Nested(None, n));
                lent.0 = Some(pool);
                lent
            })
            .collect();
        drop(lent);
        let again = pool.alloc_recycled(|| unreachable!("round {round}"));
        assert_eq!(again.1, 7);
    }
    // SAFETY: as above.
    drop(unsafe { leaked.into_inner() });
}

// Panics.

#[test]
fn a_panic_in_a_closure_gives_the_slot_back() {
    let pool = Pool::<[u64; 9]>::new();
    let place = || std::ptr::from_ref(&*pool.alloc([0; 9]));
    let first = place();
    for _ in 0..3 {
        assert!(panics(|| drop(pool.alloc_with(|| panic_quietly()))));
        assert!(pool.alloc_try_with(|| Err(())).is_err());
        assert_eq!(
            pool.try_alloc_try_with(|| Err("no")).map(|_| ()),
            Err(AllocOrInitError::Init("no"))
        );
        assert_eq!(pool.len(), 0);
    }
    assert_eq!(place(), first);
}

#[test]
fn a_panicking_destructor_gives_its_slot_back_once() {
    let log = Log::default();
    let pool = Pool::new();
    for bomb in 0..5 {
        let boxes: Vec<_> = (0..5).map(|_| pool.alloc(log.value())).collect();
        log.bomb.set(Some(bomb));
        assert!(panics(|| drop(boxes)));
        assert_eq!((pool.len(), log.dropped().len()), (0, 5));
        let mut places: Vec<_> = (0..50).map(|_| pool.alloc(log.value())).collect();
        places.sort_by_key(|value| &raw const **value);
        places.dedup_by_key(|value| &raw const **value);
        assert_eq!(places.len(), 50);
        drop(places);
        log.dropped();
    }
}

#[test]
fn a_batch_is_whole_or_gone_at_each_step() {
    let log = Log::default();
    for step in 0..20 {
        let pool = Pool::new();
        let kept = pool.alloc(log.value());
        assert!(panics(|| {
            drop(pool.alloc_batch(20, |n| {
                if n == step {
                    panic_quietly();
                }
                log.value()
            }));
        }));
        assert_eq!((pool.len(), log.dropped().len()), (1, step));
        let batch = pool.alloc_batch(200, |_| log.value());
        assert_eq!((batch.len(), pool.len()), (200, 201));
        drop((batch, kept));
        log.dropped();
    }
}

#[test]
fn a_batch_whose_closure_takes_the_room_is_whole() {
    let pool = Pool::with_capacity(10);
    let other = RefCell::new(Vec::new());
    let batch = pool.alloc_batch(100, |n| {
        other
            .borrow_mut()
            .extend((0..n).map(|m| pool.alloc([n, m])));
        [n, usize::MAX]
    });
    assert!((0..).zip(&batch).all(|(n, made)| **made == [n, usize::MAX]));
    assert!(other.borrow().iter().all(|made| made[1] < made[0]));
}

#[test]
fn a_value_that_panics_when_recycled_is_dropped() {
    let (log, recycled, fails) = (Log::default(), Cell::new(0), Cell::new(false));
    let make = || Keep {
        value: log.value(),
        recycled: &recycled,
        panics: &fails,
    };
    let pool = Pool::new();
    drop(pool.alloc_recycled(make));
    assert_eq!((log.alive().len(), recycled.get(), pool.len()), (1, 1, 0));
    let again = pool.alloc_recycled(|| unreachable!());
    fails.set(true);
    assert!(panics(|| drop(again)));
    assert_eq!((log.alive().len(), recycled.get(), pool.len()), (0, 2, 0));
    fails.set(false);
    drop(
        (0..30)
            .map(|_| pool.alloc_recycled(make))
            .collect::<Vec<_>>(),
    );
    assert_eq!(log.alive().len(), 30);
    let boxed = Recycled::into_box(pool.alloc_recycled(|| unreachable!()));
    assert_eq!(boxed.value.number(), 30);
    drop(boxed);
    assert_eq!(log.alive().len(), 29);
    drop(pool);
    assert_eq!(log.alive().len(), 0);
}

#[test]
fn a_panic_while_a_recycled_value_is_made_leaves_nothing() {
    let pool = Pool::<Vec<u8>>::new();
    for _ in 0..100 {
        assert!(panics(|| drop(pool.alloc_recycled(|| panic_quietly()))));
    }
    assert_eq!(pool.len(), 0);
    let lent: Vec<_> = (0..100).map(|n| pool.alloc_recycled(|| vec![n])).collect();
    assert!((0..).zip(&lent).all(|(n, lent)| **lent == [n]));
}

#[test]
fn destructors_of_stashed_values_all_run() {
    for by_drop in [true, false] {
        for bomb in 0..10 {
            let (log, recycled, fails) = (Log::default(), Cell::new(0), Cell::new(false));
            let watch = Watch::default();
            let pool = Pool::new_in(Watched(&watch));
            let make = || Keep {
                value: log.value(),
                recycled: &recycled,
                panics: &fails,
            };
            drop(
                (0..10)
                    .map(|_| pool.alloc_recycled(make))
                    .collect::<Vec<_>>(),
            );
            log.bomb.set(Some(bomb));
            let mut pool = Some(pool);
            assert!(panics(|| match &mut pool {
                Some(pool) if !by_drop => pool.shrink_to_fit(),
                _ => pool = None,
            }));
            assert_eq!(log.dropped().len(), 10);
            // But for what boxes find the pool by, as long as there is one.
            assert_eq!(watch.count(), usize::from(!by_drop));
        }
    }
}

#[test]
fn two_panicking_destructors_abort() {
    let aborted = aborts("two_panicking_destructors_abort", || {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic_quietly();
            }
        }
        impl Recycle for Bomb {
            fn recycle(&mut self) {}
        }
        let pool = Pool::new();
        drop([pool.alloc_recycled(|| Bomb), pool.alloc_recycled(|| Bomb)]);
        drop(pool);
    });
    assert_ne!(aborted, Some(false));
}

// Types without a size, large and aligned ones.

#[test]
fn values_without_a_size_are_counted_and_dropped() {
    #[repr(align(4096))]
    struct Empty;
    thread_local! { static DROPPED: Cell<usize> = const { Cell::new(0) }; }
    impl Drop for Empty {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + 1);
        }
    }
    impl Recycle for Empty {
        fn recycle(&mut self) {}
    }
    let mut pool = Pool::new();
    let mut boxes: Vec<_> = (0..100).map(|_| pool.alloc(Empty)).collect();
    assert!(
        boxes
            .iter()
            .all(|empty| (&raw const **empty).addr() % 4096 == 0)
    );
    assert_eq!((pool.len(), pool.capacity()), (100, usize::MAX));
    boxes.truncate(50);
    mem::forget(PoolBox::into_inner(boxes.pop().unwrap()));
    let _: &mut Empty = PoolBox::leak(boxes.pop().unwrap());
    drop(boxes);
    assert_eq!((pool.len(), DROPPED.get()), (1, 98));
    assert!(panics(|| drop(pool.alloc_with(|| panic_quietly()))));
    assert!(pool.alloc_try_with(|| Err(())).is_err());
    drop([pool.alloc_recycled(|| Empty), pool.alloc_recycled(|| Empty)]);
    assert_eq!((pool.len(), DROPPED.get()), (1, 98));
    drop(pool.alloc_recycled(|| unreachable!()));
    pool.shrink_to_fit();
    assert_eq!(DROPPED.get(), 100);
    pool.reserve(usize::MAX);
    assert_eq!(pool.alloc_batch(10, |_| Empty).len(), 10);
    assert_eq!((pool.len(), DROPPED.get()), (1, 110));
}

fn fits<T: Clone + PartialEq + std::fmt::Debug>(value: T) {
    let watch = Watch::default();
    let mut pool = Pool::new_in(Watched(&watch));
    let mut boxes = Vec::new();
    for round in 0..3 {
        let count = if cfg!(miri) { 12 } else { 40 } + round;
        boxes.extend((0..count).map(|_| pool.alloc(value.clone())));
        let mut places: Vec<usize> = boxes.iter().map(|b| (&raw const **b).addr()).collect();
        assert!(places.iter().all(|place| place % align_of::<T>() == 0));
        places.sort_unstable();
        assert!(
            places
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= size_of::<T>())
        );
        assert!(boxes.iter().all(|boxed| **boxed == value));
        boxes.truncate(10);
    }
    drop(boxes);
    assert_eq!(pool.len(), 0);
    pool.shrink_to_fit();
    assert_eq!(pool.capacity(), 0);
    drop(pool);
    assert_eq!((watch.count(), watch.bytes()), (0, 0));
}

#[test]
fn values_of_all_sizes_and_alignments_fit() {
    #[derive(Clone, PartialEq, Debug)]
    #[repr(align(4096))]
    struct Page(u8);
    #[derive(Clone, PartialEq, Debug)]
    #[repr(align(131072))]
    struct Huge(u8);
    #[derive(Clone, PartialEq, Debug)]
    #[repr(align(64))]
    struct Line([u8; 65]);
    // They are on the stack too, often.
    let all = std::thread::Builder::new().stack_size(64 << 20).spawn(|| {
        fits(1_u8);
        fits([1_u8; 3]);
        fits(1_u16);
        fits([1_u64; 4]);
        fits([1_u8; 250]);
        fits([1_u8; 4000]);
        fits([1_u8; 4093]);
        fits([1_u8; 4096]);
        fits([1_u8; 32_768]);
        fits([1_u8; 65_000]);
        fits([1_u8; 65_536]);
        fits([1_u8; 200_000]);
        fits(Page(1));
        fits(Line([1; 65]));
        if !cfg!(miri) {
            fits(Huge(1));
        }
    });
    all.unwrap().join().unwrap();
}

#[test]
fn little_memory_is_lost_beside_values_of_any_size() {
    fn held_by<const SIZE: usize>() {
        let watch = Watch::default();
        let pool = Pool::<[u8; SIZE], _>::new_in(Watched(&watch));
        pool.reserve(100);
        let values = pool.capacity() * SIZE;
        let (held, most) = (watch.bytes(), values + values / 16 + 200);
        assert!(held <= most, "{held} bytes for {values} of {SIZE} each");
    }
    held_by::<32>();
    held_by::<250>();
    held_by::<257>();
    held_by::<1000>();
    held_by::<4000>();
    held_by::<4096>();
    held_by::<8192>();
    held_by::<16_384>();
    held_by::<22_000>();
    held_by::<32_768>();
    held_by::<34_000>();
    held_by::<65_536>();
    held_by::<70_000>();
}

#[test]
fn values_of_which_there_is_no_room_for_one_are_refused() {
    #[cfg(target_pointer_width = "64")]
    {
        type Enormous = [u8; 1 << 46];
        let watch = Watch::default();
        let pool = Pool::<Enormous, _>::new_in(Watched(&watch));
        assert!(pool.try_reserve(1).is_err());
        assert!(pool.try_reserve(1 << 17).is_err());
        assert!(pool.try_reserve(usize::MAX).is_err());
        assert_eq!(pool.capacity(), 0);
    }
    let watch = Watch::default();
    let pool = Pool::<u64, _>::new_in(Watched(&watch));
    for count in [
        usize::MAX,
        isize::MAX as usize,
        usize::MAX / 8,
        usize::MAX / 16,
    ] {
        assert!(pool.try_reserve(count).is_err());
        assert!(pool.try_alloc_batch(count, |_| 0).is_err());
    }
    assert_eq!(pool.capacity(), 0);
}

// Moving, forgetting, swapping.

#[test]
fn a_pool_may_be_moved_when_no_box_borrows_it() {
    let log = Log::default();
    let mut pool = Pool::new();
    mem::forget(pool.alloc(log.value()));
    drop(pool.alloc(log.value()));
    for _ in 0..10 {
        let moved = Box::new(pool);
        let boxes: Vec<_> = (0..100).map(|_| moved.alloc(log.value())).collect();
        drop(boxes);
        let mut other = Pool::new();
        drop(other.alloc(log.value()));
        pool = *moved;
        mem::swap(&mut pool, &mut other);
        let boxes = [pool.alloc(log.value()), other.alloc(log.value())];
        drop(boxes);
        pool = other;
    }
    assert_eq!((pool.len(), log.alive().len()), (1, 1));
    drop(pool);
    assert_eq!(log.alive().len(), 1, "what was forgotten is not dropped");
}

#[test]
fn boxes_may_be_swapped_between_pools() {
    let (one, two) = (Pool::new(), Pool::new());
    let (mut a, mut b) = (one.alloc(1), two.alloc(2));
    mem::swap(&mut a, &mut b);
    drop(a);
    assert_eq!((one.len(), two.len(), *b), (1, 0, 1));
    drop(b);
    let (one, two) = (Pool::<String>::new(), Pool::<String>::new());
    let mut a = one.alloc_recycled(|| "one".to_owned());
    let mut b = two.alloc_recycled(|| "two".to_owned());
    mem::swap(&mut a, &mut b);
    drop(a);
    assert_eq!((one.len(), two.len(), &**b), (1, 0, "one"));
    drop(b);
    drop(two.alloc_recycled(|| unreachable!()));
    assert_eq!((one.len(), two.len()), (0, 0));
}

#[test]
fn forgotten_recycled_boxes_cost_their_slots_alone() {
    let mut pool = Pool::<String>::new();
    for _ in 0..100 {
        mem::forget(pool.alloc_recycled(String::new));
    }
    assert_eq!(pool.len(), 100);
    pool.shrink_to_fit();
    for round in 0..3 {
        let lent: Vec<_> = (0..50)
            .map(|_| pool.alloc_recycled(|| String::from("new")))
            .collect();
        drop(lent);
        assert_eq!(pool.len(), 100, "{round}");
    }
}

// Memory.

#[test]
fn a_failing_backing_allocator_loses_nothing_at_each_call() {
    for fail_after in (0..20).step_by(if cfg!(miri) { 5 } else { 1 }) {
        for fail_on in [false, true] {
            let (log, watch) = (Log::default(), Watch::default());
            let mut pool = Pool::new_in(Watched(&watch));
            watch.fail_after.set(Some(fail_after));
            watch.fail_on.set(fail_on);
            let mut boxes = Vec::new();
            let (mut refused, mut lent) = (0, Vec::new());
            for step in 0..if cfg!(miri) { 600 } else { 3000 } {
                match step % 4 {
                    0 | 1 => match pool.try_alloc(log.value()) {
                        Ok(boxed) => boxes.push(boxed),
                        Err(_) => refused += 1,
                    },
                    2 => match pool.try_alloc_batch(3, |_| log.value()) {
                        Ok(batch) => boxes.extend(batch),
                        Err(_) => refused += 1,
                    },
                    _ => {
                        let _ = pool.try_reserve(step);
                    }
                }
                assert_eq!(pool.len(), boxes.len());
                if step % 100 == 0 {
                    assert_eq!(log.alive().len(), boxes.len());
                }
                if step > 100 && refused > 20 {
                    break;
                }
            }
            watch.fail_after.set(None);
            boxes.truncate(7);
            lent.push(pool.alloc(log.value()));
            drop(boxes);
            drop(lent);
            pool.shrink_to_fit();
            assert_eq!(pool.capacity(), 0);
            drop(pool);
            assert_eq!((watch.count(), log.alive().len()), (0, 0));
        }
    }
}

#[test]
fn failing_memory_for_recycling_loses_nothing_at_each_call() {
    for fail_after in 0..12 {
        let watch = Watch::default();
        let pool = Pool::<String, _>::new_in(Watched(&watch));
        watch.fail_after.set(Some(fail_after));
        watch.fail_on.set(true);
        let mut lent = Vec::new();
        while let Ok(one) = pool.try_alloc_recycled(String::new) {
            lent.push(one);
            if lent.len() == 2000 {
                break;
            }
        }
        let count = lent.len();
        assert_eq!(pool.len(), count);
        drop(lent);
        assert_eq!(pool.len(), 0);
        for _ in 0..count {
            mem::forget(pool.try_alloc_recycled(|| unreachable!()).unwrap());
        }
    }
}

#[test]
fn a_panicking_backing_allocator_loses_nothing_at_each_call() {
    for after in (0..30).step_by(if cfg!(miri) { 4 } else { 1 }) {
        let (log, watch, bomb) = (Log::default(), Watch::default(), Cell::new(Some(after)));
        let mut pool = Pool::new_in(Panicking(Watched(&watch), &bomb));
        let outcome = panics(|| {
            let mut boxes = Vec::new();
            for step in 0..1000 {
                boxes.push(pool.alloc(log.value()));
                if step % 100 == 99 {
                    boxes.truncate(step / 3);
                    pool.reserve(step);
                }
            }
            drop(boxes);
            pool.shrink_to_fit();
        });
        let panicked_before = bomb.take().is_none();
        assert_eq!(outcome, panicked_before);
        assert_eq!((pool.len(), log.alive().len()), (0, 0));
        let boxed = pool.alloc(log.value());
        drop(boxed);
        drop(pool);
        assert_eq!(watch.count(), 0, "{after}");
    }
}

#[test]
fn a_limit_is_exact() {
    let watch = Watch::default();
    let mut pool = Pool::new_in(Watched(&watch));
    for limit in [0, 79, 80, 100, 4095, 4096, 5000, 10_000, 123_456] {
        pool.set_limit(Some(limit));
        assert_eq!(pool.limit(), Some(limit));
        let mut boxes = Vec::new();
        while let Ok(boxed) = pool.try_alloc([0_u64; 4]) {
            boxes.push(boxed);
            assert!(watch.bytes() <= limit);
        }
        assert!(watch.bytes() + 4096 + 80 > limit, "a page would have fit");
        assert!(pool.try_reserve(1).is_err());
        drop(boxes);
        pool.shrink_to_fit();
    }
    pool.set_limit(None);
    assert_eq!((pool.limit(), pool.len()), (None, 0));
    drop(pool.alloc([1; 4]));
}

#[test]
fn shrinking_gives_back_what_is_empty_and_nothing_else() {
    let watch = Watch::default();
    let mut pool = Pool::new_in(Watched(&watch));
    // Forgotten boxes hold their blocks.
    let boxes: Vec<PoolBox<usize>> = (0..20_000).map(|n| pool.alloc(n)).collect();
    let bytes = watch.bytes();
    for (n, boxed) in boxes.into_iter().enumerate() {
        if n % 5000 == 0 {
            mem::forget(boxed);
        }
    }
    pool.shrink_to_fit();
    assert_eq!(pool.len(), 4);
    assert!(watch.bytes() < bytes);
    let capacity = pool.capacity();
    let boxes: Vec<_> = (0..capacity - 4).map(|n| pool.alloc(n)).collect();
    assert_eq!(pool.capacity(), capacity, "each free slot was found again");
    assert!(boxes.iter().enumerate().all(|(n, boxed)| **boxed == n));
    let more = pool.alloc(0);
    assert!(pool.capacity() > capacity);
    drop((boxes, more));
}

#[test]
fn a_warm_pool_asks_for_nothing() {
    let watch = Watch::default();
    let pool = Pool::new_in(Watched(&watch));
    drop(pool.alloc_batch(1000, |n| n));
    let lent: Vec<_> = (0..100).map(|_| pool.alloc(0)).collect();
    drop(lent);
    let asked = watch.asked.get();
    for _ in 0..10 {
        let boxes: Vec<_> = (0..1000).map(|n| pool.alloc(n)).collect();
        drop(boxes);
    }
    assert_eq!(watch.asked.get(), asked);
}

// Lifetimes that should compile.

#[test]
fn values_may_borrow_from_elsewhere_and_from_boxes() {
    let text = String::from("text");
    let pool = Pool::new();
    let mut first = pool.alloc(&*text);
    *first = &text[1..];
    let second = pool.alloc(&text[..1]);
    assert_eq!((*first, *second), ("ext", "t"));

    let lengths = Pool::new();
    let boxed = lengths.alloc(&first);
    assert_eq!(boxed.len(), 3);
}

#[test]
fn a_pool_stands_on_an_arena() {
    let arena = Arena::new();
    let pool = Pool::new_in(&arena);
    let boxes: Vec<_> = (0..1000_u64).map(|n| pool.alloc(n)).collect();
    assert!(boxes.iter().all(|boxed| arena.contains(&**boxed)));
}

#[test]
fn a_pool_and_shared_boxes_go_to_other_threads() {
    let pool = std::thread::spawn(|| {
        let pool = Pool::<String>::new();
        drop(pool.alloc_recycled(|| String::with_capacity(100)));
        pool
    })
    .join()
    .unwrap();
    let boxed = pool.alloc_recycled(|| unreachable!());
    assert!(boxed.capacity() >= 100);
    std::thread::scope(|s| {
        s.spawn(|| assert!(boxed.is_empty()));
        drop(pool.alloc(String::new()));
    });
}

// A model.

#[derive(Clone, Debug)]
enum Op {
    Alloc,
    With { panics: bool },
    TryWith { fails: bool },
    Batch { count: usize, panics_at: usize },
    Recycled,
    Drop(usize),
    DropAll { bomb: Option<usize> },
    IntoInner(usize),
    Leak(usize),
    IntoBox(usize),
    Change(usize, usize),
    Reserve(usize),
    Limit(Option<usize>),
    FailAfter(usize),
    Shrink,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => Just(Op::Alloc),
        2 => any::<bool>().prop_map(|panics| Op::With { panics }),
        2 => any::<bool>().prop_map(|fails| Op::TryWith { fails }),
        3 => (0..300_usize, 0..600_usize)
            .prop_map(|(count, panics_at)| Op::Batch { count, panics_at }),
        6 => Just(Op::Recycled),
        8 => any::<usize>().prop_map(Op::Drop),
        1 => proptest::option::of(0..50_usize).prop_map(|bomb| Op::DropAll { bomb }),
        1 => any::<usize>().prop_map(Op::IntoInner),
        1 => any::<usize>().prop_map(Op::Leak),
        1 => any::<usize>().prop_map(Op::IntoBox),
        2 => any::<(usize, usize)>().prop_map(|(one, other)| Op::Change(one, other)),
        1 => (0..1000_usize).prop_map(Op::Reserve),
        1 => proptest::option::of(0..100_000_usize).prop_map(Op::Limit),
        1 => (0..4_usize).prop_map(Op::FailAfter),
        2 => Just(Op::Shrink),
    ]
}

struct Item<'l>(Tracked<'l>, [u64; 5]);

impl Recycle for Item<'_> {
    fn recycle(&mut self) {
        self.1 = [7; 5];
    }
}

enum Lent<'p, 'l> {
    Boxed(PoolBox<'p, Item<'l>>),
    Recycled(Recycled<'p, Item<'l>>),
}

impl Lent<'_, '_> {
    fn is_right(&self) -> bool {
        let item: &Item = match self {
            Lent::Boxed(item) => item,
            Lent::Recycled(item) => item,
        };
        item.1 == [u64::from(item.0.number()); 5]
    }
}

/// Runs the ops until one needs the pool for itself; answers which is next.
fn run_shared<'l, A: Allocator>(
    pool: &Pool<Item<'l>, A>,
    log: &'l Log,
    watch: &Watch,
    ops: &[Op],
    leaked: &mut usize,
) -> usize {
    let value = || {
        let value = log.value();
        let number = u64::from(value.number());
        Item(value, [number; 5])
    };
    let mut lent = Vec::new();
    let mut done = 0;
    for op in ops {
        let at = |which: usize, len: usize| which.checked_rem(len);
        match *op {
            Op::Shrink => break,
            Op::Alloc => lent.extend(pool.try_alloc(value()).ok().map(Lent::Boxed)),
            Op::With { panics: true } => {
                panics(|| drop(pool.try_alloc_with(|| panic_quietly())));
            }
            Op::With { panics: false } => {
                lent.extend(pool.try_alloc_with(value).ok().map(Lent::Boxed));
            }
            Op::TryWith { fails } => {
                let made = pool.try_alloc_try_with(|| if fails { Err(()) } else { Ok(value()) });
                lent.extend(made.ok().map(Lent::Boxed));
            }
            Op::Batch { count, panics_at } => {
                let mut made = None;
                panics(|| {
                    made = pool
                        .try_alloc_batch(count, |n| {
                            if n == panics_at {
                                panic_quietly();
                            }
                            value()
                        })
                        .ok();
                });
                lent.extend(made.into_iter().flatten().map(Lent::Boxed));
            }
            Op::Recycled => {
                if let Ok(mut item) = pool.try_alloc_recycled(value) {
                    let number = u64::from(item.0.number());
                    assert!(item.1 == [number; 5] || item.1 == [7; 5]);
                    item.1 = [number; 5];
                    lent.push(Lent::Recycled(item));
                }
            }
            Op::Drop(which) => {
                if let Some(which) = at(which, lent.len()) {
                    drop(lent.swap_remove(which));
                }
            }
            Op::DropAll { bomb } => {
                log.bomb.set(bomb);
                let all = mem::take(&mut lent);
                panics(|| drop(all));
                log.bomb.set(None);
            }
            Op::IntoInner(which) => {
                if let Some(which) = at(which, lent.len()) {
                    let one = lent.swap_remove(which);
                    assert!(one.is_right());
                    drop(match one {
                        Lent::Boxed(item) => PoolBox::into_inner(item),
                        Lent::Recycled(item) => PoolBox::into_inner(Recycled::into_box(item)),
                    });
                }
            }
            Op::Leak(which) => {
                if let Some(which) = at(which, lent.len()) {
                    *leaked += 1;
                    match lent.swap_remove(which) {
                        Lent::Boxed(item) => PoolBox::leak(item).1 = [0; 5],
                        other => mem::forget(other),
                    }
                }
            }
            Op::IntoBox(which) => {
                if let Some(which) = at(which, lent.len()) {
                    let one = lent.swap_remove(which);
                    lent.push(match one {
                        Lent::Recycled(item) => Lent::Boxed(Recycled::into_box(item)),
                        other => other,
                    });
                }
            }
            Op::Change(one, other) => {
                if let (Some(one), Some(other)) = (at(one, lent.len()), at(other, lent.len())) {
                    lent.swap(one, other);
                }
            }
            Op::Reserve(count) => {
                let before = pool.capacity();
                if pool.try_reserve(count).is_err() {
                    assert_eq!(pool.capacity(), before);
                }
            }
            Op::Limit(limit) => pool.set_limit(limit),
            Op::FailAfter(after) => {
                watch.fail_after.set(Some(after));
            }
        }
        done += 1;
        assert!(lent.iter().all(Lent::is_right));
        assert_eq!(pool.len(), lent.len() + *leaked);
        assert!(pool.capacity() >= pool.len());
    }
    done
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn it_agrees_with_a_model(
        capacity in prop_oneof![Just(0), 1..500_usize],
        ops in proptest::collection::vec(op(), 1..if cfg!(miri) { 40 } else { 150 }),
    ) {
        let (log, watch) = (Log::default(), Watch::default());
        let mut leaked = 0;
        {
            let mut pool = Pool::with_capacity_in(capacity, Watched(&watch));
            let mut ops = &ops[..];
            while !ops.is_empty() {
                let done = run_shared(&pool, &log, &watch, ops, &mut leaked);
                ops = &ops[done..];
                if let Some((Op::Shrink, rest)) = ops.split_first() {
                    ops = rest;
                    let before = watch.bytes();
                    pool.shrink_to_fit();
                    assert!(watch.bytes() <= before);
                    assert_eq!(log.alive().len(), leaked);
                    assert!(leaked != 0 || pool.capacity() == 0);
                }
            }
            watch.fail_after.set(None);
        }
        prop_assert_eq!(log.alive().len(), leaked);
        prop_assert_eq!(watch.count(), 0);
    }
}

#[test]
fn counted_values_are_dropped_once() {
    let dropped = Cell::new(0);
    let pool = Pool::new();
    let boxes: Vec<_> = (0..10).map(|_| pool.alloc(Counted(&dropped))).collect();
    drop(boxes);
    assert_eq!(dropped.get(), 10);
}
