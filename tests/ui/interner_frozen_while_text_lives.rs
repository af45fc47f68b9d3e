// What is frozen is a copy; the text that was handed out goes.
use arenula::Interner;

fn main() {
    let interner = Interner::new();
    let text = interner.intern("text");
    let frozen = interner.freeze();
    println!("{text} {}", frozen.len());
}
