// The values that are left lie in chunks that are freed.
use arenula::TypedArena;

fn main() {
    let drain = {
        let mut arena = TypedArena::new();
        arena.alloc(1);
        arena.drain()
    };
    println!("{}", drain.sum::<i32>());
}
