// The arena frees its chunks when it is dropped: the reference would dangle.
use arenula::Arena;

fn main() {
    let kept;
    {
        let arena = Arena::new();
        kept = arena.alloc(1);
    }
    println!("{kept}");
}
