//! Graphs as lists of edges: from a file, or made.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::NONE;
use crate::random::Random;

pub struct Input {
    pub title: String,
    /// The nodes have the numbers below this one.
    pub nodes: u32,
    pub edges: Vec<(u32, u32)>,
    /// What a file calls the nodes, with their numbers; empty where these are the same.
    numbers: HashMap<u64, u32>,
}

impl Input {
    /// Reads lines of two numbers each. Nodes may have any; they are numbered as they come.
    pub fn read(path: &Path) -> Result<Self, String> {
        let title = path.display().to_string();
        let file = File::open(path).map_err(|error| format!("{title}: {error}"))?;
        let mut numbers = HashMap::new();
        let mut edges = Vec::new();
        for (line_number, line) in (1..).zip(BufReader::new(file).lines()) {
            let at = |what: String| format!("{title}:{line_number}: {what}");
            let line = line.map_err(|error| at(error.to_string()))?;
            if line.starts_with(['#', '%']) || line.trim().is_empty() {
                continue;
            }
            let mut ends = [0; 2];
            let words = line.split_whitespace().count();
            if words != ends.len() {
                return Err(at(format!(
                    "an edge has 2 nodes, and this line {words} words"
                )));
            }
            for (end, word) in ends.iter_mut().zip(line.split_whitespace()) {
                let name: u64 = word.parse().map_err(|_| {
                    let most = u64::MAX;
                    at(format!(
                        "a node is a number from 0 to {most}, and not {word:?}"
                    ))
                })?;
                let next = u32::try_from(numbers.len()).unwrap_or(NONE);
                if next == NONE {
                    return Err(at(format!(
                        "node {name} is one more than there can be, {NONE}"
                    )));
                }
                *end = *numbers.entry(name).or_insert(next);
            }
            edges.push((ends[0], ends[1]));
        }
        if edges.is_empty() {
            return Err(format!("{title}: there is no edge in it"));
        }
        Ok(Input {
            title,
            nodes: numbers.len() as u32,
            edges,
            numbers,
        })
    }

    /// Edges from any node to any other.
    pub fn by_chance(nodes: u32, edges: u32, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut pairs: Vec<(u32, u32)> = (0..edges)
            .map(|_| (random.below(nodes), random.below(nodes)))
            .collect();
        // As they would stand in a file.
        pairs.sort_unstable();
        Input {
            title: format!("Edges by chance, seed {seed}"),
            nodes,
            edges: pairs,
            numbers: HashMap::new(),
        }
    }

    /// From each node to the next one, and from each tenth back to the fifth before it.
    pub fn chain(nodes: u32) -> Self {
        let mut edges = Vec::new();
        for node in 0..nodes {
            edges.extend((node + 1 < nodes).then_some((node, node + 1)));
            edges.extend((node % 10 == 9).then(|| (node, node - 5)));
        }
        Input {
            title: "A chain".to_owned(),
            nodes,
            edges,
            numbers: HashMap::new(),
        }
    }

    /// The number of the node that the input calls so.
    pub fn number_of(&self, name: u64) -> Option<u32> {
        if self.numbers.is_empty() {
            u32::try_from(name)
                .ok()
                .filter(|number| *number < self.nodes)
        } else {
            self.numbers.get(&name).copied()
        }
    }
}
