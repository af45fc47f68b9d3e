// What is not copied has to live as long as anybody could ask for it.
use arenula::Interner;

fn main() {
    let interner = Interner::new();
    let text = String::from("text");
    interner.intern_static(&text);
}
