//! `SyncArena`: one arena, many threads.
#![cfg(feature = "std")]

mod support;

use std::alloc::Layout;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use arenula::collections::{CollectIn, Rc};
use arenula::sync::SyncArena;
use arenula::vec::{Vec as ArenaVec, VecExt};
use arenula::{AllocOrInitError, Retain};
use proptest::prelude::*;
use support::properties::properties;
use support::values::Leaked;
use support::{Counted, HEADER, panic_quietly, panics};

const ROUNDS: usize = if cfg!(miri) { 20 } else { 2000 };

/// The global allocator, watched by all threads: it can be told how much there is, and to fail or panic.
#[derive(Default)]
struct Shared {
    blocks: Mutex<BTreeMap<usize, Layout>>,
    asked: AtomicUsize,
    most: AtomicUsize,
    /// The number of the request that fails, from 1.
    fail_at: AtomicUsize,
    panic_at: AtomicUsize,
}

#[derive(Clone, Copy)]
struct Watched<'w>(&'w Shared);

impl Shared {
    fn bytes(&self) -> usize {
        self.blocks.lock().unwrap().values().map(Layout::size).sum()
    }
}

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Watched<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let asked = self.0.asked.fetch_add(1, Ordering::Relaxed) + 1;
        if asked == self.0.panic_at.load(Ordering::Relaxed) {
            panic_quietly();
        }
        if asked == self.0.fail_at.load(Ordering::Relaxed) || layout.size() as u64 > 1 << 40 {
            return Err(AllocError);
        }
        let block = Global.allocate(layout)?;
        let mut blocks = self.0.blocks.lock().unwrap();
        assert!(
            blocks
                .insert(block.cast::<u8>().addr().get(), layout)
                .is_none()
        );
        let bytes = blocks.values().map(Layout::size).sum();
        self.0.most.fetch_max(bytes, Ordering::Relaxed);
        Ok(block)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        let asked = self.0.blocks.lock().unwrap().remove(&block.addr().get());
        assert_eq!(asked, Some(layout), "given back what was not asked for");
        // SAFETY: the block came from there, with this layout.
        unsafe { Global.deallocate(block, layout) }
    }
}

/// What a thread writes into its `n`th block.
fn pattern(thread: usize, n: usize) -> u8 {
    (thread * 31 + n * 7 + 1) as u8
}

#[test]
fn what_threads_write_stays_as_it_is() {
    let shared = Shared::default();
    let mut arena = SyncArena::new_in(Watched(&shared));
    for round in 0..3 {
        let threads = if cfg!(miri) { 2 } else { 8 };
        let start = Barrier::new(threads);
        let (arena_ref, start) = (&arena, &start);
        let written: Vec<Vec<(&mut [u8], u8)>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|worker| {
                    scope.spawn(move || {
                        start.wait();
                        (0..ROUNDS)
                            .map(|n| {
                                let byte = pattern(worker, n + round);
                                let length = n * 37 % if n % 100 == 0 { 5000 } else { 90 };
                                let block = match n % 4 {
                                    0 => arena_ref.alloc_slice_fill_copy(length, byte),
                                    1 => arena_ref.alloc_slice_fill_with(length, |_| byte),
                                    2 => arena_ref.alloc_iter((0..length).map(|_| byte)),
                                    _ => arena_ref.alloc_slice_copy(&vec![byte; length]),
                                };
                                (block, byte)
                            })
                            .collect()
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap())
                .collect()
        });
        let mut places = BTreeMap::new();
        for (block, byte) in written.iter().flatten() {
            assert!(block.iter().all(|read| read == byte));
            if !block.is_empty() {
                let start = block.as_ptr().addr();
                assert!(places.insert(start, start + block.len()).is_none());
            }
        }
        let mut end = 0;
        for (start, next) in places {
            assert!(start >= end);
            end = next;
        }
        arena.reset();
        assert_eq!(arena.allocated_bytes(), 0);
        assert_eq!(arena.capacity(), shared.bytes());
    }
    drop(arena);
    assert_eq!(shared.bytes(), 0);
}

