//! Nodes and edges that refer to each other. They live as long as their arenas: none goes alone.

use std::cell::Cell;
use std::iter;

use arenula::TypedArena;

use crate::NONE;
use crate::input::Input;

pub struct Node<'a> {
    /// The edge that came last, which knows the one before.
    last_edge: Cell<Option<&'a Edge<'a>>>,
    is_removed: Cell<bool>,
    /// What the algorithms note: the distance, or the component with what leads to it.
    distance: Cell<u32>,
    component: Cell<u32>,
    order: Cell<u32>,
    low: Cell<u32>,
}

pub struct Edge<'a> {
    to: &'a Node<'a>,
    before: Option<&'a Edge<'a>>,
}

impl<'a> Node<'a> {
    fn new() -> Self {
        Node {
            last_edge: Cell::new(None),
            is_removed: Cell::new(false),
            distance: Cell::new(NONE),
            component: Cell::new(NONE),
            order: Cell::new(NONE),
            low: Cell::new(NONE),
        }
    }

    /// The nodes that edges of this one lead to, and that were not removed.
    fn neighbours(&self) -> impl Iterator<Item = &'a Node<'a>> + use<'a> {
        let edges = iter::successors(self.last_edge.get(), |edge| edge.before);
        edges
            .map(|edge| edge.to)
            .filter(|node| !node.is_removed.get())
    }

    fn lower(&self, low: u32) {
        self.low.set(self.low.get().min(low));
    }
}

pub struct Graph<'a> {
    all_nodes: &'a TypedArena<Node<'a>>,
    all_edges: &'a TypedArena<Edge<'a>>,
    /// The node that has a number.
    nodes: Vec<&'a Node<'a>>,
}

impl<'a> Graph<'a> {
    pub fn new(
        all_nodes: &'a TypedArena<Node<'a>>,
        all_edges: &'a TypedArena<Edge<'a>>,
        input: &Input,
    ) -> Self {
        let new = all_nodes.alloc_iter((0..input.nodes).map(|_| Node::new()));
        let mut graph = Graph {
            all_nodes,
            all_edges,
            nodes: new.iter().collect(),
        };
        graph.connect(&input.edges);
        graph
    }

    fn connect(&mut self, edges: &[(u32, u32)]) {
        for (from, to) in edges {
            let from = self.nodes[*from as usize];
            let edge = self.all_edges.alloc(Edge {
                to: self.nodes[*to as usize],
                before: from.last_edge.get(),
            });
            from.last_edge.set(Some(edge));
        }
    }

    /// From here on nobody comes to these nodes.
    pub fn remove(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.nodes[*number as usize].is_removed.set(true);
        }
    }

    /// New nodes in the places of some that were removed, and edges.
    pub fn add(&mut self, numbers: &[u32], edges: &[(u32, u32)]) {
        for number in numbers {
            self.nodes[*number as usize] = self.all_nodes.alloc(Node::new());
        }
        self.connect(edges);
    }

    /// How many edges it takes to each node.
    pub fn distances(&self, start: u32) -> Vec<u32> {
        for node in &self.nodes {
            node.distance.set(NONE);
        }
        let start = self.nodes[start as usize];
        start.distance.set(0);
        let mut reached = vec![start];
        let mut next = 0;
        while let Some(node) = reached.get(next) {
            next += 1;
            let distance = node.distance.get() + 1;
            for neighbour in node.neighbours() {
                if neighbour.distance.get() == NONE {
                    neighbour.distance.set(distance);
                    reached.push(neighbour);
                }
            }
        }
        self.nodes.iter().map(|node| node.distance.get()).collect()
    }

    /// The component of each node. (Tarjan's algorithm; what would be its calls stands in `path`.)
    pub fn components(&self) -> Vec<u32> {
        for node in &self.nodes {
            node.order.set(NONE);
            node.component.set(NONE);
        }
        let (mut seen, mut count) = (0, 0);
        // The nodes from the root to where we are, with what is left of their neighbours; and those that were
        // seen, but belong to no component so far.
        let (mut path, mut open) = (Vec::new(), Vec::new());
        for root in self.nodes.iter().filter(|node| !node.is_removed.get()) {
            let mut entered = (root.order.get() == NONE).then_some(*root);
            loop {
                if let Some(node) = entered.take() {
                    node.order.set(seen);
                    node.low.set(seen);
                    seen += 1;
                    open.push(node);
                    path.push((node, node.neighbours()));
                }
                let Some((node, neighbours)) = path.last_mut() else {
                    break;
                };
                let node = *node;
                if let Some(neighbour) = neighbours.next() {
                    if neighbour.order.get() == NONE {
                        entered = Some(neighbour);
                    } else if neighbour.component.get() == NONE {
                        node.lower(neighbour.order.get());
                    }
                    continue;
                }
                path.pop();
                if let Some((parent, _)) = path.last() {
                    parent.lower(node.low.get());
                }
                if node.low.get() == node.order.get() {
                    while let Some(member) = open.pop() {
                        member.component.set(count);
                        if std::ptr::eq(member, node) {
                            break;
                        }
                    }
                    count += 1;
                }
            }
        }
        self.nodes.iter().map(|node| node.component.get()).collect()
    }
}
