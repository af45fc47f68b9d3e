// The destructor of one node would look at another that is gone already.
use std::cell::Cell;

use arenula::TypedArena;

struct Node<'a> {
    name: String,
    next: Cell<Option<&'a Node<'a>>>,
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        println!("{:?}", self.next.get().map(|next| &next.name));
    }
}

fn main() {
    let nodes = TypedArena::new();
    let node = |name: &str| &*nodes.alloc(Node { name: name.into(), next: Cell::new(None) });
    let (one, two) = (node("one"), node("two"));
    one.next.set(Some(two));
    two.next.set(Some(one));
}
