// The root that is mapped goes no further than the closure.
use arenula::Owned;

fn main() {
    let mut kept = None;
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let number = text.map::<&i32, _>(|text, arena| {
        kept = Some(text);
        arena.alloc(1)
    });
    drop(number);
    println!("{kept:?}");
}
