//! `Slots` against each class of bug that such have had, and beside a map by handles.

mod support;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Layout};
use arenula::Arena;
use arenula::pool::{Handle, Slots};
use proptest::prelude::*;
use support::properties::properties;
use support::values::{Log, Panicking, Saying, Tracked, aborts, sayings};
use support::{Watch, Watched, panic_quietly, panics};

/// All that can be seen of slots, by each of the ways to it.
fn seen<T: Clone + Ord + std::fmt::Debug, A: Allocator>(
    slots: &Slots<T, A>,
) -> BTreeMap<Handle<T>, T> {
    let by_next: Vec<_> = slots.iter().collect();
    let mut by_fold = Vec::new();
    slots.iter().for_each(|pair| by_fold.push(pair));
    assert_eq!(by_next, by_fold);
    assert!(by_next.is_sorted_by_key(|(handle, _)| handle.index()));
    assert_eq!(
        (by_next.len(), slots.is_empty()),
        (slots.len(), by_next.is_empty())
    );
    let mut half = slots.iter();
    half.by_ref().take(by_next.len() / 2).for_each(drop);
    assert_eq!(half.len(), by_next.len().div_ceil(2));
    assert_eq!(half.count(), by_next.len().div_ceil(2));
    by_next
        .into_iter()
        .map(|(handle, value)| (handle, value.clone()))
        .collect()
}

// Handles.

#[test]
fn a_stale_handle_finds_nothing() {
    let mut slots = Slots::new();
    let first = slots.insert(1);
    let mut stale = Vec::new();
    let mut handle = first;
    for n in 2..100 {
        assert_eq!(slots.remove(handle), Some(n - 1));
        stale.push(handle);
        handle = slots.insert(n);
        assert_eq!(handle.index(), first.index());
        for &old in &stale {
            assert!(!slots.contains(old));
            assert_eq!(slots.get(old), None);
            assert_eq!(slots.remove(old), None);
            assert_eq!(slots.get_mut(old), None);
            assert_eq!(slots.get_disjoint_mut([handle, old]), None);
        }
    }
    assert!(panics(|| assert_eq!(slots[first], 0)));
    assert_eq!(slots[handle], 99);
}

#[test]
fn any_number_is_harmless_as_a_handle() {
    let mut slots: Slots<String> = (0..1000).map(|n: u32| n.to_string()).collect();
    let handles: Vec<_> = slots.iter().map(|(handle, _)| handle).collect();
    for handle in &handles[300..600] {
        slots.remove(*handle);
    }
    slots.shrink_to_fit();
    let before = slots.len();
    let step = if cfg!(miri) { 29 } else { 1 };
    let large = [0xFFFF, 1 << 31, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF];
    let numbers = (0..2000_u64).step_by(step).chain(large);
    for index in numbers {
        for generation in [
            0,
            1,
            2,
            3,
            4,
            5,
            0x8000_0001,
            0xFFFF_FFFD,
            0xFFFF_FFFE,
            0xFFFF_FFFF,
        ] {
            let bits = index << 32 | generation;
            let handle = Handle::from_bits(bits);
            assert_eq!(handle.is_some(), generation % 2 == 1);
            if let Some(handle) = handle {
                assert_eq!(handle.to_bits(), bits);
                let is_there = handles.contains(&handle) && !(300..600).contains(&index);
                assert_eq!(slots.contains(handle), is_there);
                assert_eq!(slots.get(handle).is_some(), is_there);
                if !is_there {
                    assert_eq!(slots.remove(handle), None);
                }
            }
        }
    }
    assert_eq!(slots.len(), before);
}

#[test]
fn handles_of_other_slots_find_values_or_nothing() {
    let mut one: Slots<u32> = (0..10).collect();
    let mut two: Slots<u32> = (0..1000).collect();
    let of_two: Vec<_> = two.iter().map(|(handle, _)| handle).collect();
    for handle in of_two {
        assert_eq!(one.get(handle).is_some(), handle.index() < 10);
        one.remove(handle);
    }
    assert!(one.is_empty());
    two.clear();
}

#[test]
fn handles_are_ordered_and_hashed_as_numbers() {
    let mut slots = Slots::new();
    let handles: Vec<_> = (0..10).map(|n| slots.insert(n)).collect();
    assert!(handles.is_sorted_by_key(|handle| handle.to_bits()));
    let map: HashMap<_, _> = handles.iter().map(|handle| (*handle, ())).collect();
    assert_eq!(map.len(), 10);
    assert_eq!(format!("{:?}", handles[3]), "3v1");
    assert_eq!(size_of::<Option<Handle<String>>>(), 8);
}

#[test]
fn generations_survive_shrinking() {
    let mut slots = Slots::new();
    let mut stale = Vec::new();
    let (rounds, step) = if cfg!(miri) { (4, 71) } else { (20, 1) };
    for round in 0..rounds {
        let handles: Vec<_> = (0..700 + 100 * (round % 3_u32))
            .map(|n| slots.insert(u64::from(n)))
            .collect();
        let mut some = stale.iter().step_by(step);
        assert!(some.all(|old| !handles.contains(old)));
        for &handle in &handles {
            slots.remove(handle);
        }
        stale.extend(handles);
        slots.shrink_to_fit();
        assert_eq!(slots.capacity(), 0);
        assert!(stale.iter().all(|old| !slots.contains(*old)));
    }
}

#[test]
fn disjoint_values_are_lent_at_once() {
    let mut slots: Slots<u32> = (0..600).collect();
    let handles: Vec<_> = slots.iter().map(|(handle, _)| handle).collect();
    let [a, b, c] = slots
        .get_disjoint_mut([handles[599], handles[0], handles[300]])
        .unwrap();
    mem::swap(a, b);
    *c = 7;
    assert_eq!(
        (slots[handles[0]], slots[handles[599]], slots[handles[300]]),
        (599, 0, 7)
    );
    let [a, b] = [handles[1], handles[2]];
    assert!(slots.get_disjoint_mut([a, b, a]).is_none());
    assert_eq!(slots.get_disjoint_mut([]), Some([]));
    slots.remove(a);
    assert!(slots.get_disjoint_mut([a, b]).is_none());
}

