// The handle would stand for the inner scope after that one's end.
use std::mem;

use arenula::{Arena, Scope};

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let mut other = Arena::new();
        let mut handle: &mut Scope<'_> = outer;
        other.scope(|inner| {
            let _ = mem::replace(&mut handle, inner);
        });
        handle.alloc(1);
    });
}