#[test]
fn a_thread_that_uses_arenas_in_turn_has_one_part_in_each() {
    // More than a thread notes.
    let arenas: Vec<SyncArena> = (0..40).map(|_| SyncArena::new()).collect();
    for n in 0..50_u64 {
        for arena in &arenas {
            assert_eq!(*arena.alloc(n), n);
        }
    }
    for mut arena in arenas {
        assert_eq!(arena.allocated_bytes(), 400);
        assert_eq!(arena.stats().chunks, 1);
    }
}

#[test]
fn arenas_of_one_place_are_told_apart() {
    let mut values = Vec::new();
    for n in 0..100_u64 {
        let arena = Box::new(SyncArena::new());
        values.push(*arena.alloc(n));
        let mut arena = arena;
        assert_eq!(arena.allocated_bytes(), 8);
    }
    assert_eq!(values, (0..100).collect::<Vec<u64>>());
}

#[test]
fn an_arena_may_be_moved_between_calls() {
    let shared = Shared::default();
    let arena = SyncArena::new_in(Watched(&shared));
    arena.alloc_slice_fill_copy(100, 1_u64);
    let arena = Box::new(arena);
    arena.alloc_slice_fill_copy(1000, 2_u64);
    let mut arena = *arena;
    arena.alloc_slice_fill_copy(10_000, 3_u64);
    arena.reset();
    let mut arenas = vec![arena];
    arenas[0].reserve(1 << 20);
    arenas[0].reset_with(Retain::Largest);
    assert_eq!(arenas[0].capacity(), shared.bytes());
    let other = SyncArena::new_in(Watched(&shared));
    other.alloc(1);
    let first = std::mem::replace(&mut arenas[0], other);
    first.alloc([0_u8; 1000]);
    arenas[0].alloc([0_u8; 1000]);
    drop(first);
    arenas[0].alloc([0_u8; 10_000]);
    arenas.clear();
    assert_eq!(shared.bytes(), 0);
}

#[test]
fn parts_of_threads_that_have_ended_are_used_again() {
    let arena = SyncArena::new();
    let words: Vec<&str> = (0..100)
        .map(|n| {
            let arena = &arena;
            thread::scope(|scope| {
                let worker = scope.spawn(move || &*arena.alloc_fmt(format_args!("{n:>8}")));
                worker.join().unwrap()
            })
        })
        .collect();
    assert!(
        words
            .iter()
            .enumerate()
            .all(|(n, word)| word.trim() == n.to_string())
    );
    // A scope may go on before its threads have noticed their end; but not by much.
    assert!(arena.capacity() < 20 * 1024, "{}", arena.capacity());
    // And this thread's own part is not one of them, as it was never used here.
    let before = arena.capacity();
    arena.alloc_slice_fill_copy(8, 0_u8);
    assert!(arena.capacity() <= before + 1024);
}

#[test]
fn a_joined_threads_part_is_the_next_ones() {
    static ARENA: SyncArena = SyncArena::new();
    let spawn = || {
        thread::spawn(|| ARENA.alloc(1_u64) as *const u64 as usize)
            .join()
            .unwrap()
    };
    let first = spawn();
    let capacity = ARENA.capacity();
    for n in 1..20 {
        // `join` of a thread without a scope waits for the destructors of its thread-local values.
        assert_eq!(spawn(), first + 8 * n);
    }
    assert_eq!(ARENA.capacity(), capacity);
}

