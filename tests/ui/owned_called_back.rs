// A function that the root holds could keep what it is called with, if it need not accept any lifetime.
use std::cell::Cell;

use arenula::{Owned, Root};

struct Calling<'a, 'x>(&'a str, &'x dyn Fn(&'x str));

impl<'x> Root for Calling<'_, 'x> {
    type Of<'a> = Calling<'a, 'x>;
}

fn main() {
    let kept = Cell::new("");
    let keep = |text| kept.set(text);
    let owned = Owned::<Calling<'_, '_>>::new(|arena| Calling(arena.alloc_str("text"), &keep));
    owned.with(|calling| (calling.1)(calling.0));
    drop(owned);
    println!("{}", kept.get());
}
