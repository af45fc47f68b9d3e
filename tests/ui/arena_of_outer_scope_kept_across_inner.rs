// Through the kept reference one could allocate past the inner scope, whose end would give it back.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let kept: &Arena = outer;
        outer.scope(|_| kept.alloc(1));
    });
}