#[test]
fn destructors_of_thread_locals_may_use_it() {
    static ARENA: SyncArena = SyncArena::new();
    static SEEN: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    struct Late(&'static str);
    impl Drop for Late {
        fn drop(&mut self) {
            let text = ARENA.alloc_fmt(format_args!("{} is late", self.0));
            SEEN.lock().unwrap().push(text);
        }
    }
    thread_local! {
        static BEFORE: Late = const { Late("before") };
        static AFTER: Late = const { Late("after") };
    }
    for _ in 0..4 {
        thread::spawn(|| {
            // One is registered before the arena's own notice of the end, and the other after.
            BEFORE.with(|_| ());
            ARENA.alloc_str("between");
            AFTER.with(|_| ());
        })
        .join()
        .unwrap();
    }
    let seen = SEEN.lock().unwrap();
    assert_eq!(seen.len(), 8);
    for name in ["before is late", "after is late"] {
        assert_eq!(seen.iter().filter(|&&text| text == name).count(), 4);
    }
}

#[test]
fn a_thread_that_is_ending_leaves_its_part_to_the_next_one() {
    static ARENA: SyncArena = SyncArena::new();
    static ARE_APART: AtomicUsize = AtomicUsize::new(0);
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            let (taken, seen) = (Barrier::new(2), Barrier::new(2));
            thread::scope(|scope| {
                let next = scope.spawn(|| {
                    let its = (&raw const *ARENA.alloc(1_u64)).addr();
                    taken.wait();
                    seen.wait();
                    its
                });
                taken.wait();
                let own = (&raw const *ARENA.alloc(2_u64)).addr();
                seen.wait();
                // In one part they would be neighbours.
                let apart = own.abs_diff(next.join().unwrap()) > size_of::<u64>();
                ARE_APART.fetch_add(usize::from(apart), Ordering::Relaxed);
            });
        }
    }
    thread_local! {
        static LATE: Late = const { Late };
    }
    thread::spawn(|| {
        // Registered before the arena's own notice of the end, it runs after it.
        LATE.with(|_| ());
        ARENA.alloc(0_u64);
    })
    .join()
    .unwrap();
    assert_eq!(ARE_APART.load(Ordering::Relaxed), 1);
}

#[test]
fn a_part_that_another_thread_has_taken_is_not_its_last_owners_any_more() {
    let mut arena = SyncArena::new();
    arena.alloc(0_u64);
    arena.reset();
    let (arena, taken, seen) = (&arena, Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let its = (&raw const *arena.alloc(1_u64)).addr();
            taken.wait();
            seen.wait();
            its
        });
        taken.wait();
        let own = (&raw const *arena.alloc(2_u64)).addr();
        seen.wait();
        // In one part they would be neighbours.
        assert!(own.abs_diff(other.join().unwrap()) > size_of::<u64>());
    });
}

#[test]
fn a_stale_note_never_finds_memory_that_was_reset() {
    let mut arena = SyncArena::new();
    let barrier = Arc::new(Barrier::new(2));
    let (ask, asked) = std::sync::mpsc::channel::<&'static SyncArena>();
    let (answer, answered) = std::sync::mpsc::channel();
    let worker = thread::spawn(move || {
        for arena in asked {
            let block = arena.alloc_slice_fill_copy(16, 7_u8);
            answer.send(block.as_ptr().addr()).unwrap();
        }
    });
    for _ in 0..5 {
        // SAFETY: the worker answers before the arena is reset, and keeps no reference.
        let shared: &'static SyncArena = unsafe { &*std::ptr::from_ref(&arena) };
        ask.send(shared).unwrap();
        let theirs = answered.recv().unwrap();
        arena.reset();
        // The first to come has the part that was the worker's.
        let mine = arena.alloc_slice_fill_copy(16, 9_u8);
        assert_eq!(mine.as_ptr().addr(), theirs);
        // SAFETY: as above.
        let shared: &'static SyncArena = unsafe { &*std::ptr::from_ref(&arena) };
        ask.send(shared).unwrap();
        let theirs = answered.recv().unwrap();
        assert_ne!(mine.as_ptr().addr(), theirs);
        assert_eq!(mine, [9; 16]);
        arena.reset_with(Retain::Nothing);
    }
    drop(ask);
    worker.join().unwrap();
    drop(barrier);
}

#[test]
fn the_limit_is_exact_for_all_threads_together() {
    for limit in [0, 127, 128, 700, 5000, 100_000] {
        let shared = Shared::default();
        let arena = SyncArena::new_in(Watched(&shared));
        arena.set_limit(Some(limit));
        let workers = 4;
        let start = Barrier::new(workers);
        thread::scope(|scope| {
            for worker in 0..workers {
                let (arena, start) = (&arena, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut blocks = Vec::new();
                    for n in 0..ROUNDS {
                        let byte = pattern(worker, n);
                        let Ok(block) = arena.try_alloc_slice_fill_copy(n % 300, byte) else {
                            continue;
                        };
                        blocks.push((block, byte));
                    }
                    assert!(
                        blocks
                            .iter()
                            .all(|(block, byte)| block.iter().all(|b| b == byte))
                    );
                });
            }
        });
        assert!(shared.most.load(Ordering::Relaxed) <= limit);
        assert_eq!(arena.capacity(), shared.bytes());
        assert_eq!(arena.limit(), Some(limit));
    }
}

