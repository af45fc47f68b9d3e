// The thread could go on when the arena is gone.
use arenula::Owned;

fn main() {
    let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    let thread = text.with(|text| std::thread::spawn(|| println!("{text}")));
    drop(text);
    thread.join().unwrap();
}
