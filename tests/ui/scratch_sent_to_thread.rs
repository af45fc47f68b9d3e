// The arena is the thread's.
fn main() {
    arenula::scratch(|s| {
        std::thread::scope(|threads| {
            threads.spawn(|| println!("{}", s.alloc(1)));
        });
    });
}
