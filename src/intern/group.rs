//! Sixteen bytes that are compared at once: control bytes of a table.

/// The bytes of a group.
pub(super) const WIDTH: usize = 16;

/// The control bytes of as many places, which follow each other.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Group(pub(super) [u8; WIDTH]);

/// Some of the bytes of a group, of which the lowest is taken first.
#[derive(Clone, Copy)]
pub(super) struct Lanes(Mask);

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
use sse2::{Mask, STRIDE, equal};

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
use portable::{Mask, STRIDE, equal};

impl Group {
    /// The bytes of two words, from the lowest on.
    #[cfg(all(feature = "std", target_has_atomic = "64"))]
    #[inline(always)]
    pub(super) fn of(low: u64, high: u64) -> Self {
        Group((u128::from(low) | u128::from(high) << 64).to_le_bytes())
    }

    /// The bytes that are this one.
    #[inline(always)]
    pub(super) fn equal(self, byte: u8) -> Lanes {
        Lanes(equal(self.0, byte))
    }
}

impl Iterator for Lanes {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let lane = self.0.trailing_zeros() as usize / STRIDE;
        self.0 &= self.0 - 1;
        Some(lane)
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
mod sse2 {
    use core::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
    };

    /// A bit for each byte.
    pub(super) type Mask = u32;

    pub(super) const STRIDE: usize = 1;

    #[inline(always)]
    pub(super) fn equal(bytes: [u8; super::WIDTH], byte: u8) -> Mask {
        // SAFETY: the processor has these instructions, and as many bytes are loaded as there are.
        unsafe {
            let bytes = _mm_loadu_si128((&raw const bytes).cast::<__m128i>());
            _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8))) as u32
        }
    }
}

#[cfg(any(
    test,
    not(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))
))]
#[cfg_attr(
    all(target_arch = "x86_64", target_feature = "sse2", not(miri)),
    allow(dead_code, reason = "the tests compare it")
)]
mod portable {
    /// The highest of the bits of each byte.
    pub(super) type Mask = u128;

    pub(super) const STRIDE: usize = 8;

    #[inline(always)]
    pub(super) fn equal(bytes: [u8; super::WIDTH], byte: u8) -> Mask {
        const LOW: u128 = u128::from_ne_bytes([0x7F; 16]);
        let differences = u128::from_le_bytes(bytes) ^ u128::from_ne_bytes([byte; 16]);
        // Nothing is carried from one byte to the next: the highest bit stays 0 just where all are.
        !(((differences & LOW) + LOW) | differences | LOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    proptest! {
        #![proptest_config(crate::properties::properties())]

        #[test]
        fn the_lanes_are_those_of_the_bytes_that_are_equal(
            bytes: [u8; WIDTH],
            few in prop::array::uniform16(0..3_u8),
            high in prop::array::uniform16(prop_oneof![Just(0_u8), Just(1), Just(0x7F), Just(0x80), Just(0xFF)]),
            byte: u8,
        ) {
            for (bytes, byte) in [(bytes, byte), (bytes, bytes[7]), (few, 0), (few, 1), (high, 0), (high, 0x80), (high, 0xFF)] {
                let model: Vec<_> = (0..WIDTH).filter(|&lane| bytes[lane] == byte).collect();
                prop_assert_eq!(Group(bytes).equal(byte).collect::<Vec<_>>(), &*model);
                let mask = portable::equal(bytes, byte);
                let lanes: Vec<_> = (0..WIDTH).filter(|lane| mask >> (lane * 8 + 7) & 1 != 0).collect();
                prop_assert_eq!((lanes, mask.count_ones() as usize), (model.clone(), model.len()));
                #[cfg(all(feature = "std", target_has_atomic = "64"))]
                {
                    let (low, high) = bytes.split_at(8);
                    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
                    let lanes = Group::of(word(low), word(high)).equal(byte);
                    prop_assert_eq!(lanes.collect::<Vec<_>>(), model);
                }
            }
        }
    }
}
