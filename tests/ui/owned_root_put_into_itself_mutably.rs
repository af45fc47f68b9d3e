// A root that points to itself would be borrowed while it is changed, and dangle when it moves.
use std::cell::Cell;

use arenula::{Owned, Root};

struct Node<'a> {
    itself: Cell<Option<&'a Node<'a>>>,
}

impl Root for Node<'_> {
    type Of<'a> = Node<'a>;
}

fn main() {
    let mut node = Owned::<Node>::new(|_| Node {
        itself: Cell::new(None),
    });
    node.with_mut(|node, _| {
        let itself: &Node = node;
        node.itself.set(Some(itself));
    });
}
