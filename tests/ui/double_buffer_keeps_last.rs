// The last root's memory is given back when the next one is there.
use arenula::DoubleBuffer;

fn main() {
    let mut text = DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    text.advance(|last, _| *last);
    println!("{}", text.get());
}
