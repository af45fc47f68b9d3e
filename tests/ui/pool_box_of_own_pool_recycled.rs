// A box that is recycled with its value would be dropped with the pool that it is of.
use arenula::pool::{Pool, PoolBox, Recycle};

#[derive(Default)]
struct Node<'p>(Option<PoolBox<'p, Node<'p>>>);

impl Recycle for Node<'_> {
    fn recycle(&mut self) {}
}

fn main() {
    let pool = Pool::new();
    let mut node = pool.alloc_recycled(Node::default);
    node.0 = Some(pool.alloc(Node::default()));
}
