// A root that holds owners of its own kind is sent where all it holds can be: that is not shown by going in a circle.
use arenula::{Owned, Root};

struct Local<'a>(*const (), &'a str);

// SAFETY: for the sake of the example.
unsafe impl Send for Local<'static> {}

struct Node<'a> {
    local: Local<'a>,
    child: Option<Box<Owned<Tree>>>,
}

enum Tree {}

impl Root for Tree {
    type Of<'a> = Node<'a>;
}

fn main() {
    let tree = Owned::<Tree>::new(|arena| Node {
        local: Local(std::ptr::null(), arena.alloc_str("text")),
        child: None,
    });
    let shown = async move {
        std::future::ready(()).await;
        tree.with(|node| println!("{} {:?}", node.local.1, node.child.is_some()));
    };
    std::thread::spawn(move || drop(shown));
}
