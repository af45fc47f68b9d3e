// The root that is lent goes.
use arenula::DoubleBuffer;

fn main() {
    let mut text = DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    let lent = *text.get();
    text.advance(|_, arena| arena.alloc_str("next"));
    println!("{lent}");
}
