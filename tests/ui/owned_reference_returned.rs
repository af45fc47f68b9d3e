// The text goes with its owner.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let kept = text.with(|text| *text);
    drop(text);
    println!("{kept}");
}
