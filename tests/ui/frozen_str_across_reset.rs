// The text would be overwritten by what is allocated next.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    let text = arenula::format!(in &arena, "{}", 1).into_str();
    arena.reset();
    println!("{text}");
}
