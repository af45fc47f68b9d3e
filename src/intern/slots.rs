//! Where a text's number is found by its hash: numbers in, numbers out.
//!
//! A table has a power of two of slots. A slot is 0 while it is free; else its upper half is the [`tag`] of a text,
//! and its lower half one more than the text's number. A text stands in the slot that its tag names by its upper
//! bits, or in the next free one behind, around the end. Nothing is ever taken out.

/// The slots of the smallest table, as a power of two. Few where each is a matter for the model checker.
pub(super) const FIRST_BITS: u32 = if cfg!(loom) { 2 } else { 6 };

/// The slots of the largest table, as a power of two: a tag could not tell more apart.
pub(super) const LAST_BITS: u32 = if usize::BITS < 64 { 28 } else { 32 };

/// The part of a hash that a table keeps. Every bit of the hash counts, so that one that is weak at one end
/// serves as well.
#[inline(always)]
pub(super) fn tag(hash: u64) -> u32 {
    // The multiplier is the golden ratio's.
    ((hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// A slot that is taken.
#[inline(always)]
pub(super) fn slot(tag: u32, index: usize) -> u64 {
    u64::from(tag) << 32 | (index as u64 + 1)
}

/// The tag of a slot that is taken.
#[inline(always)]
pub(super) fn tag_of(slot: u64) -> u32 {
    (slot >> 32) as u32
}

/// How many texts a table of `1 << bits` slots takes, so that searching stays short: three quarters.
#[inline(always)]
pub(super) const fn capacity(bits: u32) -> usize {
    let slots = 1_u64 << bits;
    (slots - slots / 4) as usize
}

/// The bits of the smallest table that takes `count` texts, if there is one.
pub(super) fn bits_for(count: usize) -> Option<u32> {
    (FIRST_BITS..=LAST_BITS).find(|&bits| capacity(bits) >= count)
}

/// The slot at which the search for a tag starts, among `1 << bits`.
#[inline(always)]
pub(super) fn home(tag: u32, bits: u32) -> usize {
    (u64::from(tag) << bits >> 32) as usize
}

/// The slot after another.
#[inline(always)]
pub(super) fn next(position: usize, bits: u32) -> usize {
    (position + 1) & ((1_u64 << bits) - 1) as usize
}

/// Looks for a text: answers what `matches` says of the number of the first one with this tag of which it says
/// something, or else the free slot at which the search ended, where the text belongs.
///
/// `load` reads a slot; at least one of them is free.
#[inline(always)]
pub(super) fn find<R>(
    tag: u32,
    bits: u32,
    load: impl Fn(usize) -> u64,
    mut matches: impl FnMut(usize) -> Option<R>,
) -> Result<R, usize> {
    let mut position = home(tag, bits);
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
        position = next(position, bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_tells_what_it_was_made_of() {
        for tag in [0, 1, u32::MAX] {
            for index in [0, 1, capacity(LAST_BITS) - 1] {
                let slot = slot(tag, index);
                assert_ne!(slot, 0);
                assert_eq!((tag_of(slot), slot as u32 as usize - 1), (tag, index));
            }
        }
    }

    #[test]
    fn a_table_takes_what_it_was_chosen_for_and_has_a_free_slot() {
        assert_eq!(bits_for(0), Some(FIRST_BITS));
        for bits in FIRST_BITS..=LAST_BITS {
            assert!((capacity(bits) as u64) < 1 << bits);
            assert_eq!(bits_for(capacity(bits)), Some(bits));
        }
        assert_eq!(bits_for(capacity(LAST_BITS) + 1), None);
        assert_eq!(bits_for(usize::MAX), None);
    }

    #[test]
    fn a_search_goes_around_the_end_and_stays_within() {
        for bits in [0, FIRST_BITS, 7] {
            let last = (1 << bits) - 1;
            assert_eq!(home(u32::MAX, bits), last);
            assert_eq!(home(0, bits), 0);
            assert_eq!(next(last, bits), 0);
        }
        assert_eq!(home(u32::MAX, 32), u32::MAX as usize);
        const BITS: u32 = 6;
        let mut slots = [0; 1 << BITS];
        for index in 0..capacity(BITS) {
            let at = find::<()>(u32::MAX, BITS, |at| slots[at], |_| None).unwrap_err();
            assert_eq!(at, (slots.len() - 1 + index) % slots.len());
            slots[at] = slot(u32::MAX, index);
        }
        let found = find(
            u32::MAX,
            BITS,
            |at| slots[at],
            |index| (index == 7).then_some(7),
        );
        assert_eq!(found, Ok(7));
    }

    #[test]
    fn weak_hashes_spread() {
        // Those of an identity, of one that counts in the upper bits, and of one that is all multiples.
        for hash in [|n: u64| n, |n| n << 40, |n| n << 56 | n, |n| n * 64] {
            let mut homes: std::vec::Vec<_> =
                (0..256_u64).map(|n| home(tag(hash(n)), 10)).collect();
            homes.sort_unstable();
            homes.dedup();
            assert!(homes.len() > 150, "{}", homes.len());
        }
    }
}
