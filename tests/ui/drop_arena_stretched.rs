// An arena of values that live shortly is none whose values live for ever.
use arenula::DropArena;

fn stretch<'short>(arena: DropArena<'short>) -> DropArena<'static> {
    arena
}

fn main() {
    stretch(DropArena::new());
}
