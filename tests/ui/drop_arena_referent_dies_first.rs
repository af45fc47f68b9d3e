// The destructor would look at a string that is gone.
use arenula::DropArena;

struct Noisy<'a>(&'a str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let arena = DropArena::new();
    let name = String::from("gone first");
    arena.alloc(Noisy(&name));
}
