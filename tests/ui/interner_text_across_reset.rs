// The text would be overwritten by what comes after.
use arenula::Interner;

fn main() {
    let mut interner = Interner::new();
    let text = interner.intern("text");
    interner.reset();
    println!("{text}");
}
