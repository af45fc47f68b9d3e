// The text would move under the iterator.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let mut text = arenula::format!(in &arena, "to be");
    let mut drain = text.drain(..2);
    text.push('!');
    drain.next();
}
