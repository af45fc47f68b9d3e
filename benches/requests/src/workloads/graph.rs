//! Vectors that grow.

use std::collections::VecDeque;
use std::hint::black_box;

use crate::digest;
use crate::random::Random;
use crate::workloads::Workload;

/// Makes a graph of a list of edges, and finds the distances of its 200 nodes from one of them.
pub(crate) struct Graph {
    edges: Vec<(usize, usize)>,
}

const NODES: usize = 200;

/// Beside those that make one piece of the graph.
const MORE_EDGES: usize = 400;

impl Workload for Graph {
    const NAME: &'static str = "graph";

    fn new() -> Self {
        let mut random = Random::new();
        let mut edges: Vec<_> = (1..NODES).map(|node| (random.below(node), node)).collect();
        edges.extend((0..MORE_EDGES).map(|_| (random.below(NODES), random.below(NODES))));
        Self { edges }
    }

    fn answer(&self) -> u64 {
        let mut neighbours = vec![Vec::new(); NODES];
        for &(one, other) in &self.edges {
            neighbours[one].push(other);
            neighbours[other].push(one);
        }
        let neighbours = black_box(neighbours);

        let mut distances = vec![None; NODES];
        distances[0] = Some(0);
        let mut queue = VecDeque::from([(0, 0)]);
        while let Some((node, distance)) = queue.pop_front() {
            for &neighbour in &neighbours[node] {
                if distances[neighbour].is_none() {
                    distances[neighbour] = Some(distance + 1);
                    queue.push_back((neighbour, distance + 1));
                }
            }
        }
        (distances.into_iter()).fold(0, |sum, distance| digest::add(sum, distance.unwrap_or(999)))
    }
}
