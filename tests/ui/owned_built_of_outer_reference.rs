// The owner may outlive what is not in its arena.
use arenula::Owned;

fn main() {
    let text = {
        let local = String::from("local");
        Owned::<&str>::new(|_| local.as_str())
    };
    println!("{}", text.get());
}
