// What the trait object borrows is gone before it.
use std::fmt::Display;

use arenula::rc::{Rc, unsize};

fn main() {
    let kept: Rc<dyn Display>;
    {
        let text = String::from("text");
        kept = unsize!(Rc::new(&text) => dyn Display);
    }
    println!("{kept}");
}
