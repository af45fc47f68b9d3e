//! Where a search begins and how it goes on: what a hash becomes, and arithmetic on places, of which the tables of
//! interners consist.

/// The fewest places of a table that is searched one by one.
pub(super) const SMALLEST: usize = 64;

/// The most places of a table that is searched one by one: a tag could not tell more apart.
pub(super) const LARGEST: usize = 1 << if usize::BITS < 64 { 28 } else { 32 };

/// The part of a hash that a table keeps. Every bit of the hash counts in the upper ones of the tag, which lead to a
/// place, so that a hash that is weak at one end serves as well.
#[inline(always)]
pub(super) fn tag(hash: u64) -> u32 {
    // The multiplier is the golden ratio's.
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// The places of the smallest table that takes `count` texts so that searching one by one stays short, three quarters
/// of it, if there is one.
pub(super) fn slots_for(count: usize) -> Option<usize> {
    let slots = count.checked_add(count / 3)?.checked_add(1)?.max(SMALLEST);
    (slots <= LARGEST).then_some(slots)
}

/// The place at which the search for a tag starts, of so many: tags lead to places in their own order.
#[inline(always)]
pub(super) fn home(tag: u32, slots: usize) -> usize {
    ((u64::from(tag) * slots as u64) >> 32) as usize
}

/// The place after another, around the end.
#[inline(always)]
pub(super) fn next(position: usize, slots: usize) -> usize {
    if position + 1 == slots {
        0
    } else {
        position + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_what_it_was_chosen_for_and_has_a_free_slot() {
        let capacity = |slots: usize| slots - slots / 4;
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
        }
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