// Panics.

#[test]
fn a_handle_that_was_told_before_a_panic_never_stands_for_a_value() {
    let log = Log::default();
    for count in [0, 1, 100, 600] {
        let mut slots: Slots<Tracked> = (0..count).map(|_| log.value()).collect();
        let mut told = Vec::new();
        for _ in 0..3 {
            assert!(panics(|| {
                slots.insert_with(|handle| {
                    told.push(handle);
                    panic_quietly()
                });
            }));
            assert_eq!((slots.len(), log.alive().len()), (count, count));
        }
        assert!(told.iter().all(|handle| handle.index() == told[0].index()));
        let next = slots.insert(log.value());
        assert_eq!(next.index(), told[0].index());
        slots.extend((0..1000).map(|_| log.value()));
        assert!(told.iter().all(|handle| !slots.contains(*handle)));
        drop(slots);
        log.dropped();
    }
}

#[test]
fn panicking_destructors_leave_slots_that_are_right() {
    for bomb in [0, 1, 63, 64, 150, 299] {
        for how in 0..5 {
            if cfg!(miri) && (bomb + how) % 3 != 0 {
                continue;
            }
            let log = Log::default();
            let mut slots: Slots<Tracked> = (0..300).map(|_| log.value()).collect();
            let handles: Vec<_> = slots.iter().map(|(handle, _)| handle).collect();
            log.bomb.set(Some(bomb));
            let panicked = panics(|| match how {
                0 => slots.clear(),
                1 => drop(slots.drain()),
                2 => slots.retain(|_, _| false),
                3 => {
                    let all = mem::take(&mut slots);
                    drop(all);
                }
                _ => drop(mem::take(&mut slots).into_iter()),
            });
            assert!(panicked);
            let left = if how == 2 { 299 - bomb } else { 0 };
            assert_eq!((slots.len(), log.alive().len()), (left, left));
            assert_eq!(log.dropped().len(), 300 - left);
            assert!(
                handles[..300 - left]
                    .iter()
                    .all(|old| !slots.contains(*old))
            );
            let capacity = slots.capacity();
            while slots.len() < capacity {
                slots.insert(log.value());
            }
            assert_eq!(slots.capacity(), capacity, "each free slot was found");
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
        let mut slots: Slots<Bomb> = [Bomb, Bomb].into_iter().collect();
        slots.clear();
    });
    assert_ne!(aborted, Some(false));
}

#[test]
fn a_panic_in_retain_keeps_what_was_not_asked_about() {
    let log = Log::default();
    let mut slots: Slots<Tracked> = (0..200).map(|_| log.value()).collect();
    assert!(panics(|| {
        slots.retain(|_, value| {
            if value.number() == 100 {
                panic_quietly();
            }
            value.number() % 2 == 0
        });
    }));
    assert_eq!((slots.len(), log.alive().len()), (150, 150));
}

#[test]
fn a_panic_in_clone_drops_what_was_made() {
    struct Fragile<'l>(&'l Log, Tracked<'l>, &'l Cell<usize>);
    impl Clone for Fragile<'_> {
        fn clone(&self) -> Self {
            match self.2.get().checked_sub(1) {
                Some(left) => self.2.set(left),
                None => panic_quietly(),
            }
            Fragile(self.0, self.0.value(), self.2)
        }
    }
    let (log, left) = (Log::default(), Cell::new(0));
    let slots: Slots<Fragile> = (0..300)
        .map(|_| Fragile(&log, log.value(), &left))
        .collect();
    for step in [0, 1, 64, 150, 299] {
        left.set(step);
        assert!(panics(|| drop(slots.clone())));
        assert_eq!((log.alive().len(), log.dropped().len()), (300, step));
    }
    assert!(slots.iter().all(|(_, fragile)| fragile.1.number() < 300));
}

#[test]
fn what_is_said_of_lengths_is_not_believed() {
    for count in [0, 1, 100] {
        for says in sayings(count) {
            let log = Log::default();
            let mut slots: Slots<Tracked> = Saying(says, (0..count).map(|_| log.value())).collect();
            slots.extend(Saying(says, (0..count).map(|_| log.value())));
            assert_eq!((slots.len(), log.alive().len()), (2 * count, 2 * count));
            assert!(slots.capacity() <= 2 * count + 512);
            drop(slots);
            assert!(log.alive().is_empty());
        }
    }
}

// Leaked iterators, clones.

#[test]
fn what_a_forgotten_drain_did_not_take_stays() {
    let log = Log::default();
    let mut slots: Slots<Tracked> = (0..300).map(|_| log.value()).collect();
    let mut drain = slots.drain();
    let taken: Vec<_> = drain.by_ref().take(100).collect();
    assert_eq!(drain.len(), 200);
    mem::forget(drain);
    assert_eq!(slots.len(), 200);
    assert!(taken.iter().all(|(handle, _)| !slots.contains(*handle)));
    drop(taken);
    let mut rest = slots.into_iter();
    assert!(
        rest.by_ref()
            .take(50)
            .map(|(_, value)| value.number())
            .eq(100..150)
    );
    drop(rest);
    assert!(log.alive().is_empty());
}

#[test]
fn handles_of_the_original_find_the_clones() {
    let mut slots: Slots<String> = (0..1000).map(|n: u32| n.to_string()).collect();
    let stale: Vec<_> = slots.iter().map(|(handle, _)| handle).collect();
    slots.retain(|handle, _| handle.index() % 7 == 0 || handle.index() > 900);
    for (handle, _) in slots.clone().iter().take(20) {
        slots.remove(handle);
    }
    slots.shrink_to_fit();
    let mut clone = slots.clone();
    assert_eq!(seen(&slots), seen(&clone));
    for handle in &stale {
        assert_eq!(slots.get(*handle), clone.get(*handle));
    }
    let count = if cfg!(miri) { 100 } else { 1000 };
    let new: Vec<_> = (0..count).map(|n| clone.insert(n.to_string())).collect();
    assert!(new.iter().all(|handle| !stale.contains(handle)));
}

