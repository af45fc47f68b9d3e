// To ask an arena for its figures is to write to it, and it may be in use by another thread.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let shared = &text;
    println!("{}", shared.stats());
}
