// The vector in the outer scope outlives the inner one, and would hold a dangling reference.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let numbers: &mut Vec<&i32> = outer.alloc(Vec::new());
        outer.scope(|inner| numbers.push(inner.alloc(1)));
        println!("{numbers:?}");
    });
}
