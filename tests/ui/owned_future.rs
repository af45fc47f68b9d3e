// The future would look at the text after it is gone.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let length = text.with(|text| async move { text.len() });
    drop(text);
    drop(length);
}
