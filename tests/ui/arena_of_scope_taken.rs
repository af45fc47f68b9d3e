// The method that a scope allocates by lends the arena for the scope's life: outside of the crate it
// would be used beside an inner scope.
use arenula::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let taken: &Arena = outer.lender();
        outer.scope(|_| taken.alloc(1));
    });
}
