// What lies in the arena below goes at a reset too.
use arenula::DropArena;

fn main() {
    let mut arena = DropArena::new();
    let kept = arena.arena().alloc(1);
    arena.reset();
    println!("{kept}");
}