// Sizes.

fn fits<T: Clone + Ord + std::fmt::Debug>(value: T) {
    let watch = Watch::default();
    let mut slots = Slots::new_in(Watched(&watch));
    let count = if cfg!(miri) { 100 } else { 700 };
    let handles: Vec<_> = (0..count).map(|_| slots.insert(value.clone())).collect();
    let mut places: Vec<_> = handles
        .iter()
        .map(|h| (&raw const slots[*h]).addr())
        .collect();
    assert!(places.iter().all(|place| place % align_of::<T>() == 0));
    places.sort_unstable();
    assert!(
        places
            .windows(2)
            .all(|pair| pair[1] - pair[0] >= size_of::<T>())
    );
    assert!(seen(&slots).values().all(|seen| *seen == value));
    for handle in &handles[10..] {
        assert_eq!(slots.remove(*handle), Some(value.clone()));
    }
    slots.shrink_to_fit();
    assert_eq!(seen(&slots).len(), 10);
    slots.clear();
    slots.shrink_to_fit();
    assert_eq!(slots.capacity(), 0);
    drop(slots);
    assert_eq!(watch.count(), 0);
}

#[test]
fn values_of_all_sizes_and_alignments_fit() {
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
    #[repr(align(4096))]
    struct Page(u8);
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
    #[repr(align(64))]
    struct Empty;
    fits(());
    fits(Empty);
    fits(1_u8);
    fits([1_u8; 3]);
    fits([1_u8; 5]);
    fits(1_u32);
    fits([1_u64; 4]);
    fits([1_u8; 1000]);
    fits([1_u8; 9000]);
    fits(Page(1));
    fits(String::from("text"));
}

#[test]
fn overhead_is_four_bytes_a_slot() {
    fn overhead<T: Default>() -> f64 {
        let watch = Watch::default();
        let mut slots = Slots::<T, _>::new_in(Watched(&watch));
        slots.reserve(100_000);
        watch.bytes() as f64 / slots.capacity() as f64 - size_of::<T>() as f64
    }
    // The table has 12 bytes for each chunk of 8 KiB or so, and as much again while it grows.
    assert!(overhead::<[u64; 4]>() < 4.0 + 36.0 * 24.0 / 4096.0);
    assert!(overhead::<u32>() < 4.0 + 8.0 * 24.0 / 4096.0);
    assert!(overhead::<[u8; 5]>() < 4.0 + 3.0 + 0.1);
    assert!(overhead::<u64>() < 4.0 + 0.1);
}

