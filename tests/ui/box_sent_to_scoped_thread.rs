// The box gives its block back where it is dropped, while this thread may be allocating.
use std::thread;

use allocator_api2::boxed::Box;
use arenula::Arena;

fn run_beside<'scope>(
    threads: &'scope thread::Scope<'scope, '_>,
    f: impl FnOnce() + Send + 'scope,
) {
    threads.spawn(f);
}

fn main() {
    let arena = Arena::new();
    let boxed: Box<i32, &Arena> = arena.alloc_box(1);
    thread::scope(|threads| run_beside(threads, move || drop(boxed)));
}
