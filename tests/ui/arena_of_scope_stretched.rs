// A reference to the arena that lives as long as the scope could be used beside an inner scope: what
// it allocates there would be given back at that one's end.
use arenula::{Arena, Scope};

fn stretch<'s>(scope: &Scope<'s>) -> &'s Arena {
    scope
}

fn main() {
    Arena::new().scope(|s| *stretch(s).alloc(1));
}