#[test]
fn a_limit_admits_all_that_there_is() {
    let arena = SyncArena::new();
    arena.alloc(1_u8);
    let (held, needed) = (arena.capacity(), HEADER + 2000);
    arena.set_limit(Some(held + needed - 1));
    assert!(arena.try_alloc_slice_fill_copy(2000, 0_u8).is_err());
    arena.set_limit(Some(held + needed));
    assert!(arena.try_alloc_slice_fill_copy(2000, 0_u8).is_ok());
    assert_eq!(arena.capacity(), held + needed);
    arena.set_limit(None);
    assert_eq!(arena.limit(), None);
}

#[test]
fn what_is_unused_on_this_thread_does_not_stand_in_the_way_of_more() {
    let arena = SyncArena::new();
    drop(arena.alloc_box([0_u8; 64]));
    let unused = arena.capacity();
    // With what a block of this size needs besides, it is too much only together with what is unused.
    arena.set_limit(Some(8192));
    assert!(arena.try_alloc_uninit::<[u8; 7900]>().is_ok());
    assert!(arena.capacity() <= 8192 && 7900 + unused > 8192);
}

#[test]
fn a_limit_that_was_lowered_holds_after_the_reset() {
    // Interpreters are slow to write numbers one by one.
    const PART: usize = if cfg!(miri) { 1000 } else { 1 };
    for limit in [0, 100, 4096, 50_000] {
        let resets: [fn(&mut SyncArena); 4] = [
            SyncArena::reset,
            |arena| arena.reset_with(Retain::All),
            |arena| arena.reset_with(Retain::Largest),
            |arena| arena.reset_with(Retain::UpTo(60_000)),
        ];
        for reset in resets {
            let mut arena = SyncArena::new();
            thread::scope(|scope| {
                for n in 0..3 {
                    let arena = &arena;
                    scope.spawn(move || {
                        arena.alloc_slice_fill_copy(20_000 / PART, [n; PART]);
                        arena.alloc_slice_fill_copy(100_000 / PART, [n; PART]);
                    });
                }
            });
            arena.set_limit(Some(limit));
            assert!(arena.capacity() > 300_000);
            reset(&mut arena);
            assert!(arena.capacity() <= limit, "{}", arena.capacity());
            assert_eq!(arena.try_alloc(7_u64).is_ok(), limit > 1000);
        }
    }
}

#[test]
fn shrinking_on_another_thread_needs_no_memory() {
    let arena = SyncArena::new();
    let mut numbers = arenula::vec![in &arena; 1, 2, 3];
    numbers.reserve(100);
    arena.set_limit(Some(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            numbers.shrink_to_fit();
            assert!(arena.try_alloc(1).is_err());
        });
    });
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn memory_of_parts_that_nobody_has_does_not_stand_in_the_way() {
    let mut arena = SyncArena::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| arena.alloc_slice_fill_copy(10_000, 0_u8));
        }
    });
    arena.reset();
    let held = arena.capacity();
    arena.set_limit(Some(held));
    // One of them has room for 10 000 bytes at least; this takes what all have.
    assert!(arena.try_alloc_slice_fill_copy(held - 2000, 0_u8).is_ok());
    arena.reset();
    arena.set_limit(Some(1000));
    assert!(arena.capacity() <= 1000, "{}", arena.capacity());
}

