// The slots drop the value after the text that its destructor looks at.
use arenula::pool::Slots;

struct Name<'a>(&'a str);

impl Drop for Name<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let mut slots = Slots::new();
    let text = String::from("gone");
    slots.insert(Name(&text));
}
