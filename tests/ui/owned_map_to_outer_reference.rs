// The new root, too, borrows from the arena only.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let text = {
        let local = String::from("local");
        text.map::<&str, _>(|_, _| &local)
    };
    println!("{}", text.get());
}
