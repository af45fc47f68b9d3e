// The nodes refer to each other for as long as the arena lives, so they can't go before it.
use std::cell::Cell;

use arenula::TypedArena;

struct Node<'a>(Cell<Option<&'a Node<'a>>>);

fn main() {
    let mut nodes = TypedArena::new();
    {
        let node = &*nodes.alloc(Node(Cell::new(None)));
        node.0.set(Some(node));
    }
    nodes.reset();
}
