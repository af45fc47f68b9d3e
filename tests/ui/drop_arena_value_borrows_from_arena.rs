// The string is gone when the destructor looks at it.
use arenula::DropArena;

struct Noisy<'a>(&'a str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let arena = DropArena::new();
    let noisy = arena.alloc_with(|| Noisy(arena.alloc_str("gone")));
    println!("{}", noisy.0);
}
