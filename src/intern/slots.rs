//! Where a text's number is found by its hash, with many threads and in a frozen interner: numbers in, numbers out.
//!
//! A slot is 0 while it is free; else its upper half is the [`tag`] of a text, and its lower half one more than the
//! text's number. A text stands in the slot that its tag leads to, or in the next free one behind, around the end.
//! Tags lead to slots in their own order, so that a table is copied to a larger one from front to back. Nothing is
//! ever taken out.

/// The slots of the smallest table. Few where each is a matter for the model checker.
pub(super) const SMALLEST: usize = if cfg!(loom) { 4 } else { 64 };

/// The slots of the largest table: a tag could not tell more apart.
pub(super) const LARGEST: usize = 1 << if usize::BITS < 64 { 28 } else { 32 };

/// The part of a hash that a table keeps. Every bit of the hash counts in the upper ones of the tag, which lead to a
/// place, so that a hash that is weak at one end serves as well.
#[inline(always)]
pub(super) fn tag(hash: u64) -> u32 {
    // The multiplier is the golden ratio's.
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// A slot that is taken.
#[inline(always)]
pub(super) fn slot(tag: u32, index: usize) -> u64 {
    (u64::from(tag) << 32) | (index as u64 + 1)
}

/// The tag of a slot that is taken.
#[inline(always)]
pub(super) fn tag_of(slot: u64) -> u32 {
    (slot >> 32) as u32
}

/// How many texts a table takes, so that searching stays short: three quarters.
#[inline(always)]
pub(super) const fn capacity(slots: usize) -> usize {
    slots - slots / 4
}

/// The slots of the smallest table that takes `count` texts, if there is one.
pub(super) fn slots_for(count: usize) -> Option<usize> {
    let slots = count.checked_add(count / 3)?.checked_add(1)?.max(SMALLEST);
    (slots <= LARGEST).then_some(slots)
}

/// The slots of the table that comes when one is full: for `wanted` texts, or for `count` at least.
pub(super) fn next_slots(wanted: usize, count: usize) -> Option<usize> {
    let least = slots_for(count)?;
    Some(slots_for(wanted).unwrap_or(LARGEST).max(least))
}

/// The slot at which the search for a tag starts.
#[inline(always)]
pub(super) fn home(tag: u32, slots: usize) -> usize {
    ((u64::from(tag) * slots as u64) >> 32) as usize
}

/// The slot after another.
#[inline(always)]
pub(super) fn next(position: usize, slots: usize) -> usize {
    if position + 1 == slots {
        0
    } else {
        position + 1
    }
}

/// Looks for a text: answers what `matches` says of the number of the first one with this tag of which it says
/// something, or else the free slot at which the search ended, where the text belongs.
///
/// `load` reads a slot; at least one of them is free.
#[inline(always)]
pub(super) fn find<R>(
    tag: u32,
    slots: usize,
    load: impl Fn(usize) -> u64,
    mut matches: impl FnMut(usize) -> Option<R>,
) -> Result<R, usize> {
    let mut position = home(tag, slots);
    loop {
        let slot = load(position);
        if slot == 0 {
            return Err(position);
        }
        if tag_of(slot) == tag {
            if let Some(found) = matches(slot as u32 as usize - 1) {
                return Ok(found);
            }
        }
        position = next(position, slots);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_tells_what_it_was_made_of() {
        for tag in [0, 1, u32::MAX] {
            for index in [0, 1, capacity(LARGEST) - 1] {
                let slot = slot(tag, index);
                assert_ne!(slot, 0);
                assert_eq!((tag_of(slot), slot as u32 as usize - 1), (tag, index));
            }
        }
    }

    #[test]
    fn a_table_takes_what_it_was_chosen_for_and_has_a_free_slot() {
        let largest = capacity(LARGEST);
        for count in (0..5000).chain(largest - 10..largest - 3) {
            let slots = slots_for(count).unwrap();
            assert!((SMALLEST..=LARGEST).contains(&slots));
            assert!(capacity(slots) >= count && capacity(slots) < slots);
            // It is not larger than it has to be.
            assert!(slots == SMALLEST || capacity(slots) <= count + 2);
        }
        for count in [largest + 1, usize::MAX / 2, usize::MAX] {
            assert_eq!(slots_for(count), None);
            assert_eq!(next_slots(count, count), None);
            assert_eq!(next_slots(count, 7), Some(LARGEST));
        }
        assert_eq!(next_slots(0, 100), slots_for(100));
        assert_eq!(next_slots(300, 100), slots_for(300));
    }

    #[test]
    fn tags_lead_to_slots_in_order() {
        for slots in [1, 2, 3, 64, 100, 97, LARGEST] {
            assert_eq!((home(0, slots), home(u32::MAX, slots)), (0, slots - 1));
            let mut before = 0;
            for tag in (0..u32::MAX).step_by(1 << 20) {
                let home = home(tag, slots);
                assert!(home >= before && home < slots);
                before = home;
            }
            assert_eq!(next(slots - 1, slots), 0);
        }
        assert_eq!(next(0, 2), 1);
    }

    #[test]
    fn a_search_goes_around_the_end_and_stays_within() {
        let mut slots = [0; 60];
        let size = slots.len();
        for index in 0..capacity(size) {
            let at = find::<()>(u32::MAX, size, |at| slots[at], |_| None).unwrap_err();
            assert_eq!(at, (size - 1 + index) % size);
            slots[at] = slot(u32::MAX, index);
        }
        let seven = |index| (index == 7).then_some(7);
        assert_eq!(find(u32::MAX, size, |at| slots[at], seven), Ok(7));
    }

    #[test]
    fn weak_hashes_spread() {
        // Those of an identity, of one that counts in the upper bits, and of one that is all multiples.
        for hash in [|n: u64| n, |n| n << 40, |n| n << 56 | n, |n| n * 64] {
            let mut homes: std::vec::Vec<_> =
                (0..256_u64).map(|n| home(tag(hash(n)), 1000)).collect();
            homes.sort_unstable();
            homes.dedup();
            assert!(homes.len() > 150, "{}", homes.len());
        }
    }
}
