// The box's allocator would be a reference to the arena that can be used beside an inner scope.
use allocator_api2::boxed::Box;
use arenula::{Arena, Scope};

fn stretch<'s>(scope: &Scope<'s>) -> Box<i32, &'s Arena> {
    scope.alloc_box(1)
}

fn main() {
    Arena::new().scope(|s| println!("{}", stretch(s)));
}
