// The last root can be read, not carried out.
use arenula::DoubleBuffer;

fn main() {
    let mut kept = "";
    let mut text = DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    text.advance(|last, arena| {
        kept = *last;
        arena.alloc_str("next")
    });
    println!("{kept}");
}