#[test]
fn chunks_are_slots_with_four_bytes_each_and_nothing_else() {
    fn exact<T>() {
        let watch = Watch::default();
        let mut slots = Slots::<T, _>::new_in(Watched(&watch));
        slots.reserve(1);
        let table = 4 * (size_of::<usize>() + 4);
        let slot = size_of::<T>()
            .max(4)
            .next_multiple_of(align_of::<T>().max(4));
        assert_eq!(watch.bytes() - table, slots.capacity() * (slot + 4));
    }
    macro_rules! aligned {
        ($($align:literal)*) => {$({
            #[repr(align($align))]
            struct Aligned(#[allow(dead_code, reason = "it takes room")] [u8; $align]);
            exact::<Aligned>();
            #[repr(align($align))]
            struct Twice(#[allow(dead_code, reason = "it takes room")] [u8; $align + 1]);
            exact::<Twice>();
        })*};
    }
    aligned!(1 2 4 8 16 32 64 128 256 512 1024 2048 4096);
    exact::<[u64; 4]>();
    exact::<[u8; 5]>();
    exact::<[u8; 9000]>();
    exact::<()>();
}

#[test]
fn values_of_few_words_come_back_whole() {
    fn back<T: Clone + PartialEq + std::fmt::Debug>(value: T) {
        let mut slots = Slots::new();
        let handle = slots.insert(value.clone());
        assert_eq!(slots.remove(handle).as_ref(), Some(&value));
        let handles: Vec<_> = (0..100).map(|_| slots.insert(value.clone())).collect();
        for handle in handles {
            assert_eq!(slots.remove(handle).as_ref(), Some(&value));
        }
    }
    back(7_usize);
    back((1_u8, u64::MAX, 2_u16));
    back(Some(Box::new(5)));
    back(None::<Box<u8>>);
    back(String::from("text"));
    back([Some("a"), None]);
    back(1_u128 << 77);
    back((0.5_f64, 'c', true, Some(false)));
    back([1_u64, 2, 3, 4]);
    back([1_usize, 2, 3, 4, 5]);
    back([1_u8; 32]);
    back(vec![String::from("text"); 3]);
}

/// Full chunks, full parts of chunks, and slots here and there: each is gone through in a way of its own.
#[test]
fn all_are_gone_through_wherever_the_gaps_are() {
    type Gap = fn(usize) -> bool;
    let gaps: [Gap; 10] = [
        |_| false,
        |n| n == 0,
        |n| n == 63,
        |n| n == 64,
        |n| n % 64 == 0,
        |n| n / 64 % 2 == 0,
        |n| n / 256 % 2 == 1,
        |n| n % 256 == 255,
        |n| n % 2 == 1,
        |n| n < 700,
    ];
    for count in [1, 64, 256, 257, 1000] {
        for (which, gap) in gaps.iter().enumerate() {
            let mut slots: Slots<[usize; 4]> = (0..count).map(|n| [n; 4]).collect();
            slots.retain(|_, [n, ..]| !gap(*n));
            let left: Vec<usize> = (0..count).filter(|n| !gap(*n)).collect();
            assert!(
                seen(&slots)
                    .values()
                    .map(|[n, ..]| *n)
                    .eq(left.iter().copied())
            );
            for (nth, start) in [0, 1, 30, 64, 300].into_iter().enumerate() {
                if cfg!(miri) && (which + nth) % 5 != 0 {
                    continue;
                }
                let (mut by_next, mut rest) = (Vec::new(), slots.iter());
                by_next.extend(rest.by_ref().take(start).map(|(_, [n, ..])| *n));
                assert_eq!(rest.len(), left.len() - by_next.len());
                rest.for_each(|(handle, value)| {
                    assert_eq!(slots.get(handle), Some(value));
                    by_next.push(value[0]);
                });
                assert_eq!(by_next, left, "{which} of {count} from {start}");

                let mut clone = slots.clone();
                let mut drain = clone.drain();
                assert!(drain.by_ref().take(start).count() <= start);
                assert_eq!(drain.len(), left.len().saturating_sub(start));
                drop(drain);
                assert!(clone.is_empty() && clone.insert([0; 4]).index() < 1000);
            }
            slots.values_mut().for_each(|value| value[0] += 1);
            let more = left.iter().map(|n| n + 1);
            assert!(slots.values().map(|[n, ..]| *n).eq(more));
        }
    }
}

#[test]
fn handles_and_values_come_alone_too() {
    let mut slots: Slots<String> = (0..300).map(|n: u32| n.to_string()).collect();
    slots.retain(|handle, _| handle.index() % 3 != 0);
    let all: Vec<_> = slots
        .iter()
        .map(|(handle, text)| (handle, text.clone()))
        .collect();
    assert!(slots.keys().eq(all.iter().map(|pair| pair.0)));
    assert!(slots.values().eq(all.iter().map(|pair| &pair.1)));
    let mut values = slots.values();
    assert_eq!((values.len(), values.next()), (200, Some(&all[0].1)));
    assert_eq!((values.clone().count(), values.len()), (199, 199));
    assert_eq!(
        format!("{:?} {:?}", slots.keys(), values),
        "Keys(200) Values(199)"
    );
    for text in slots.values_mut() {
        text.push('!');
    }
    assert!(slots.clone().into_keys().eq(all.iter().map(|pair| pair.0)));
    let mut for_good = slots.into_values();
    let first: Vec<String> = for_good.by_ref().take(100).collect();
    assert_eq!((first[99].as_str(), for_good.len()), ("149!", 100));
    assert_eq!(for_good.last(), Some("299!".into()));
}

#[test]
fn a_handle_that_was_told_before_a_failure_never_stands_for_a_value() {
    let log = Log::default();
    let mut slots: Slots<Tracked> = (0..100).map(|_| log.value()).collect();
    let mut told = Vec::new();
    for _ in 0..3 {
        let failed = slots.insert_try_with(|handle| {
            told.push(handle);
            let _value = log.value();
            Err("no")
        });
        assert_eq!(failed, Err("no"));
        assert_eq!((slots.len(), log.alive().len()), (100, 100));
    }
    let made = slots.insert_try_with(|handle| {
        told.push(handle);
        Ok::<_, ()>(log.value())
    });
    assert_eq!(made.ok(), told.pop());
    assert!(told.iter().all(|handle| !slots.contains(*handle)));
    slots.set_limit(Some(0));
    loop {
        let mut called = false;
        let full = slots.len() == slots.capacity();
        let made = slots.try_insert_try_with(|_| {
            called = true;
            Ok::<_, ()>(log.value())
        });
        assert_eq!((made.is_ok(), called), (!full, !full));
        if let Err(error) = made {
            assert!(matches!(error, arenula::AllocOrInitError::Alloc(_)));
            break;
        }
    }
}

#[test]
fn a_clone_has_the_same_limit() {
    let mut slots: Slots<u64> = (0..1000).collect();
    slots.set_limit(Some(10));
    let mut clone = slots.clone();
    assert_eq!((clone.limit(), clone.len()), (Some(10), 1000));
    while clone.try_insert(0).is_ok() {}
    assert!(clone.len() < 3000);
}

#[test]
fn impossible_sizes_are_refused() {
    let mut slots = Slots::<u64>::new();
    for count in [usize::MAX, isize::MAX as usize, u32::MAX as usize] {
        assert!(slots.try_reserve(count).is_err());
        assert!(panics(|| slots.reserve(count)));
    }
    assert_eq!(slots.capacity(), 0);
    // What has no indices, or exceeds the limit, is not begun.
    let watch = Watch::default();
    let mut bytes = Slots::<u8, _>::new_in(Watched(&watch));
    assert!(bytes.try_reserve(u32::MAX as usize - 1).is_err());
    bytes.set_limit(Some(1_000_000));
    assert!(bytes.try_reserve(10_000_000).is_err());
    assert_eq!((bytes.capacity(), watch.asked.get()), (0, 0));
    #[cfg(target_pointer_width = "64")]
    {
        let watch = Watch::default();
        let mut slots = Slots::<[u8; 1 << 46], _>::new_in(Watched(&watch));
        assert!(slots.try_reserve(1).is_err());
        assert_eq!(slots.capacity(), 0);
    }
}

// Memory.

#[test]
fn values_never_move() {
    let mut slots = Slots::new();
    let handles: Vec<_> = (0..100).map(|n: u32| slots.insert(n)).collect();
    let places: Vec<_> = handles
        .iter()
        .map(|h| (&raw const slots[*h]).addr())
        .collect();
    let more: Vec<_> = (0..10_000).map(|n| slots.insert(n)).collect();
    for handle in more {
        slots.remove(handle);
    }
    slots.shrink_to_fit();
    let now: Vec<_> = handles
        .iter()
        .map(|h| (&raw const slots[*h]).addr())
        .collect();
    assert_eq!(places, now);
}

#[test]
fn memory_shrinks_again() {
    let watch = Watch::default();
    let mut slots = Slots::new_in(Watched(&watch));
    let (count, least) = if cfg!(miri) {
        (20_000, 15)
    } else {
        (100_000_u64, 50)
    };
    let handles: Vec<_> = (0..count).map(|n| slots.insert(n)).collect();
    let full = watch.bytes();
    for handle in &handles[10..] {
        slots.remove(*handle);
    }
    slots.shrink_to_fit();
    assert!(watch.bytes() < full / least, "{} of {full}", watch.bytes());
    assert_eq!(seen(&slots).len(), 10);
}

#[test]
fn a_failing_backing_allocator_loses_nothing_at_each_call() {
    for fail_after in (0..20).step_by(if cfg!(miri) { 7 } else { 1 }) {
        for fail_on in [false, true] {
            let (log, watch) = (Log::default(), Watch::default());
            let mut slots = Slots::new_in(Watched(&watch));
            watch.fail_after.set(Some(fail_after));
            watch.fail_on.set(fail_on);
            let mut handles = Vec::new();
            for step in 0..if cfg!(miri) { 1000 } else { 2000 } {
                let before = slots.len();
                match step % 50 {
                    0 => drop(slots.try_reserve(step)),
                    1 => slots.shrink_to_fit(),
                    2 => handles.extend(slots.try_insert_with(|_| log.value())),
                    _ => handles.extend(slots.try_insert(log.value())),
                }
                assert!(slots.len() - before <= 1);
                assert_eq!(slots.len(), handles.len());
                if step % 100 == 0 {
                    assert_eq!(log.alive().len(), handles.len());
                }
                if step % 500 == 499 {
                    for handle in handles.drain(..handles.len() / 2) {
                        drop(slots.remove(handle));
                    }
                }
            }
            watch.fail_after.set(None);
            handles.push(slots.insert(log.value()));
            assert!(handles.iter().all(|handle| slots.contains(*handle)));
            drop(slots);
            assert_eq!((watch.count(), log.alive().len()), (0, 0));
        }
    }
}

#[test]
fn a_panicking_backing_allocator_loses_nothing_at_each_call() {
    for after in (0..60).step_by(if cfg!(miri) { 19 } else { 1 }) {
        let (log, watch, bomb) = (Log::default(), Watch::default(), Cell::new(Some(after)));
        let mut slots = Slots::new_in(Panicking(Watched(&watch), &bomb));
        let mut handles = Vec::new();
        panics(|| {
            // Enough for the table to be replaced, by a larger one and then by a smaller one.
            for step in 0..2000 {
                handles.push(slots.insert(log.value()));
                if step % 200 == 199 {
                    slots.reserve(step);
                }
            }
            for handle in handles.drain(20..) {
                slots.remove(handle);
            }
            slots.shrink_to_fit();
        });
        bomb.set(None);
        assert_eq!(slots.len(), log.alive().len());
        let capacity = slots.capacity();
        while slots.len() < capacity + 1 {
            slots.insert(log.value());
        }
        assert!(slots.iter().all(|(handle, _)| slots.contains(handle)));
        drop(slots);
        assert_eq!((watch.count(), log.alive().len()), (0, 0), "{after}");
    }
}

/// A [`Panicking`] allocator that is shared by its clones.
#[derive(Clone, Copy)]
struct Shared<'p>(&'p Panicking<'p>);

// SAFETY: it hands on what the other one does.
unsafe impl allocator_api2::alloc::Allocator for Shared<'_> {
    fn allocate(
        &self,
        layout: std::alloc::Layout,
    ) -> Result<std::ptr::NonNull<[u8]>, arenula::AllocError> {
        self.0.allocate(layout)
    }
    unsafe fn deallocate(&self, block: std::ptr::NonNull<u8>, layout: std::alloc::Layout) {
        // SAFETY: the same contract.
        unsafe { self.0.deallocate(block, layout) }
    }
}

#[test]
fn a_clone_in_which_the_backing_allocator_panics_leaves_nothing() {
    let (watch, left) = (Watch::default(), Cell::new(None));
    let panicking = Panicking(Watched(&watch), &left);
    let mut slots = Slots::new_in(Shared(&panicking));
    let handles: Vec<_> = (0..1000).map(|n| slots.insert(vec![n])).collect();
    for handle in handles.iter().step_by(3) {
        slots.remove(*handle);
    }
    let held = (watch.count(), watch.bytes());
    for n in 0.. {
        left.set(Some(n));
        let panicked = panics(|| {
            let clone = slots.clone();
            assert!(clone.iter().eq(slots.iter()));
        });
        let is_over = left.take().is_some();
        assert_ne!(panicked, is_over);
        assert_eq!((watch.count(), watch.bytes()), held);
        if is_over {
            assert!(n > 3);
            break;
        }
    }
    let kept = slots.iter().map(|(handle, value)| (handle, value[0]));
    assert!(kept.eq((0..1000).filter(|n| n % 3 != 0).map(|n| (handles[n], n))));
}

#[test]
fn a_clone_for_which_there_is_no_memory_leaves_nothing_at_each_call() {
    let (log, watch) = (Log::default(), Watch::default());
    struct Cloned<'l> {
        log: &'l Log,
        _value: Tracked<'l>,
    }
    impl<'l> Cloned<'l> {
        fn new(log: &'l Log) -> Self {
            let _value = log.value();
            Cloned { log, _value }
        }
    }
    impl Clone for Cloned<'_> {
        fn clone(&self) -> Self {
            Cloned::new(self.log)
        }
    }
    let mut slots = Slots::new_in(Watched(&watch));
    slots.extend((0..2000).map(|_| Cloned::new(&log)));
    let blocks = watch.count();
    let mut fail_after = 0;
    loop {
        watch.fail_after.set(Some(fail_after));
        let cloned = slots.try_clone();
        watch.fail_after.set(None);
        if let Ok(cloned) = cloned {
            assert!(
                cloned
                    .iter()
                    .map(|(handle, _)| handle)
                    .eq(slots.iter().map(|(handle, _)| handle))
            );
            break;
        }
        assert_eq!((watch.count(), log.alive().len()), (blocks, 2000));
        fail_after += if cfg!(miri) { 3 } else { 1 };
    }
    assert!(fail_after > 5);
}

