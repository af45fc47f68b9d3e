// Forgotten, the value would be gone with the arena, without its destructor: what is pinned must not be.
use arenula::Arena;
use arenula::rc::Rc;

fn main() {
    let arena = Arena::new();
    std::mem::forget(Rc::pin_in(1, &arena));
}
