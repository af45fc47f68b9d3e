// The trait object would be said to borrow nothing, and kept after what it borrows.
use std::fmt::Display;

use arenula::rc::{Rc, unsize};

fn stretch<'a>(shared: Rc<dyn Display + 'a>) -> Rc<dyn Display> {
    unsize!(shared => dyn Display + 'static)
}

fn main() {
    let text = String::from("text");
    let kept = stretch(unsize!(Rc::new(&text) => dyn Display + '_));
    drop(text);
    println!("{kept}");
}
