//! Whether answers are right. It goes by the list of edges alone, and trusts no algorithm.

use crate::NONE;
use crate::input::Input;

/// What is in the graph at the moment.
pub struct Live {
    is_live: Vec<bool>,
    edges: Vec<(u32, u32)>,
}

impl Live {
    pub fn new(input: &Input) -> Self {
        Live {
            is_live: vec![true; input.nodes as usize],
            edges: input.edges.clone(),
        }
    }

    /// Nodes go, and for good the edges to them and from them.
    pub fn remove(&mut self, nodes: &[u32]) {
        for node in nodes {
            self.is_live[*node as usize] = false;
        }
        let is_live = &self.is_live;
        (self.edges).retain(|(from, to)| is_live[*from as usize] && is_live[*to as usize]);
    }

    pub fn add(&mut self, nodes: &[u32], edges: &[(u32, u32)]) {
        for node in nodes {
            self.is_live[*node as usize] = true;
        }
        self.edges.extend(edges);
    }

    /// No edge may lead farther than by one, so none of the distances is too large; and each node but the first
    /// is one farther than another that leads to it, so none is too small.
    pub fn check_distances(&self, start: u32, distances: &[u32]) -> Result<(), String> {
        let mut is_proved = vec![false; distances.len()];
        is_proved[start as usize] = distances[start as usize] == 0;
        for &(from, to) in &self.edges {
            let [before, after] = [from, to].map(|node| distances[node as usize]);
            if before == NONE {
                continue;
            }
            if after > before + 1 {
                return Err(format!(
                    "node {to} is nearer than {after} edges, by node {from}"
                ));
            }
            is_proved[to as usize] |= after == before + 1;
        }
        for (node, distance) in distances.iter().enumerate() {
            let is_right = match *distance {
                NONE => true,
                _ => self.is_live[node] && is_proved[node],
            };
            if !is_right {
                return Err(format!("no way of {distance} edges leads to node {node}"));
            }
        }
        Ok(())
    }

    /// In each component a member must lead to all others, and all others to it: so none is too large. And no edge may
    /// lead to a component with a higher number: so there is no way back to another one, and none is too small.
    pub fn check_components(&self, components: &[u32]) -> Result<(), String> {
        let component_of = |node: u32| components[node as usize];
        for (node, is_live) in (0..).zip(&self.is_live) {
            if *is_live != (component_of(node) != NONE) {
                return Err(format!(
                    "node {node} has the component {}",
                    component_of(node)
                ));
            }
        }
        let up = |(from, to): &&(u32, u32)| component_of(*from) < component_of(*to);
        if let Some((from, to)) = self.edges.iter().find(up) {
            return Err(format!("components can be wrong: of nodes {from} and {to}"));
        }
        let within = self.edges.iter().copied();
        let within = within.filter(|(from, to)| component_of(*from) == component_of(*to));
        let back = within.clone().map(|(from, to)| (to, from));
        for edges in [
            Outgoing::new(components.len(), within),
            Outgoing::new(components.len(), back),
        ] {
            // All components at once, as no edge leads from one to another: from the first member of each.
            let mut has_first = vec![false; components.len()];
            let mut is_reached = vec![false; components.len()];
            let mut reached = Vec::new();
            for node in (0..components.len() as u32).filter(|node| component_of(*node) != NONE) {
                if !std::mem::replace(&mut has_first[component_of(node) as usize], true) {
                    is_reached[node as usize] = true;
                    reached.push(node);
                }
            }
            while let Some(node) = reached.pop() {
                for next in edges.of(node) {
                    if !std::mem::replace(&mut is_reached[*next as usize], true) {
                        reached.push(*next);
                    }
                }
            }
            let is_apart = |node: &usize| components[*node] != NONE && !is_reached[*node];
            if let Some(node) = (0..components.len()).find(is_apart) {
                return Err(format!(
                    "node {node} is not of component {}",
                    components[node]
                ));
            }
        }
        Ok(())
    }
}

/// The edges sorted by the nodes from which they lead.
struct Outgoing {
    starts: Vec<usize>,
    ends: Vec<u32>,
}

impl Outgoing {
    fn new(nodes: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0; nodes + 1];
        for (from, _) in edges.clone() {
            starts[from as usize] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut ends = vec![0; sum];
        for (from, to) in edges {
            let start = &mut starts[from as usize];
            *start -= 1;
            ends[*start] = to;
        }
        Outgoing { starts, ends }
    }

    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.ends[self.starts[node]..self.starts[node + 1]]
    }
}
