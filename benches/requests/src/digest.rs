//! What makes a number of a result, so that those of two programs can be compared.

/// Depends on every byte, but costs little beside the work that they are the result of.
pub(crate) fn of_bytes(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let mut sum = bytes.len() as u64;
    for word in &mut words {
        sum = add(sum, u64::from_le_bytes(word.try_into().expect("8 bytes")));
    }
    (words.remainder().iter()).fold(sum, |sum, &byte| add(sum, u64::from(byte)))
}

/// A step of a sum that depends on the order.
#[inline]
pub(crate) fn add(sum: u64, value: u64) -> u64 {
    sum.rotate_left(5) ^ value
}
