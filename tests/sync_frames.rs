//! What threads share is not in anybody's frame.
#![cfg(all(feature = "frame", target_has_atomic = "64", not(miri)))]

use std::sync::Arc;
use std::thread;

use arenula::sync::{ArenaPool, SyncArena};
use arenula::{FrameAlloc, frame};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

#[test]
fn what_a_thread_takes_in_a_frame_is_not_the_frames() {
    static ARENA: SyncArena = SyncArena::new();
    static POOL: ArenaPool = ArenaPool::new();
    for _ in 0..3 {
        thread::spawn(|| {
            for round in 0..20_u64 {
                frame::scope(|| {
                    let value = ARENA.alloc(round);
                    assert!(!frame::owns(std::ptr::from_ref(value)));
                    let large = ARENA.alloc_slice_fill_copy(5000, round);
                    assert!(!frame::owns(large.as_ptr()));
                    let guards = [POOL.get(), POOL.get(), POOL.get()];
                    for guard in &guards {
                        assert!(!frame::owns(std::ptr::from_ref(&**guard)));
                        guard.alloc(round);
                    }
                });
            }
        })
        .join()
        .unwrap();
    }
    assert_eq!(POOL.stats().leased, 0);
}

#[test]
fn owned_arenas_may_leave_a_frame() {
    let pool = Arc::new(ArenaPool::new());
    let arena = frame::scope(|| {
        let arena = pool.get_owned();
        arena.alloc_slice_fill_copy(100, 7_u64);
        arena
    });
    assert_eq!(*arena.alloc(1), 1);
    drop(arena);
    assert_eq!(pool.stats().leased, 0);
}

#[test]
fn what_a_pool_keeps_is_not_a_frames() {
    let pool = Arc::new(ArenaPool::new());
    frame::scope(|| assert_eq!(*pool.get_owned().alloc(1), 1));
    let owned = pool.get_owned();
    assert!(owned.capacity() > 0);
    assert!(!frame::owns(std::ptr::from_ref(owned.alloc(2))));
    drop(owned);

    let mut pool = Arc::into_inner(pool).unwrap();
    for retain in [
        None,
        Some(arenula::Retain::All),
        Some(arenula::Retain::Largest),
    ] {
        frame::scope(|| {
            let guard = pool.get();
            guard.alloc_slice_fill_copy(1000, 1_u8);
            guard.alloc_slice_fill_copy(1000, 2_u8);
        });
        match retain {
            None => pool.reset(),
            Some(retain) => pool.reset_with(retain),
        }
        let guard = pool.get();
        assert!(guard.capacity() > 0);
        assert!(
            !frame::owns(std::ptr::from_ref(guard.alloc(3))),
            "{retain:?}"
        );
        drop(guard);
        pool.reset_with(arenula::Retain::Nothing);
    }
}