#[test]
fn failing_backing_allocators_lose_nothing() {
    for fail_at in 1..40 {
        let shared = Shared::default();
        shared.fail_at.store(fail_at, Ordering::Relaxed);
        let mut arena = SyncArena::new_in(Watched(&shared));
        let mut failed = 0;
        for round in 0..3 {
            let mut vec = ArenaVec::new_in(&arena);
            for n in 0..1000_u32 {
                if vec.try_reserve(1).is_err() {
                    failed += 1;
                    continue;
                }
                vec.push(n);
            }
            assert!(vec.is_sorted() && vec.len() >= 999);
            drop(vec);
            failed += usize::from(arena.try_alloc([round; 5000]).is_err());
            arena.reset();
            assert_eq!(arena.capacity(), shared.bytes());
        }
        assert!(failed <= 1);
        drop(arena);
        assert_eq!(shared.bytes(), 0);
    }
}

#[test]
fn panicking_backing_allocators_lose_nothing() {
    for panic_at in (1..30).step_by(if cfg!(miri) { 4 } else { 1 }) {
        let shared = Shared::default();
        shared.panic_at.store(panic_at, Ordering::Relaxed);
        let mut arena = SyncArena::new_in(Watched(&shared));
        let mut panicked = 0;
        for _ in 0..3 {
            for n in 0..10 {
                panicked += usize::from(panics(|| {
                    arena.alloc_slice_fill_copy(n * 300, 0_u8);
                }));
            }
            panicked += usize::from(panics(|| arena.reset()));
            assert_eq!(arena.capacity(), shared.bytes());
        }
        assert!(panicked <= 1);
        assert_eq!(*arena.alloc(7), 7);
        drop(arena);
        assert_eq!(shared.bytes(), 0);
    }
}

#[test]
fn user_code_that_panics_loses_nothing() {
    let arena = SyncArena::new();
    arena.alloc(1_u64);
    let drops = Cell::new(0);
    for at in 0..5 {
        assert!(panics(|| {
            arena.alloc_slice_fill_with(5, |i| {
                if i == at {
                    panic_quietly();
                }
                Counted(&drops)
            });
        }));
        assert_eq!(drops.take(), at);
        assert!(panics(|| {
            let made = (0..5).map(|i| {
                if i == at {
                    panic_quietly()
                } else {
                    Counted(&drops)
                }
            });
            arena.alloc_iter(made);
        }));
        assert_eq!(drops.take(), at);
    }
    assert!(panics(|| {
        arena.alloc_with(|| -> u64 { panic_quietly() });
    }));
    let failed = arena.try_alloc_try_with(|| Err::<u64, _>("no"));
    assert_eq!(failed, Err(AllocOrInitError::Init("no")));
    let mut arena = arena;
    assert_eq!(arena.allocated_bytes(), 8);
}

#[test]
fn closures_may_use_the_arena() {
    let mut arena = SyncArena::new();
    let outer = arena.alloc_with(|| {
        let inner = arena.alloc_slice_fill_copy(100, 1_u64);
        (inner, arena.alloc_str("inner"))
    });
    assert_eq!((outer.0[99], &*outer.1), (1, "inner"));
    let nested =
        arena.alloc_slice_fill_with(50, |i| &*arena.alloc_iter((0..i).map(|n| *arena.alloc(n))));
    assert!(
        nested
            .iter()
            .enumerate()
            .all(|(i, slice)| slice.iter().copied().eq(0..i))
    );
    // And so may another thread, from within.
    let both = arena.alloc_with(|| {
        thread::scope(|scope| scope.spawn(|| &*arena.alloc_str("there")).join().unwrap())
    });
    assert_eq!(*both, "there");
    arena.reset();
}

/// A backing allocator that allocates in the arena that it backs.
struct Reentrant(OnceLock<&'static SyncArena<Reentrant>>, AtomicUsize);

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Reentrant {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if let Some(arena) = self.0.get() {
            let left = self.1.load(Ordering::Relaxed);
            if left > 0 {
                self.1.store(left - 1, Ordering::Relaxed);
                let block = arena.try_alloc_slice_fill_copy(40, left as u8)?;
                assert!(block.iter().all(|&byte| byte == left as u8));
                arena.set_limit(Some(usize::MAX - 1));
            }
        }
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block came from there, with this layout.
        unsafe { Global.deallocate(block, layout) }
    }
}

