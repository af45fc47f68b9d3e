// Whatever is in the box may have a destructor that looks at the other values.
use arenula::TypedArena;

trait Shape {}

struct Copied<'a>(&'a String);

impl Shape for Copied<'_> {}

impl Drop for Copied<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

struct Node<'a> {
    name: String,
    shape: Option<Box<dyn Shape + 'a>>,
}

fn main() {
    let nodes = TypedArena::new();
    let one = &*nodes.alloc(Node { name: "one".into(), shape: None });
    let copied = Box::new(Copied(&one.name));
    nodes.alloc(Node { name: "two".into(), shape: Some(copied) });
}
