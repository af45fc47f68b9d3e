// The slot of the value that is being made would be another's.
use arenula::pool::Slots;

fn main() {
    let mut slots = Slots::new();
    slots.insert_with(|_| {
        slots.insert(1);
        2
    });
}
