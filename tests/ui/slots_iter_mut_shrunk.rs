// Through the shorter type a text goes in that lives shorter than the slots.
use arenula::pool::{IterMut, Slots};

fn shrink<'x, 'short>(iter: IterMut<'x, &'static str>) -> IterMut<'x, &'short str> {
    iter
}

fn main() {
    let mut slots = Slots::<&'static str>::new();
    let handle = slots.insert("static");
    {
        let text = String::from("gone");
        shrink(slots.iter_mut()).for_each(|(_, place)| *place = &text);
    }
    println!("{}", slots[handle]);
}