#[test]
fn backing_allocators_may_use_the_arena() {
    let backing = Reentrant(OnceLock::new(), AtomicUsize::new(8));
    let leaked = Leaked::new(SyncArena::new_in(backing));
    // SAFETY: it is not used after `leaked` is dropped, at the end.
    let arena = unsafe { leaked.get() };
    assert!(arena.allocator().0.set(arena).is_ok());
    thread::scope(|scope| {
        for worker in 0..2 {
            scope.spawn(move || {
                let blocks: Vec<_> = (0..200)
                    .map(|n| (arena.alloc_slice_fill_copy(n, pattern(worker, n)), n))
                    .collect();
                for (block, n) in blocks {
                    assert!(block.iter().all(|&byte| byte == pattern(worker, n)));
                }
            });
        }
    });
    drop(leaked);
}

#[test]
fn what_is_last_grows_shrinks_and_goes_back_in_place() {
    let mut arena = SyncArena::new();
    let mut vec = ArenaVec::with_capacity_in(1, &arena);
    vec.push(0_u64);
    let start = vec.as_ptr();
    vec.extend(1..20);
    assert_eq!(vec.as_ptr(), start);
    vec.shrink_to_fit();
    assert_eq!(vec.as_ptr(), start);
    drop(vec);
    assert!(arena.allocated_bytes() == 0);
}

#[test]
fn what_another_thread_grows_or_frees_harms_nobody() {
    let arena = SyncArena::new();
    let mut vecs: Vec<ArenaVec<usize, &SyncArena>> =
        (0..8).map(|n| arenula::vec![in &arena; n; 10]).collect();
    thread::scope(|scope| {
        for (n, mut vec) in vecs.drain(..).enumerate() {
            let arena = &arena;
            scope.spawn(move || {
                for _ in 0..if cfg!(miri) { 50 } else { 1000 } {
                    vec.push(n);
                    arena.alloc(usize::MAX);
                }
                vec.shrink_to_fit();
                assert!(vec.iter().all(|&m| m == n));
                if n % 2 == 0 {
                    vec.into_slice();
                }
            });
        }
        for n in 0..100 {
            let boxed = arena.alloc_box(n);
            scope.spawn(move || assert_eq!(*boxed, n));
        }
    });
}

#[test]
fn blocks_are_aligned_and_large_ones_have_a_chunk() {
    // Interpreters are slow to write bytes one by one.
    const PART: usize = if cfg!(miri) { 1024 } else { 1 };
    let mut arena = SyncArena::new();
    for shift in 0..13 {
        for size in [0, 1, 7, 100, 5000] {
            let layout = Layout::from_size_align(size, 1 << shift).unwrap();
            assert_eq!(arena.alloc_layout(layout).addr().get() % layout.align(), 0);
        }
    }
    arena.alloc_slice_fill_copy((10 << 20) / PART, [1_u8; PART]);
    assert!(arena.stats().capacity >= 10 << 20);
    assert!(arena.try_alloc_slice_uninit::<u64>(usize::MAX).is_err());
    assert!(panics(|| {
        arena.alloc_slice_uninit::<u64>(usize::MAX);
    }));
    let huge = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
    assert!(arena.try_alloc_layout(huge).is_err());
}

#[test]
fn what_has_no_size_needs_no_memory_as_an_allocator() {
    let arena = SyncArena::new();
    arena.set_limit(Some(0));
    let mut units = ArenaVec::new_in(&arena);
    units.extend([(); 10]);
    assert_eq!(units.len(), 10);
    drop(units);
    assert_eq!(*arenula::boxed::Box::new_in((), &arena), ());
    assert!(arena.try_alloc(1).is_err());
    assert!(arena.try_alloc_box(1).is_err());
    assert!(arena.try_alloc_fmt(format_args!("{}", 1)).is_err());
    assert!(arena.try_reserve(1).is_err());
}

#[test]
fn values_that_must_stay_may_be_put_in() {
    let arena = SyncArena::new();
    let shared = std::rc::Rc::new(1);
    let kept = arena.alloc(Some(shared.clone()));
    let boxed = arena.alloc_box(shared.clone());
    assert_eq!(std::rc::Rc::strong_count(&shared), 3);
    drop(boxed);
    // Its destructor doesn't run but where it is taken out.
    assert_eq!(kept.take().as_deref(), Some(&1));
    assert_eq!(std::rc::Rc::strong_count(&shared), 1);
}

