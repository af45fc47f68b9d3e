// Were it covariant behind `&mut`, one could shrink the scope of one arena to the life of another's,
// and swap the two.
use arenula::{Arena, Scope};

fn shrink<'m, 'short, 'long: 'short>(scope: &'m mut Scope<'long>) -> &'m mut Scope<'short> {
    scope
}

fn main() {
    Arena::new().scope(|s| *shrink(s).alloc(1));
}
