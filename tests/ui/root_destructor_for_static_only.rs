// A destructor that may take its lifetime for 'static could keep what it sees.
use arenula::Root;

struct Text<'a>(&'a str);

impl Drop for Text<'static> {
    fn drop(&mut self) {
        let _kept: &'static str = self.0;
    }
}

impl Root for Text<'_> {
    type Of<'a> = Text<'a>;
}

fn main() {}