#[test]
fn containers_live_in_it() {
    let arena = SyncArena::new();
    let numbers = arenula::vec![in &arena; 1, 2, 3];
    let text = arenula::format!(in &arena, "{numbers:?}");
    assert_eq!(text, "[1, 2, 3]");
    let odd = (0..10)
        .filter(|n| n % 2 == 1)
        .collect_in::<ArenaVec<_, _>>(&arena);
    let odd: &mut [i32] = odd.into_slice();
    assert_eq!(odd, [1, 3, 5, 7, 9]);
    let boxed = arenula::boxed::Box::new_in(text, &arena);
    assert_eq!(boxed.len(), 9);
    let shared = Rc::new_in(5, &arena);
    assert_eq!(*Rc::clone(&shared), 5);
    let mut string = arena.string();
    string.push_str("Ada");
    assert_eq!(string.into_str(), "Ada");
    #[cfg(feature = "collections")]
    {
        let mut map = arena.hash_map();
        for n in 0..1000 {
            map.insert(n, n * n);
        }
        assert_eq!(map[&31], 961);
        let mut set = arena.hash_set();
        assert!(set.insert("Ada"));
    }
}

#[cfg(feature = "serde")]
#[test]
fn documents_are_read_into_it() {
    use arenula::serde::DeserializeIn;
    let arena = SyncArena::new();
    let mut text = serde_json::Deserializer::from_str(r#"["a", "b"]"#);
    let words = <&[&str]>::deserialize_in(&arena, &mut text).unwrap();
    assert_eq!(words, ["a", "b"]);
}

#[test]
fn resets_keep_memory() {
    let shared = Shared::default();
    let mut arena = SyncArena::new_in(Watched(&shared));
    for round in 0..20 {
        for n in 0..1000_u64 {
            arena.alloc(n);
        }
        arena.reset();
        if round == 2 {
            shared.asked.store(0, Ordering::Relaxed);
        }
    }
    assert_eq!(shared.asked.load(Ordering::Relaxed), 0);
    for retain in [
        Retain::All,
        Retain::Largest,
        Retain::UpTo(4000),
        Retain::UpTo(50),
        Retain::Nothing,
    ] {
        arena.alloc_slice_fill_copy(1000, 1_u64);
        arena.alloc_slice_fill_copy(10, 1_u64);
        let held = arena.capacity();
        arena.reset_with(retain);
        assert_eq!(arena.capacity(), shared.bytes());
        match retain {
            Retain::All => assert_eq!(arena.capacity(), held),
            Retain::Largest => assert!(arena.capacity() >= 8000),
            Retain::UpTo(bytes) => assert!(arena.capacity() <= bytes),
            Retain::Nothing => assert_eq!(arena.capacity(), 0),
        }
    }
}

/// Panics when so many blocks were given back.
struct Panicking<'w>(Watched<'w>, &'w AtomicUsize);

// SAFETY: it hands on what the other does.
unsafe impl Allocator for Panicking<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the same contract.
        unsafe { self.0.deallocate(block, layout) };
        if self.1.fetch_sub(1, Ordering::Relaxed) == 1 {
            panic_quietly();
        }
    }
}

#[test]
fn panicking_backing_allocators_at_the_end_lose_nothing() {
    for n in 1..10 {
        let (shared, left) = (Shared::default(), AtomicUsize::new(usize::MAX));
        let arena = SyncArena::new_in(Panicking(Watched(&shared), &left));
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    start.wait();
                    arena.alloc_slice_fill_copy(100, 0_u8);
                    arena.alloc_slice_fill_copy(1000, 0_u8);
                    start.wait();
                });
            }
        });
        left.store(n, Ordering::Relaxed);
        assert!(panics(|| drop(arena)));
        assert_eq!(shared.bytes(), 0);
    }
}

