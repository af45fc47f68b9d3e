// What an arena holds lives as long as the arena, which may be longer than the text.
use arenula::Root;

struct Words<'x>(&'x str);

impl<'x> Root for Words<'x> {
    type Of<'a> = &'a [&'x str];
}

fn main() {}