#[test]
fn a_backing_allocator_that_always_panics_ends_no_program() {
    /// Panics whenever it is asked for memory, from some time on.
    struct Refusing<'w>(Watched<'w>, &'w Cell<bool>);
    // SAFETY: it hands on what the other one does.
    unsafe impl Allocator for Refusing<'_> {
        fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
            if self.1.get() {
                panic_quietly();
            }
            self.0.allocate(layout)
        }

        unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
            // SAFETY: the block came from there.
            unsafe { self.0.deallocate(block, layout) }
        }
    }
    let (watch, refuses) = (Watch::default(), Cell::new(false));
    let mut slots = Slots::new_in(Refusing(Watched(&watch), &refuses));
    let handles: Vec<_> = (0..10_000).map(|n| slots.insert(n)).collect();
    slots.retain(|_, n| *n == 1);
    refuses.set(true);
    assert!(panics(|| slots.shrink_to_fit()));
    refuses.set(false);
    assert_eq!((slots.len(), slots[handles[1]]), (1, 1));
    slots.extend(0..10_000);
    assert!(
        handles
            .iter()
            .filter(|handle| slots.contains(**handle))
            .count()
            == 1
    );
    drop(slots);
    assert_eq!(watch.count(), 0);
}

#[test]
fn room_that_is_not_to_be_had_in_full_is_not_kept() {
    for fail_after in (0..10).step_by(if cfg!(miri) { 4 } else { 1 }) {
        for taken in [0, 1, 700] {
            let watch = Watch::default();
            let mut slots = Slots::new_in(Watched(&watch));
            let mut handles: Vec<_> = (0..taken).map(|n| slots.insert(n)).collect();
            for handle in handles.drain(..taken / 2) {
                slots.remove(handle);
            }
            let before = (slots.capacity(), watch.bytes());
            watch.fail_after.set(Some(fail_after));
            assert!(slots.try_reserve(10_000).is_err());
            assert_eq!(slots.capacity(), before.0);
            // But for the table.
            assert!(watch.bytes() <= before.1 + 1000);
            watch.fail_after.set(None);
            slots.reserve(10_000);
            let blocks = watch.asked.get();
            handles.extend((taken..taken + 10_000).map(|n| slots.insert(n)));
            assert_eq!(watch.asked.get(), blocks);
            assert!(
                (taken / 2..)
                    .zip(&handles)
                    .all(|(n, handle)| slots[*handle] == n)
            );
            drop(slots);
            assert_eq!(watch.count(), 0);
        }
    }
}

