// The value in the arena would refer to a string that is gone.
use arenula::Arena;

struct Node<'a> {
    name: &'a str,
}

fn main() {
    let arena = Arena::new();
    let node;
    {
        let name = String::from("first");
        node = arena.alloc(Node { name: &name });
    }
    println!("{}", node.name);
}
