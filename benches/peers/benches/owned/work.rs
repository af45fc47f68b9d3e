//! What the rows do: one body each, compiled once for every contender.

use std::hint::black_box;

use peers::place_code;

use crate::contenders::{Frames, Lives};

/// A binary tree, in whichever arena.
pub struct Node<'a> {
    pub number: u64,
    pub below: Option<[&'a Node<'a>; 2]>,
}

impl Node<'_> {
    /// The tree with `count` nodes, which is one less than a power of two.
    #[inline(always)]
    pub fn build<'a>(count: usize, alloc: impl Fn(Node<'a>) -> &'a Node<'a>) -> &'a Node<'a> {
        fn recurse<'a>(count: usize, alloc: &impl Fn(Node<'a>) -> &'a Node<'a>) -> &'a Node<'a> {
            let half = count / 2;
            let below = (half > 0).then(|| [recurse(half, alloc), recurse(half, alloc)]);
            let number = count as u64;
            alloc(Node { number, below })
        }
        recurse(black_box(count), &alloc)
    }

    pub fn sum(&self) -> u64 {
        let below = self.below.iter().flatten().map(|node| node.sum());
        self.number + below.sum::<u64>()
    }
}

#[inline(never)]
pub fn life<L: Lives, const SHIFT: usize>(state: &mut L, count: usize) {
    place_code::<SHIFT>();
    black_box(state.life(count));
}

#[inline(never)]
pub fn reads<L: Lives, const SHIFT: usize>(owners: &[L::Owner]) {
    place_code::<SHIFT>();
    let mut sum = 0;
    for owner in owners {
        sum += L::read(black_box(owner)).number;
    }
    black_box(sum);
}

#[inline(never)]
pub fn frame<F: Frames, const SHIFT: usize>(frames: &mut F) {
    place_code::<SHIFT>();
    frames.advance();
    black_box(frames.first());
}
