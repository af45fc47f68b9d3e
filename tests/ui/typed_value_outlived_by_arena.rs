// The arena's destructor would drop a value that looks at a string that is gone.
use arenula::TypedArena;

struct Noisy<'a>(&'a str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let noisy = TypedArena::new();
    let name = String::from("gone first");
    noisy.alloc(Noisy(&name));
}