#[test]
fn an_arena_that_was_moved_is_dropped_where_it_is_now_also_in_a_panic() {
    for n in 1..3 {
        let (shared, left) = (
            [Shared::default(), Shared::default()],
            AtomicUsize::new(usize::MAX),
        );
        let [mut one, mut other] = [&shared[0], &shared[1]]
            .map(|shared| SyncArena::new_in(Panicking(Watched(shared), &left)));
        one.alloc(1);
        other.alloc(2);
        // What each of them knows of its place is now the place of the other.
        std::mem::swap(&mut one, &mut other);
        left.store(n, Ordering::Relaxed);
        assert!(panics(|| drop(one)));
        assert_eq!(shared[1].bytes(), 0);
        assert_eq!(other.capacity(), shared[0].bytes());
        drop(other);
        assert_eq!(shared[0].bytes(), 0);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Alloc(usize, u8),
    Grow(usize),
    Free(usize),
    Limit(Option<usize>),
    Reset,
    Retain(usize),
    Switch,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..600_usize, any::<u8>()).prop_map(|(size, byte)| Step::Alloc(size, byte)),
        4 => (0..50_usize).prop_map(Step::Grow),
        4 => (0..50_usize).prop_map(Step::Free),
        1 => proptest::option::of(0..20_000_usize).prop_map(Step::Limit),
        1 => Just(Step::Reset),
        1 => (0..8000_usize).prop_map(Step::Retain),
        3 => Just(Step::Switch),
    ]
}

proptest! {
    #![proptest_config(properties())]

    /// Two arenas in turn, with vectors that are filled, grow and go; the backing allocator watches.
    #[test]
    fn it_agrees_with_a_model(steps in proptest::collection::vec(step(), 1..80)) {
        let shared = Shared::default();
        let mut arenas = [SyncArena::new_in(Watched(&shared)), SyncArena::new_in(Watched(&shared))];
        let mut steps = steps.into_iter().peekable();
        while steps.peek().is_some() {
            // Until the next step that needs the arenas alone.
            let mut alone = None;
            {
                let mut which = 0;
                let mut vecs: Vec<(ArenaVec<u8, _>, u8)> = Vec::new();
                for step in steps.by_ref() {
                    let arena = &arenas[which];
                    match step {
                        Step::Alloc(size, byte) => {
                            let mut vec = ArenaVec::new_in(arena);
                            if vec.try_reserve_exact(size).is_ok() {
                                vec.resize(size, byte);
                                vecs.push((vec, byte));
                            }
                        }
                        Step::Grow(n) if n < vecs.len() => {
                            let (vec, byte) = &mut vecs[n];
                            if vec.try_reserve(40).is_ok() {
                                vec.extend([*byte; 40]);
                            }
                        }
                        Step::Free(n) if n < vecs.len() => {
                            let (mut vec, byte) = vecs.swap_remove(n);
                            vec.truncate(vec.len() / 2);
                            vec.shrink_to_fit();
                            prop_assert!(vec.iter().all(|b| *b == byte));
                        }
                        Step::Grow(_) | Step::Free(_) => {}
                        Step::Limit(limit) => {
                            arena.set_limit(limit);
                            prop_assert_eq!(arena.limit(), limit);
                        }
                        Step::Switch => which = 1 - which,
                        Step::Reset | Step::Retain(_) => {
                            alone = Some((step, which));
                            break;
                        }
                    }
                    let held = arenas[0].capacity() + arenas[1].capacity();
                    prop_assert_eq!(held, shared.bytes());
                    for (vec, byte) in &vecs {
                        prop_assert!(vec.iter().all(|b| b == byte));
                    }
                }
            }
            if let Some((step, which)) = alone {
                match step {
                    Step::Retain(bytes) => {
                        arenas[which].reset_with(Retain::UpTo(bytes));
                        prop_assert!(arenas[which].capacity() <= bytes);
                    }
                    _ => arenas[which].reset(),
                }
                let limit = arenas[which].limit().unwrap_or(usize::MAX);
                prop_assert!(arenas[which].capacity() <= limit);
                prop_assert_eq!(arenas[which].allocated_bytes(), 0);
            }
        }
        drop(arenas);
        prop_assert_eq!(shared.bytes(), 0);
    }
}
