// The root could be replaced, and then be used.
use arenula::Owned;

fn main() {
    let mut text = Owned::<&mut str>::new(|arena| arena.alloc_str("text"));
    let lent = text.get();
    text.with_mut(|text, _| text.make_ascii_uppercase());
    println!("{lent}");
}
