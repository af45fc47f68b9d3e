// The root's destructor would look at a text that is gone.
use arenula::{Owned, Root};

struct Noisy<'x>(&'x str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

impl<'x> Root for Noisy<'x> {
    type Of<'a> = Noisy<'x>;
}

fn main() {
    let owned;
    let text = String::from("text");
    owned = Owned::<Noisy<'_>>::new(|_| Noisy(&text));
    owned.with(|noisy| println!("{}", noisy.0));
}
