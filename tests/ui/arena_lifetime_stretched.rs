// A short loan of the arena must not give references that outlive the loan.
use arenula::Arena;

fn stretch<'long, 'short>(arena: &'short Arena) -> &'long mut i32 {
    arena.alloc(1)
}

fn main() {
    println!("{}", stretch(&Arena::new()));
}
