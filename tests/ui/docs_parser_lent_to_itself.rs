// With one lifetime for the loan of the parser and for what it has borrowed, the first call lends it out
// for good.
use arenula::Arena;

struct Parser<'a> {
    arena: &'a Arena,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn word(&'a mut self) -> &'a str {
        let (word, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.arena.alloc_str(word)
    }
}

fn main() {
    let arena = Arena::new();
    let mut parser = Parser {
        arena: &arena,
        rest: "one two",
    };
    parser.word();
    parser.word();
}
