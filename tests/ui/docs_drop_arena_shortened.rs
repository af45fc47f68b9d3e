// Through the shorter view one could put in what is gone before the arena runs its destructor.
use arenula::DropArena;

fn shorten<'m, 'short, 'long: 'short>(arena: &'m DropArena<'long>) -> &'m DropArena<'short> {
    arena
}

fn main() {
    shorten(&DropArena::new()).alloc(String::new());
}
