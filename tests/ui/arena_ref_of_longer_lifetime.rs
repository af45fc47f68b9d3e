// A container over a short loan would freeze into a slice that lives longer.
use arenula::{Arena, ArenaRef};

fn for_long<'long>(_: impl ArenaRef<'long>) {}

fn stretch<'long, 'short>(arena: &'short Arena, _: &'long ()) {
    for_long::<'long>(arena);
}

fn main() {
    stretch(&Arena::new(), &());
}
