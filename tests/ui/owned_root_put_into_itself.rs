// A root that points to itself would be borrowed while it is changed, and dangle when it moves.
use std::cell::RefCell;

use arenula::{Owned, Root};

struct Bar<'a>(RefCell<(Option<&'a Bar<'a>>, String)>);

impl Root for Bar<'_> {
    type Of<'a> = Bar<'a>;
}

fn main() {
    let mut bar = Owned::<Bar>::new(|_| Bar(RefCell::new((None, String::from("text")))));
    bar.with(|bar| bar.0.borrow_mut().0 = Some(bar));
    bar.with_mut(|bar, _| {
        let (itself, text) = bar.0.get_mut();
        let seen = &text[..];
        itself.unwrap().0.borrow_mut().1.clear();
        println!("{seen}");
    });
}
