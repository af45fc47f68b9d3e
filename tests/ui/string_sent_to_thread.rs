// Two threads would use one arena.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let mut text = arena.string();
    std::thread::scope(|s| {
        s.spawn(|| text.push('a'));
        arena.alloc(1);
    });
}
