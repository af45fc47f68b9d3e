//! A node for each box.

use std::hint::black_box;

use crate::workloads::Workload;

/// Builds a binary tree of 2 047 boxes, adds up what is in them, and drops it.
pub(crate) struct Tree {
    height: u32,
}

struct Node {
    value: u64,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}

impl Node {
    fn boxed(height: u32, value: u64) -> Option<Box<Self>> {
        if height == 0 {
            return None;
        }
        Some(Box::new(Self {
            value,
            left: Self::boxed(height - 1, 2 * value),
            right: Self::boxed(height - 1, 2 * value + 1),
        }))
    }

    fn sum(&self) -> u64 {
        let of = |child: &Option<Box<Self>>| child.as_ref().map_or(0, |child| child.sum());
        self.value + of(&self.left) + of(&self.right)
    }
}

impl Workload for Tree {
    const NAME: &'static str = "tree";

    fn new() -> Self {
        Self { height: 11 }
    }

    fn answer(&self) -> u64 {
        let tree = black_box(Node::boxed(self.height, 1));
        tree.map_or(0, |tree| tree.sum())
    }
}
