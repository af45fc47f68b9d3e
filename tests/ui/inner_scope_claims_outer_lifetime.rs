// What is allocated in the inner scope would pass for something of the outer one.
use arenula::Scope;

fn leak<'s>(outer: &mut Scope<'s>) -> &'s mut i32 {
    outer.scope(|inner: &mut Scope<'s>| inner.alloc(1))
}

fn main() {
    let mut arena = arenula::Arena::new();
    arena.scope(|s| println!("{}", leak(s)));
}
