// A value may be removed as soon as nobody borrows the slots.
use arenula::pool::Slots;

fn main() {
    let mut slots = Slots::new();
    let one = slots.insert(1);
    let kept = &slots[one];
    slots.remove(one);
    println!("{kept}");
}
