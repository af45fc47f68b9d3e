// The owner may outlive what is not in its arena.
use arenula::Owned;

fn main() {
    let mut text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    {
        let local = String::from("local");
        text.with_mut(|text, _| *text = &local);
    }
    println!("{}", text.get());
}
