//! Going through a tree.

use super::node::{Field, Node};
use super::tree::Tree;

/// What is done at each node.
pub trait Visitor<T: Tree> {
    /// At a node, before what belongs to it, which is left out if the answer is no.
    fn enter(&mut self, node: Node<'_, T>) -> bool;

    /// At a node, after all that belongs to it.
    fn leave(&mut self, _: Node<'_, T>) {}
}

/// Goes through a node and all that belongs to it, in the order of the source. What is to be done is kept in a list and
/// not on the stack, so that no tree is too deep.
pub fn walk<T: Tree>(root: Node<'_, T>, visitor: &mut impl Visitor<T>) {
    enum Visit<'t, T: Tree> {
        Enter(Node<'t, T>),
        Leave(Node<'t, T>),
    }

    let mut visits = vec![Visit::Enter(root)];
    while let Some(visit) = visits.pop() {
        match visit {
            Visit::Leave(node) => visitor.leave(node),
            Visit::Enter(node) => {
                if !visitor.enter(node) {
                    continue;
                }
                visits.push(Visit::Leave(node));
                let first = visits.len();
                node.fields(&mut |_, field| match field {
                    Field::Node(node) => visits.push(Visit::Enter(node)),
                    Field::Nodes(nodes) => nodes.for_each(|node| visits.push(Visit::Enter(node))),
                    _ => {}
                });
                // The last comes out first.
                visits[first..].reverse();
            }
        }
    }
}

/// What there is in a tree.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Census {
    pub nodes: usize,
    pub statements: usize,
    pub members: usize,
    pub types: usize,
    /// How deep nodes lie in each other at most.
    pub depth: usize,
    depth_now: usize,
}

impl Census {
    pub fn of<T: Tree>(root: Node<'_, T>) -> Self {
        let mut census = Census::default();
        walk(root, &mut census);
        census
    }
}

impl<T: Tree> Visitor<T> for Census {
    #[inline]
    fn enter(&mut self, node: Node<'_, T>) -> bool {
        self.nodes += 1;
        match node {
            Node::Statement(_) => self.statements += 1,
            Node::Member(_) => self.members += 1,
            Node::Type(_) => self.types += 1,
            _ => {}
        }
        self.depth_now += 1;
        self.depth = self.depth.max(self.depth_now);
        true
    }

    #[inline]
    fn leave(&mut self, _: Node<'_, T>) {
        self.depth_now -= 1;
    }
}
