// Through the shorter type a value goes in that does not live as long as the arena.
use arenula::DropArena;

fn shrink<'x, 'short>(arena: &'x DropArena<'static>) -> &'x DropArena<'short> {
    arena
}

struct Noisy<'a>(&'a str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

fn main() {
    let arena = DropArena::new();
    let text = String::from("gone first");
    shrink(&arena).alloc(Noisy(&text));
}
