// Through the shorter view one could put in what is freed before the arena gives it out again. The note
// that the chapter on variance quotes names the type, and says that it is invariant.
use arenula::TypedArena;

fn shorten<'m, 'short, 'long: 'short>(
    arena: &'m TypedArena<&'long str>,
) -> &'m TypedArena<&'short str> {
    arena
}

fn main() {
    shorten(&TypedArena::new()).alloc("text");
}
