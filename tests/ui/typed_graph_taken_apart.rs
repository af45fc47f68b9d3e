// One node would be moved away while the other refers to it.
use std::cell::Cell;

use arenula::TypedArena;

struct Node<'a>(Cell<Option<&'a Node<'a>>>);

fn main() {
    let nodes = TypedArena::new();
    let node = &*nodes.alloc(Node(Cell::new(None)));
    node.0.set(Some(node));
    drop(nodes.into_vec());
}
