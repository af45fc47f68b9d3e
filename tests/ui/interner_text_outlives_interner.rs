// The text lies in the interner's memory.
use arenula::Interner;

fn main() {
    let text;
    {
        let interner = Interner::new();
        text = interner.intern("text");
    }
    println!("{text}");
}
