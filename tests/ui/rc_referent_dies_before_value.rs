// The value's destructor could look at what it refers to.
use arenula::rc::Rc;

struct Shows<'a>(&'a String);

impl Drop for Shows<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let shared;
    let text = String::from("text");
    shared = Rc::new(Shows(&text));
    drop(shared.clone());
}
