// The chunks of an inner owner go with the outer arena.
use arenula::{Arena, Owned, Root};

enum Inner {}

impl Root for Inner {
    type Of<'a> = Option<Owned<&'static str, 8, &'a Arena>>;
}

fn main() {
    let mut outer = Owned::<Inner>::new(|arena| {
        let arena = Arena::new_in(arena);
        Some(Owned::<&str, 8, _>::new_in(arena, |arena| arena.alloc_str("text")))
    });
    let inner = outer.with_mut(|inner, _| inner.take().unwrap());
    drop(outer);
    println!("{}", inner.get());
}
