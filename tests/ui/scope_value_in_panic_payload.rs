// The payload is caught outside, when the scope's memory has been given back.
use std::panic;

use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let value: &i32 = s.alloc(1);
        panic::panic_any(value);
    });
}
