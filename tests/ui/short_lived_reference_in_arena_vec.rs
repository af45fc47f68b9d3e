// The vector in the arena lives on when the string that it got a reference to is gone.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let names: &mut Vec<&str> = arena.alloc(Vec::new());
    {
        let name = String::from("first");
        names.push(&name);
    }
    println!("{}", names[0]);
}