/// Chunks that were made by `reserve` and not begun, one that is begun, and slots that came back, all at once.
#[test]
fn room_that_was_there_is_kept_where_more_is_not_to_be_had() {
    const LARGE: [u8; 2000] = [0; 2000]; // Four slots to a chunk.
    for begun in [0, 1, 3, 4, 5, 12] {
        for back in [0, 1] {
            for fail_after in (0..8).step_by(if cfg!(miri) { 5 } else { 1 }) {
                let watch = Watch::default();
                let mut slots = Slots::new_in(Watched(&watch));
                slots.reserve(12);
                let mut handles: Vec<_> = (0..begun).map(|_| slots.insert(LARGE)).collect();
                for handle in handles.drain(..back.min(begun)) {
                    slots.remove(handle);
                }
                watch.fail_after.set(Some(fail_after));
                assert!(slots.try_reserve(1000).is_err());
                assert_eq!(slots.capacity(), 12);
                let asked = watch.asked.get();
                while slots.len() < 12 {
                    handles.push(slots.insert(LARGE));
                }
                assert_eq!(watch.asked.get(), asked, "each free slot was found");
                let indices: BTreeSet<_> = handles.iter().map(|handle| handle.index()).collect();
                assert!(indices.into_iter().eq(0..12));
            }
        }
    }
}

#[test]
fn all_slots_of_a_chunk_may_be_told_before_panics() {
    let mut slots = Slots::<[u8; 2000]>::new();
    let mut told = BTreeSet::new();
    for count in 1..if cfg!(miri) { 6 } else { 40 } {
        slots.reserve(4 * count);
        let capacity = slots.capacity();
        // What is told comes back, and is filled: so the next one that is told is fresh again.
        for _ in 0..3 {
            assert!(panics(|| {
                slots.insert_with(|own| {
                    assert!(told.insert(own), "{own:?} was told before");
                    panic_quietly()
                });
            }));
            assert_eq!(slots.capacity(), capacity);
            let handle = slots.insert([0; 2000]);
            assert!(told.insert(handle), "{handle:?} was told before");
        }
        while slots.len() < capacity {
            assert!(told.insert(slots.insert([0; 2000])));
        }
        assert_eq!(slots.capacity(), capacity);
        if count % 4 == 0 {
            slots.clear();
            slots.shrink_to_fit();
        } else if count % 4 == 2 {
            slots.retain(|handle, _| handle.index() % 4 == 1);
        }
    }
}

#[test]
fn a_limit_is_exact() {
    let watch = Watch::default();
    let mut slots = Slots::new_in(Watched(&watch));
    for limit in [0, 47, 100, 4096, 10_000, 123_456] {
        slots.set_limit(Some(limit));
        assert_eq!(slots.limit(), Some(limit));
        while slots.try_insert([0_u64; 4]).is_ok() {
            assert!(watch.bytes() <= limit);
        }
        assert!(watch.bytes() + 9216 + 500 > limit);
        slots.clear();
        slots.shrink_to_fit();
    }
    slots.set_limit(None);
    slots.insert([0; 4]);
}

#[test]
fn they_stand_on_an_arena() {
    let arena = Arena::new();
    let mut slots = Slots::new_in(&arena);
    let handles: Vec<_> = (0..1000_u64).map(|n| slots.insert(n)).collect();
    assert!(handles.iter().all(|handle| arena.contains(&slots[*handle])));
}

