// The text goes with its owner.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let lent: &str = *text.get();
    drop(text.into_arena());
    println!("{lent}");
}
