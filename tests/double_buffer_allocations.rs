//! A `DoubleBuffer` that is warm calls no allocator at all.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use arenula::{DoubleBuffer, Root};

struct Counting;

std::thread_local! {
    /// Of this thread: the one that runs the tests has some of its own.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: it hands on what the system does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: as promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: as promised.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct World<'a> {
    particles: &'a [(i64, i64)],
    names: &'a [&'a str],
}

impl Root for World<'_> {
    type Of<'a> = World<'a>;
}

#[test]
fn a_warm_double_buffer_allocates_nothing() {
    let mut world = DoubleBuffer::<World>::new(|_| World {
        particles: &[],
        names: &[],
    });
    let mut sum = 0;
    let mut frame = |count: usize| {
        world.advance(|last, arena| {
            let from_last = last.particles.iter().map(|(x, y)| (x + y, *y));
            let all = from_last.chain((0..).map(|i| (i, 1))).take(count);
            let names = (0..count / 10).map(|i| &*arena.alloc_fmt(format_args!("{i}")));
            World {
                particles: arena.alloc_iter(all),
                names: arena.alloc_iter(names),
            }
        });
        sum += world.with(|world| world.particles.len() + world.names.len());
    };
    let (frames, largest) = if cfg!(miri) { (20, 500) } else { (1000, 5000) };
    // Once the largest, and what comes after it.
    for count in [largest, 0, 0] {
        frame(count);
    }
    let before = CALLS.get();
    for i in 0..frames {
        frame((i * i * 7919) % largest);
    }
    (0..50).for_each(|_| frame(7));
    frame(largest);
    frame(largest);
    let calls = CALLS.get() - before;
    assert_eq!(calls, 0);
    assert!(sum > frames * largest / 5);
}
