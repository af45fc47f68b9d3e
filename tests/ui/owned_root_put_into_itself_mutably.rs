// A root that points to itself would dangle when it moves.
use arenula::{Owned, Root};

struct Node<'a> {
    itself: Option<&'a mut Node<'a>>,
}

impl Root for Node<'_> {
    type Of<'a> = Node<'a>;
}

fn main() {
    let mut node = Owned::<Node>::new(|_| Node { itself: None });
    node.with_mut(|node, _| {
        let itself: &mut Node = node;
        node.itself = Some(itself);
    });
}
