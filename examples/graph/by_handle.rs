//! Nodes and edges in slots, that know each other by handles. Each can go alone; handles of what is gone find nothing.

use arenula::pool::{Handle, Slots};

use crate::NONE;
use crate::input::Input;

struct Node {
    /// The edge that came last, which knows the one before.
    last_edge: Option<Handle<Edge>>,
    /// What the algorithms note: the distance, or the component with what leads to it.
    distance: u32,
    component: u32,
    order: u32,
    low: u32,
}

#[derive(Clone, Copy)]
struct Edge {
    to: Handle<Node>,
    before: Option<Handle<Edge>>,
}

const NEW: Node = Node {
    last_edge: None,
    distance: NONE,
    component: NONE,
    order: NONE,
    low: NONE,
};

pub struct Graph {
    nodes: Slots<Node>,
    edges: Slots<Edge>,
    /// The node that has a number, or had it.
    handles: Vec<Handle<Node>>,
}

impl Graph {
    pub fn new(input: &Input) -> Self {
        let mut nodes = Slots::with_capacity(input.nodes as usize);
        let handles = (0..input.nodes).map(|_| nodes.insert(NEW)).collect();
        let mut graph = Graph {
            nodes,
            edges: Slots::with_capacity(input.edges.len()),
            handles,
        };
        graph.connect(&input.edges);
        graph
    }

    fn connect(&mut self, edges: &[(u32, u32)]) {
        for (from, to) in edges {
            let to = self.handles[*to as usize];
            let from = &mut self.nodes[self.handles[*from as usize]];
            let before = from.last_edge;
            from.last_edge = Some(self.edges.insert(Edge { to, before }));
        }
    }

    /// The nodes go, with their edges. The edges that lead to them stay.
    pub fn remove(&mut self, numbers: &[u32]) {
        for number in numbers {
            let node = self.nodes.remove(self.handles[*number as usize]);
            let mut edge = node.and_then(|node| node.last_edge);
            while let Some(gone) = edge {
                edge = self.edges.remove(gone).and_then(|edge| edge.before);
            }
        }
    }

    /// New nodes in the places of some that were removed, and edges.
    pub fn add(&mut self, numbers: &[u32], edges: &[(u32, u32)]) {
        for number in numbers {
            self.handles[*number as usize] = self.nodes.insert(NEW);
        }
        self.connect(edges);
    }

    /// How many edges lead to a node that is gone.
    pub fn count_stale(&self) -> usize {
        let edges = self.edges.iter();
        edges
            .filter(|(_, edge)| !self.nodes.contains(edge.to))
            .count()
    }

    /// How many edges it takes to each node.
    pub fn distances(&mut self, start: u32) -> Vec<u32> {
        let Graph {
            nodes,
            edges,
            handles,
        } = self;
        nodes.iter_mut().for_each(|(_, node)| node.distance = NONE);
        let start = handles[start as usize];
        nodes[start].distance = 0;
        let mut reached = vec![start];
        let mut next = 0;
        while let Some(node) = reached.get(next) {
            next += 1;
            let node = &nodes[*node];
            let (distance, mut edge) = (node.distance + 1, node.last_edge);
            while let Some(handle) = edge {
                let Edge { to, before } = edges[handle];
                edge = before;
                if let Some(neighbour) = nodes.get_mut(to).filter(|to| to.distance == NONE) {
                    neighbour.distance = distance;
                    reached.push(to);
                }
            }
        }
        self.by_number(|node| node.distance)
    }

    /// The component of each node. (Tarjan's algorithm; what would be its calls stands in `path`.)
    pub fn components(&mut self) -> Vec<u32> {
        let Graph {
            nodes,
            edges,
            handles,
        } = self;
        nodes.iter_mut().for_each(|(_, node)| {
            (node.order, node.component) = (NONE, NONE);
        });
        let (mut seen, mut count) = (0, 0);
        // The nodes from the root to where we are, with the edge to go on with; and those that were seen, but belong
        // to no component so far.
        let (mut path, mut open) = (Vec::new(), Vec::new());
        for root in handles.iter() {
            let is_new = nodes.get(*root).is_some_and(|node| node.order == NONE);
            let mut entered = is_new.then_some(*root);
            loop {
                if let Some(handle) = entered.take() {
                    let node = &mut nodes[handle];
                    (node.order, node.low) = (seen, seen);
                    seen += 1;
                    open.push(handle);
                    path.push((handle, node.last_edge));
                }
                let Some((handle, edge)) = path.last_mut() else {
                    break;
                };
                let handle = *handle;
                if let Some(next) = *edge {
                    let Edge { to, before } = edges[next];
                    *edge = before;
                    match nodes.get(to) {
                        Some(neighbour) if neighbour.order == NONE => entered = Some(to),
                        Some(neighbour) if neighbour.component == NONE => {
                            let order = neighbour.order;
                            lower(&mut nodes[handle], order);
                        }
                        _ => {}
                    }
                    continue;
                }
                path.pop();
                let Node { order, low, .. } = nodes[handle];
                if let Some((parent, _)) = path.last() {
                    lower(&mut nodes[*parent], low);
                }
                if low == order {
                    while let Some(member) = open.pop() {
                        nodes[member].component = count;
                        if member == handle {
                            break;
                        }
                    }
                    count += 1;
                }
            }
        }
        self.by_number(|node| node.component)
    }

    /// What is noted at each node that is there.
    fn by_number(&self, noted: impl Fn(&Node) -> u32) -> Vec<u32> {
        let nodes = self.handles.iter().map(|handle| self.nodes.get(*handle));
        nodes.map(|node| node.map_or(NONE, &noted)).collect()
    }
}

fn lower(node: &mut Node, low: u32) {
    node.low = node.low.min(low);
}
