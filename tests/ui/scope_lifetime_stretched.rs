// A scope's lifetime can be shrunk; what comes out of it must not be longer than that again.
use arenula::{Arena, Scope};

fn stretch<'long, 'short>(scope: &Scope<'short>) -> &'long mut i32 {
    scope.alloc(1)
}

fn main() {
    Arena::new().scope(|s| println!("{}", stretch(s)));
}
