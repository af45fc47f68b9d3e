// What is caught outside would dangle.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    text.with(|text| std::panic::panic_any(*text));
}
