// The chunks that the scope's references point to would be freed.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let kept = s.alloc(1);
        **s = Arena::new();
        println!("{kept}");
    });
}
