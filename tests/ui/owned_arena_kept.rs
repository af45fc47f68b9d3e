// The arena could be reset by whom it is given back to.
use arenula::{Arena, Owned};

fn main() {
    let mut kept: Option<&Arena> = None;
    let mut text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    text.with_mut(|_, arena| kept = Some(arena));
    drop(text);
    println!("{:?}", kept.map(|arena| arena.alloc(1)));
}
