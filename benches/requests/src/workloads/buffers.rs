//! Buffers that come and go.

use std::hint::black_box;

use crate::random::Random;
use crate::workloads::Workload;

/// Fills 50 temporary buffers of 16 to 400 bytes; up to four of them are alive at a time.
pub(crate) struct Buffers {
    source: Vec<u8>,
    /// The size of each buffer, and whose place it takes.
    plan: Vec<(usize, usize)>,
}

const COUNT: usize = 50;
const ALIVE: usize = 4;
const LEAST: usize = 16;
const MOST: usize = 400;

impl Workload for Buffers {
    const NAME: &'static str = "buffers";

    fn new() -> Self {
        let mut random = Random::new();
        Self {
            source: (0..MOST).map(|_| random.below(256) as u8).collect(),
            plan: (0..COUNT)
                .map(|_| (LEAST + random.below(MOST - LEAST + 1), random.below(ALIVE)))
                .collect(),
        }
    }

    fn answer(&self) -> u64 {
        let mut alive: [Vec<u8>; ALIVE] = Default::default();
        let mut sum = 0;
        for &(size, place) in &self.plan {
            alive[place] = black_box(self.source[..size].to_vec());
            // No more than a byte of each is looked at: the cost should be that of the buffers.
            sum += alive[place].last().copied().map_or(0, u64::from);
        }
        sum
    }
}
