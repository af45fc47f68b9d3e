// Bytes that are no text would come out as text.
use arenula::{BytesInterner, Interner};

fn read(interner: &Interner) -> &str {
    interner.intern("text")
}

fn main() {
    let interner = BytesInterner::new();
    read(&interner);
}
