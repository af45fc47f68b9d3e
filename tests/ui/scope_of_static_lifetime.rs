// A function that asks for a scope that lasts forever would get references that last forever.
use arenula::{Arena, Scope};

fn leak(s: &mut Scope<'static>) -> &'static mut i32 {
    s.alloc(1)
}

fn main() {
    let mut arena = Arena::new();
    let dangling = arena.scope(leak);
    println!("{dangling}");
}
