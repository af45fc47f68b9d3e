// The destructor of one node would look at another that is gone already.
use std::cell::Cell;

use arenula::FrozenArena;

struct Node<'a>(String, Cell<Option<&'a Node<'a>>>);

impl Drop for Node<'_> {
    fn drop(&mut self) {
        println!("{:?}", self.1.get().map(|next| &next.0));
    }
}

fn main() {
    let nodes = FrozenArena::new();
    let one = nodes.alloc(Node("one".into(), Cell::new(None)));
    let two = nodes.alloc(Node("two".into(), Cell::new(Some(one))));
    one.1.set(Some(two));
}
