// What is lazy would look at the text after it is gone.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("a b"));
    let words: Box<dyn Iterator<Item = usize>> =
        text.with(|text| Box::new(text.split(' ').map(str::len)) as Box<_>);
    drop(text);
    println!("{}", words.count());
}
