// What prints a root whose lifetime is 'static could keep it.
use std::fmt;

use arenula::{Owned, Root};

struct Text<'a>(&'a str);

impl fmt::Debug for Text<'static> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept: &'static str = self.0;
        f.write_str(kept)
    }
}

impl Root for Text<'_> {
    type Of<'a> = Text<'a>;
}

fn main() {
    println!("{:?}", Owned::<Text>::new(|arena| Text(arena.alloc_str("text"))));
}
