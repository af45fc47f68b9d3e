// The scope of the arena that lives longer would allocate from the other one, with references that
// dangle when that one's scope ends.
use std::mem;

use arenula::Arena;

fn main() {
    let mut first = Arena::new();
    let mut second = Arena::new();
    first.scope(|a| {
        second.scope(|b| mem::swap(a, b));
        a.alloc(1);
    });
}