#[test]
fn they_are_collections() {
    let mut slots: Slots<u32> = (0..10).collect();
    slots.extend(10..20);
    for (_, value) in &mut slots {
        *value += 1;
    }
    assert_eq!((&slots).into_iter().map(|(_, n)| *n).sum::<u32>(), 210);
    assert!(format!("{slots:?}").starts_with("{0v1: 1, 1v1: 2,"));
    assert!(slots.iter_mut().map(|(_, n)| *n).eq(1..21));
    let (mut sum, handle) = (0, slots.iter().nth(3).unwrap().0);
    slots.iter_mut().for_each(|(_, n)| sum += *n);
    slots[handle] = 1000;
    assert_eq!((sum, slots[handle]), (210, 1000));
    assert_eq!(slots.into_iter().count(), 20);
    assert!(Slots::<u8>::default().is_empty());
}

/// Values that refer to what lives shorter than the slots do, as in a vector.
#[test]
fn values_may_borrow_from_what_is_made_later() {
    let mut slots = Slots::<&str>::new();
    let text = String::from("text");
    let handle = slots.insert(&text);
    assert_eq!(slots[handle], "text");
}

// A model.

#[derive(Clone, Debug)]
enum Op {
    Insert(usize),
    InsertWith {
        panics: bool,
    },
    Remove(usize),
    RemoveStale(usize),
    Get(usize),
    Swap(usize, usize),
    Retain {
        modulo: u32,
        panics_at: Option<usize>,
    },
    Drain {
        take: usize,
        forget: bool,
    },
    Clear {
        bomb: Option<usize>,
    },
    Reserve(usize),
    Shrink,
    Clone,
    Limit(Option<usize>),
    FailAfter(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (1..100_usize).prop_map(Op::Insert),
        3 => any::<bool>().prop_map(|panics| Op::InsertWith { panics }),
        8 => any::<usize>().prop_map(Op::Remove),
        2 => any::<usize>().prop_map(Op::RemoveStale),
        2 => any::<usize>().prop_map(Op::Get),
        2 => any::<(usize, usize)>().prop_map(|(one, other)| Op::Swap(one, other)),
        2 => (1..9_u32, proptest::option::of(0..100_usize))
            .prop_map(|(modulo, panics_at)| Op::Retain { modulo, panics_at }),
        1 => (0..100_usize, any::<bool>()).prop_map(|(take, forget)| Op::Drain { take, forget }),
        1 => proptest::option::of(0..100_usize).prop_map(|bomb| Op::Clear { bomb }),
        1 => (0..2000_usize).prop_map(Op::Reserve),
        3 => Just(Op::Shrink),
        1 => Just(Op::Clone),
        1 => proptest::option::of(0..100_000_usize).prop_map(Op::Limit),
        1 => (0..4_usize).prop_map(Op::FailAfter),
    ]
}

/// A value that says which it is, has a place on the heap, and is counted.
struct Item<'l>(
    #[allow(dead_code, reason = "it is dropped")] Tracked<'l>,
    u32,
);

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn they_agree_with_a_map(
        capacity in prop_oneof![Just(0), 1..1000_usize],
        ops in proptest::collection::vec(op(), 1..if cfg!(miri) { 20 } else { 120 }),
    ) {
        let (log, watch) = (Log::default(), Watch::default());
        let value = || {
            let value = log.value();
            let number = value.number();
            Item(value, number)
        };
        let mut slots = Slots::with_capacity_in(capacity, Watched(&watch));
        let mut model: HashMap<Handle<Item>, u32> = HashMap::new();
        let mut order: Vec<Handle<Item>> = Vec::new();
        let mut stale: Vec<Handle<Item>> = Vec::new();
        for op in ops {
            let at = |which: usize| which.checked_rem(order.len()).map(|at| order[at]);
            match op {
                Op::Insert(count) => for _ in 0..count {
                    if let Ok(handle) = slots.try_insert(value()) {
                        model.insert(handle, slots[handle].1);
                    }
                },
                Op::InsertWith { panics: true } => {
                    let mut told = None;
                    panics(|| { let _ = slots.try_insert_with(|own| { told = Some(own); panic_quietly() }); });
                    prop_assert!(told.is_none_or(|told| !slots.contains(told)));
                }
                Op::InsertWith { panics: false } => {
                    let mut told = None;
                    let made = slots.try_insert_with(|own| { told = Some(own); value() });
                    prop_assert_eq!(made.ok(), told);
                    if let Some(handle) = told {
                        model.insert(handle, slots[handle].1);
                    }
                }
                Op::Remove(which) => if let Some(handle) = at(which) {
                    prop_assert_eq!(slots.remove(handle).map(|item| item.1), model.remove(&handle));
                },
                Op::RemoveStale(which) => if let Some(at) = which.checked_rem(stale.len()) {
                    prop_assert!(slots.remove(stale[at]).is_none());
                },
                Op::Get(which) => if let Some(handle) = at(which) {
                    prop_assert_eq!(slots.get(handle).map(|item| item.1), model.get(&handle).copied());
                },
                Op::Swap(one, other) => if let (Some(one), Some(other)) = (at(one), at(other)) {
                    match slots.get_disjoint_mut([one, other]) {
                        Some([a, b]) => {
                            mem::swap(a, b);
                            let (a, b) = (model[&one], model[&other]);
                            model.insert(one, b);
                            model.insert(other, a);
                        }
                        None => prop_assert_eq!(one, other),
                    }
                },
                Op::Retain { modulo, panics_at } => {
                    let mut asked = 0;
                    panics(|| slots.retain(|handle, item| {
                        assert_eq!(model.get(&handle), Some(&item.1));
                        if panics_at == Some(asked) {
                            panic_quietly();
                        }
                        asked += 1;
                        let keep = item.1 % modulo != 0;
                        if !keep {
                            model.remove(&handle);
                        }
                        keep
                    }));
                }
                Op::Drain { take, forget } => {
                    let mut drain = slots.drain();
                    for (handle, item) in drain.by_ref().take(take) {
                        prop_assert_eq!(model.remove(&handle), Some(item.1));
                    }
                    if forget {
                        mem::forget(drain);
                    } else {
                        drop(drain);
                        model.clear();
                    }
                }
                Op::Clear { bomb } => {
                    log.bomb.set(bomb);
                    panics(|| slots.clear());
                    log.bomb.set(None);
                    model.clear();
                }
                Op::Reserve(count) => if slots.try_reserve(count).is_ok() {
                    prop_assert!(slots.capacity() >= slots.len() + count);
                },
                Op::Shrink => {
                    slots.shrink_to_fit();
                    prop_assert!(!model.is_empty() || slots.capacity() == 0);
                }
                Op::Clone => {
                    let plain: Slots<u32> = slots.iter().map(|(_, item)| item.1).collect();
                    let clone = plain.clone();
                    prop_assert_eq!(seen(&plain), seen(&clone));
                }
                Op::Limit(limit) => slots.set_limit(limit),
                Op::FailAfter(after) => watch.fail_after.set(Some(after)),
            }
            stale.extend(order.iter().filter(|handle| !model.contains_key(handle)));
            order = model.keys().copied().collect();
            order.sort();
            prop_assert!(slots.iter().map(|(handle, item)| (handle, item.1)).eq(
                order.iter().map(|handle| (*handle, model[handle]))
            ));
            prop_assert_eq!((slots.len(), log.alive().len()), (model.len(), model.len()));
            prop_assert!(stale.iter().rev().take(300).all(|old| !slots.contains(*old)));
            prop_assert!(stale.len() > 300 || stale.iter().all(|old| !model.contains_key(old)));
            prop_assert!(slots.capacity() >= slots.len());
        }
        drop(slots);
        prop_assert_eq!((watch.count(), log.alive().len()), (0, 0));
    }
}

