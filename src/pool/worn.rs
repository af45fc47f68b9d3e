//! What comes after the last generations, which no test would reach by using slots: free ones are worn by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

use allocator_api2::alloc::Allocator;
use proptest::prelude::*;

use super::table::RETIRED;
use super::{Handle, Slots};

impl<T, A: Allocator> Slots<T, A> {
    /// Lets all free slots be so old that each has `left` values to come, but for those that are older.
    fn wear(&mut self, left: u32) {
        let worn = RETIRED - 2 * left;
        let slots = self.table.shape.slots;
        for place in 0..self.table.places() {
            if self.table.chunk_at(place).is_none() {
                if self.table.base_at(place) < worn {
                    // SAFETY: there is such a place, without a chunk; the base grows.
                    unsafe { self.table.set_base(place, worn) };
                }
                continue;
            }
            for slot in 0..slots {
                // SAFETY: there is such a slot; its generation grows, and stays even (H2).
                unsafe {
                    let generation = self.table.generation(place, slot);
                    if generation % 2 == 0 && generation < worn {
                        self.table.set_generation(place, slot, worn);
                    }
                }
            }
        }
        self.relink();
    }
}

#[test]
fn a_slot_is_retired_after_its_last_value() {
    let mut slots = Slots::new();
    slots.reserve(1);
    slots.wear(3);
    let capacity = slots.capacity();
    let mut seen = BTreeSet::new();
    for left in (0..3).rev() {
        let handle = slots.insert(left);
        assert_eq!(handle.index(), 0);
        assert!(seen.insert(handle));
        assert_eq!(slots.remove(handle), Some(left));
        assert!(seen.iter().all(|old| !slots.contains(*old)));
    }
    assert_eq!(slots.capacity(), capacity - 1);
    assert_eq!(slots.insert(0).index(), 1);
    assert_eq!(seen.last().unwrap().to_bits(), u64::from(RETIRED - 1));
}

/// Puts in a value whose closure is told the last handle of the slot at `index`, and panics.
fn tell_last_and_panic(slots: &mut Slots<u64>, index: u32) {
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        slots.insert_with(|handle| {
            assert_eq!((handle.index(), handle.parts().1), (index, RETIRED - 1));
            std::panic::resume_unwind(std::boxed::Box::new("on purpose"))
        });
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"on purpose"));
}

#[test]
fn a_fresh_slot_whose_last_handle_was_told_before_a_panic_is_retired() {
    let mut slots = Slots::new();
    slots.insert(0_u64);
    slots.clear();
    // A place without a chunk is worn: the chunk that is made there is fresh, and each slot has one value to come.
    slots.shrink_to_fit();
    slots.wear(1);
    slots.reserve(1);
    let capacity = slots.capacity();
    for index in 0..capacity as u32 {
        tell_last_and_panic(&mut slots, index);
        assert_eq!(slots.capacity(), capacity - 1 - index as usize);
    }
    assert_eq!(slots.insert(1).index(), capacity as u32);
}

#[test]
fn a_slot_whose_last_handle_was_told_before_a_panic_is_retired() {
    let mut slots = Slots::new();
    slots.insert(0_u64);
    slots.clear();
    slots.wear(1);
    let capacity = slots.capacity();
    for index in 0..3 {
        tell_last_and_panic(&mut slots, index);
        assert_eq!(slots.capacity(), capacity - 1 - index as usize);
    }
    assert_eq!(slots.insert(1).index(), 3);
}

#[test]
fn places_of_which_all_slots_are_retired_do_not_come_back() {
    let mut slots = Slots::new();
    slots.insert(0_u64);
    slots.clear();
    slots.wear(1);
    let count = slots.capacity();
    let mut all = BTreeSet::new();
    for _ in 0..3 {
        let handles: Vec<_> = (0..count as u64).map(|n| slots.insert(n)).collect();
        assert!(handles.iter().all(|handle| all.insert(*handle)));
        slots.clear();
        slots.shrink_to_fit();
        assert_eq!(slots.capacity(), 0);
        assert!(all.iter().all(|old| !slots.contains(*old)));
        let clone = slots.clone();
        assert!(all.iter().all(|old| !clone.contains(*old)));
        slots.wear(1);
    }
    assert_eq!(
        all.iter().map(|handle| handle.index()).max(),
        Some(2 * count as u32 - 1)
    );
}

#[test]
fn retired_slots_are_left_alone_by_each_way_out() {
    for how in 0..5 {
        let mut slots: Slots<usize> = Slots::new();
        slots.reserve(1);
        slots.wear(1);
        let count = slots.capacity();
        let last: Vec<_> = (0..count).map(|n| slots.insert(n)).collect();
        match how {
            0 => slots.clear(),
            1 => drop(slots.drain()),
            2 => assert_eq!(slots.drain().count(), count),
            3 => slots.retain(|_, _| false),
            _ => assert!(last.iter().all(|handle| slots.remove(*handle).is_some())),
        }
        assert_eq!((slots.len(), slots.capacity()), (0, 0));
        assert!(slots.insert(7).index() >= count as u32);
        assert!(last.iter().all(|old| !slots.contains(*old)));
    }
}

proptest! {
    #![proptest_config(crate::properties::properties())]

    #[test]
    fn no_handle_comes_twice(ops in proptest::collection::vec((0..7_u8, any::<u32>()), 1..if cfg!(miri) { 15 } else { 150 })) {
        let mut slots = Slots::new();
        let mut alive: BTreeMap<Handle<u32>, u32> = BTreeMap::new();
        let mut ever = BTreeSet::new();
        for (op, number) in ops {
            let nth = |alive: &BTreeMap<Handle<u32>, u32>| {
                alive.keys().nth(number as usize % alive.len().max(1)).copied()
            };
            match op {
                0 | 1 => for value in 0..number % 300 {
                    let handle = slots.insert(value);
                    prop_assert!(ever.insert(handle), "{handle:?} came twice");
                    alive.insert(handle, value);
                },
                2 => if let Some(handle) = nth(&alive) {
                    prop_assert_eq!(slots.remove(handle), alive.remove(&handle));
                },
                3 => {
                    slots.retain(|handle, _| (handle.index() ^ number) % 3 != 0);
                    alive.retain(|handle, _| (handle.index() ^ number) % 3 != 0);
                }
                4 => {
                    slots.clear();
                    alive.clear();
                    slots.shrink_to_fit();
                }
                5 => slots = slots.clone(),
                _ => {
                    slots.shrink_to_fit();
                    slots.wear(number % 4);
                }
            }
            prop_assert!(slots.iter().eq(alive.iter().map(|(handle, value)| (*handle, value))));
            prop_assert!(ever.iter().all(|handle| slots.get(*handle) == alive.get(handle)));
        }
    }
}
