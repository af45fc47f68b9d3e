//! A node for each box.

use std::hint::black_box;

use crate::digest;
use crate::workloads::Workload;

/// Builds a binary tree of 2 047 boxes, adds up what is in them, and drops it.
pub(crate) struct Tree {
    height: u32,
}

struct Node {
    value: u64,
    children: Option<[Box<Node>; 2]>,
}

impl Node {
    fn boxed(height: u32, value: u64) -> Box<Self> {
        let children =
            (height > 1).then(|| [0, 1].map(|side| Self::boxed(height - 1, 2 * value + side)));
        Box::new(Self { value, children })
    }

    fn sum(&self) -> u64 {
        (self.children.iter().flatten())
            .fold(self.value, |sum, child| digest::add(sum, child.sum()))
    }
}

impl Workload for Tree {
    const NAME: &'static str = "tree";

    fn new() -> Self {
        Self { height: 11 }
    }

    fn answer(&self) -> u64 {
        let tree = black_box(Node::boxed(self.height, 1));
        tree.sum()
    }
}
