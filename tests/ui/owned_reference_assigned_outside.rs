// The text goes with its owner.
use arenula::Owned;

fn main() {
    let mut kept = "";
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    text.with(|text| kept = *text);
    drop(text);
    println!("{kept}");
}
