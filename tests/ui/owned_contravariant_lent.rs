// It may be called with what lives as long as the arena, and not with what lives shorter.
use arenula::{CovariantRoot, Root};

enum Listener {}

impl Root for Listener {
    type Of<'a> = fn(&'a str);
}

impl CovariantRoot for Listener {
    fn shrink<'short, 'long: 'short>(
        root: &'short fn(&'long str),
    ) -> &'short fn(&'short str) {
        root
    }
}

fn main() {}
