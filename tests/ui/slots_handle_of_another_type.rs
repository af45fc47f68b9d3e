// The handle stands for a value of another type.
use arenula::pool::Slots;

fn main() {
    let mut numbers = Slots::new();
    let texts = Slots::<String>::new();
    let one = numbers.insert(1);
    println!("{}", texts[one]);
}