#[cfg(feature = "serde")]
mod documents {
    use super::*;

    #[test]
    fn slots_and_handles_go_to_a_document_and_back() {
        for count in [0_u32, 1, 3, 127, 128, 129, 1000] {
            let mut slots: Slots<Option<u32>> =
                (0..count).map(|n| (n % 5 != 0).then_some(n)).collect();
            let stale: Vec<_> = slots.iter().map(|(handle, _)| handle).collect();
            slots.retain(|handle, _| handle.index() % 3 == 1 || handle.index() > 700);
            for _ in 0..count / 10 {
                slots.insert(None);
            }
            slots.shrink_to_fit();
            let text = serde_json::to_string(&slots).unwrap();
            let mut back: Slots<Option<u32>> = serde_json::from_str(&text).unwrap();
            assert_eq!(seen(&slots), seen(&back));
            assert_eq!(serde_json::to_string(&back).unwrap(), text);
            assert!(
                stale
                    .iter()
                    .all(|handle| slots.get(*handle) == back.get(*handle))
            );
            let new: Vec<_> = (0..2000).map(|_| back.insert(None)).collect();
            let mut some = new.iter().step_by(if cfg!(miri) { 97 } else { 1 });
            assert!(some.all(|handle| !stale.contains(handle)));

            let text = serde_json::to_string(&stale).unwrap();
            let handles: Vec<Handle<Option<u32>>> = serde_json::from_str(&text).unwrap();
            assert_eq!(handles, stale);
        }
    }

    #[test]
    fn hostile_documents_are_refused() {
        for text in [
            "[1]",
            "[2,1]",
            "[4294967295,1]",
            "[-1]",
            "[4294967296]",
            "{}",
            "[1,\"text\"]",
            "[0,1,2,3]",
            "[\"a\"]",
        ] {
            assert!(serde_json::from_str::<Slots<u32>>(text).is_err(), "{text}");
        }
        for text in [
            "[0,0]",
            "[0,2]",
            "[-1,1]",
            "[4294967296,1]",
            "[1]",
            "[0,1,2]",
            "1",
        ] {
            assert!(serde_json::from_str::<Handle<u32>>(text).is_err(), "{text}");
        }
        let far: Handle<u32> = serde_json::from_str("[4294967295,4294967295]").unwrap();
        assert!(!Slots::<u32>::new().contains(far));
    }

    #[test]
    fn the_last_generations_are_kept() {
        let mut slots: Slots<u32> =
            serde_json::from_str("[4294967294,4294967293,7,4294967292]").unwrap();
        assert_eq!(slots.len(), 1);
        let (last, _) = slots.iter().next().unwrap();
        assert_eq!((last.index(), slots.remove(last)), (1, Some(7)));
        let new: Vec<_> = (0..1000).map(|n| slots.insert(n)).collect();
        assert!(
            new.iter()
                .all(|handle| handle.index() != 0 && handle.index() != 1)
        );
        assert_eq!(new[0].to_bits(), (2 << 32) | 0xFFFF_FFFD);
        slots.clear();
        slots.shrink_to_fit();
        // The chunk that held a retired slot does not come back, since nobody knows of the others how far they were.
        let next = slots.insert(1);
        assert!(new.iter().all(|old| *old != next) && next.index() > 2);
    }

    #[test]
    fn vacant_slots_take_no_chunks() {
        let vacant = if cfg!(miri) { 2000 } else { 100_000 };
        let text = format!("[{}1,7]", "0,".repeat(vacant));
        let slots: Slots<[u64; 4]> = serde_json::from_str::<Slots<u8>>(&text)
            .map(|_| Slots::new())
            .unwrap();
        assert!(slots.is_empty());
        let sparse: Slots<u64> = serde_json::from_str(&text).unwrap();
        assert!((sparse.len(), sparse.capacity()) == (1, 512));
        let index = sparse.iter().next().unwrap().0.index();
        assert_eq!(index as usize, vacant);
    }
}
