// That these nodes look at nobody when they are dropped is more than the arena's type says.
use std::cell::Cell;

use arenula::DropArena;

struct Node<'a>(String, Cell<Option<&'a Node<'a>>>);

fn main() {
    let nodes = DropArena::new();
    let node = &*nodes.alloc(Node("one".into(), Cell::new(None)));
    node.1.set(Some(node));
}
