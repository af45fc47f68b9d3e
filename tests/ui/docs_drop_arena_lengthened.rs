// An arena that forgets for how long its values are good could be carried out of that time, and its
// destructors would look at what is gone.
use arenula::DropArena;

fn lengthen<'short, 'long: 'short>(arena: DropArena<'short>) -> DropArena<'long> {
    arena
}

fn main() {
    lengthen(DropArena::new()).alloc(String::new());
}
