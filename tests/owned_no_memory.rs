//! `Owned` and `DoubleBuffer` where there is no memory for themselves.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

use arenula::{AllocOrInitError, Arena, DoubleBuffer, Owned};

/// The system's memory, but that a request fails which comes after as many as are left.
struct Failing;

thread_local! {
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: it hands on what the system does, or says that there is nothing.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match LEFT.get() {
            Some(0) => return ptr::null_mut(),
            Some(left) => LEFT.set(Some(left - 1)),
            None => {}
        }
        HELD.set(HELD.get() + 1);
        // SAFETY: as promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - 1);
        // SAFETY: as promised.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static FAILING: Failing = Failing;

/// Runs `f` with memory for `left` requests.
fn with_memory_for<T>(left: usize, f: impl FnOnce() -> T) -> T {
    LEFT.set(Some(left));
    let outcome = f();
    LEFT.set(None);
    outcome
}

#[test]
fn an_owner_that_has_no_place_gives_the_arena_back() {
    let held = HELD.get();
    {
        let arena = Arena::with_capacity(1000);
        arena.alloc_str("old");
        let capacity = arena.capacity();
        let called = Cell::new(false);
        let outcome = with_memory_for(0, || {
            Owned::<&str>::try_new_in(arena, |arena| {
                called.set(true);
                Ok::<_, ()>(arena.alloc_str("text"))
            })
        });
        let (error, arena) = outcome.err().unwrap();
        assert!(matches!(error, AllocOrInitError::Alloc(_)));
        assert!(!called.get());
        assert_eq!((arena.capacity(), arena.allocated_bytes()), (capacity, 0));
        let owned = Owned::<&str>::new_in(arena, |arena| arena.alloc_str("text"));
        assert_eq!(*owned.get(), "text");
    }
    assert_eq!(HELD.get(), held);
}

#[test]
fn a_double_buffer_that_has_no_place_gives_the_arenas_back() {
    let held = HELD.get();
    for left in 0..3 {
        let arenas = [1000, 5000].map(Arena::with_capacity);
        for arena in &arenas {
            arena.alloc_str("old");
        }
        let capacities = arenas.each_ref().map(Arena::capacity);
        let outcome = with_memory_for(left, || {
            DoubleBuffer::<&str>::try_new_in(arenas, |arena| Ok::<_, ()>(arena.alloc_str("text")))
        });
        match outcome {
            Ok(buffer) => assert_eq!((left, *buffer.get()), (2, "text")),
            Err((error, arenas)) => {
                assert!(left < 2 && matches!(error, AllocOrInitError::Alloc(_)));
                assert_eq!(arenas.each_ref().map(Arena::capacity), capacities);
                assert_eq!(arenas.map(|arena| arena.allocated_bytes()), [0, 0]);
            }
        }
    }
    assert_eq!(HELD.get(), held);
}
