//! `ArenaPool`: arenas that are leased to whoever has work to do.
#![cfg(feature = "std")]

mod support;

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use allocator_api2::alloc::Allocator;
use arenula::boxed::{Box as ArenaBox, BoxExt};
use arenula::collections::{CollectIn, Rc};
use arenula::sync::{ArenaPool, OwnedArena, PoolGuard};
use arenula::vec::{Vec as ArenaVec, VecExt};
use arenula::{Arena, Owned, Retain, Root};
use rayon::prelude::*;
use support::{panic_quietly, panics};

const ROUNDS: usize = if cfg!(miri) { 20 } else { 1000 };

fn place(arena: &Arena) -> usize {
    std::ptr::from_ref(arena).addr()
}

#[test]
fn a_thread_gets_the_arena_that_it_had() {
    let pool = ArenaPool::new();
    let first = place(&pool.get());
    for _ in 0..10 {
        assert_eq!(place(&pool.get()), first);
    }
    thread::scope(|scope| {
        let here = pool.get();
        let worker = scope.spawn(|| {
            let theirs = place(&pool.get());
            assert_ne!(theirs, first);
            assert_eq!(place(&pool.get()), theirs);
        });
        worker.join().unwrap();
        assert_eq!(place(&here), first);
    });
    assert_eq!(place(&pool.get()), first);
    assert_eq!(pool.stats().leased, 0);
}

#[test]
fn guards_at_the_same_time_have_arenas_of_their_own() {
    let pool = ArenaPool::new();
    for _ in 0..3 {
        let guards: Vec<PoolGuard> = (0..100).map(|_| pool.get()).collect();
        let places: HashSet<usize> = guards.iter().map(|guard| place(guard)).collect();
        assert_eq!(places.len(), 100);
        assert_eq!(pool.stats().leased, 100);
        for guard in &guards {
            guard.alloc(1_u64);
        }
    }
    let stats = pool.stats();
    assert_eq!((stats.leased, stats.allocated), (0, 100 * 8 * 3));
    // They come in rows of 16, beside the thread's own.
    assert!((100..=1 + 112).contains(&stats.arenas));
}

#[test]
fn arenas_of_threads_that_have_ended_are_used_again() {
    let pool = ArenaPool::new();
    for n in 0..50_u64 {
        thread::scope(|scope| {
            scope.spawn(|| *pool.get().alloc(n));
        });
    }
    assert_eq!(pool.stats().arenas, 1);
    assert_eq!(pool.stats().allocated, 400);
}

#[test]
fn results_outlive_guards_and_what_guards_do() {
    let pool = ArenaPool::new();
    let mut results: Vec<(&mut [u8], u8)> = Vec::new();
    for n in 0..ROUNDS {
        let guard = pool.get();
        let byte = n as u8;
        results.push((guard.alloc_slice_fill_copy(n % 40, byte), byte));
        // Boxes and vectors of the lease give their own back, and nothing else.
        let scrap = guard.alloc_box([0xEE_u8; 30]);
        let mut vec = ArenaVec::new_in(&guard);
        vec.extend([0xEE_u8; 20]);
        drop(scrap);
        drop(vec);
        if n % 3 == 0 {
            assert!(panics(|| {
                guard.alloc_slice_fill_with(10, |i| if i == 5 { panic_quietly() } else { 0xEE_u8 });
            }));
            assert!(guard.alloc_try_with(|| Err::<[u8; 50], _>(())).is_err());
            guard.set_limit(Some(0));
            assert!(guard.try_alloc_slice_fill_copy(10 << 20, 0_u8).is_err());
        }
    }
    // The limit of a lease ends with it.
    assert_eq!(pool.get().limit(), None);
    for (block, byte) in results {
        assert!(block.iter().all(|read| *read == byte));
    }
}

#[test]
fn what_workers_write_stays_as_it_is() {
    let mut pool = ArenaPool::new();
    for _ in 0..3 {
        let workers = if cfg!(miri) { 2 } else { 8 };
        let start = Barrier::new(workers);
        let written = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for worker in 0..workers {
                let (pool, start, written) = (&pool, &start, &written);
                scope.spawn(move || {
                    start.wait();
                    let mut mine: Vec<(&mut [u8], u8)> = Vec::new();
                    for n in 0..ROUNDS {
                        let byte = (worker * 31 + n * 7 + 1) as u8;
                        let guard = pool.get();
                        mine.push((guard.alloc_slice_fill_copy(n % 50, byte), byte));
                        if n % 5 == 0 {
                            let second = pool.get();
                            mine.push((second.alloc_slice_fill_copy(n % 70, byte), byte));
                            drop(guard);
                            let third = pool.get();
                            mine.push((third.alloc_slice_fill_with(20, |_| byte), byte));
                        }
                        if n % 50 == 0 {
                            thread::yield_now();
                        }
                    }
                    written.lock().unwrap().append(&mut mine);
                });
            }
        });
        let written = written.into_inner().unwrap();
        let mut places = BTreeMap::new();
        for (block, byte) in &written {
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
        assert!(pool.stats().arenas <= 3 * workers);
        assert_eq!(pool.stats().leased, 0);
        pool.reset();
        assert_eq!(pool.stats().allocated, 0);
    }
}

#[test]
fn a_guard_may_go_to_another_thread() {
    let pool = ArenaPool::new();
    let (send, receive) = mpsc::channel::<PoolGuard>();
    let text = thread::scope(|scope| {
        let worker = scope.spawn(move || {
            let guard = receive.recv().unwrap();
            &*guard.alloc_str("there")
        });
        let guard = pool.get();
        guard.alloc_str("here");
        send.send(guard).unwrap();
        worker.join().unwrap()
    });
    assert_eq!(text, "there");
    assert_eq!(pool.stats().leased, 0);
    assert_eq!(pool.stats().allocated, 16);
}

#[test]
fn a_forgotten_guard_keeps_its_arena_until_the_reset() {
    let mut pool = ArenaPool::new();
    let forgotten = place(&pool.get());
    std::mem::forget(pool.get());
    assert_ne!(place(&pool.get()), forgotten);
    let second = {
        let guard = pool.get();
        let second = place(&guard);
        std::mem::forget(guard);
        second
    };
    pool.get().alloc(1);
    assert_eq!(pool.stats().leased, 2);
    pool.reset();
    assert_eq!(pool.stats().leased, 0);
    assert_eq!(place(&pool.get()), forgotten);
    let both = [pool.get(), pool.get()];
    assert_eq!([place(&both[0]), place(&both[1])], [forgotten, second]);
}

#[test]
fn a_panic_in_a_worker_poisons_nothing() {
    let pool = Arc::new(ArenaPool::new());
    for _ in 0..3 {
        assert!(
            catch_unwind(AssertUnwindSafe(|| {
                let guard = pool.get();
                let owned = pool.get_owned();
                guard.alloc(1_u64);
                owned.alloc(1_u64);
                panic_quietly();
            }))
            .is_err()
        );
        assert_eq!(pool.stats().leased, 0);
    }
    assert_eq!(*pool.get().alloc(2), 2);
    assert_eq!(pool.stats().allocated, 32);
}

#[test]
fn guards_are_allocators_by_value_and_by_reference() {
    fn is_allocator<A: Allocator>(_: &A) {}
    let pool = ArenaPool::new();
    let guard = pool.get();
    is_allocator(&guard);
    is_allocator(&&guard);
    let numbers: &mut [i32] = {
        let mut numbers = arenula::vec![in &guard; 1, 2, 3];
        numbers.push(4);
        numbers.into_slice()
    };
    let name: &mut str = {
        let text = arenula::format!(in &guard, "{}", numbers.len());
        text.into_str()
    };
    let boxed: &mut u64 = ArenaBox::into_ref(ArenaBox::new_in(7, &guard));
    let odd = (0..10)
        .filter(|n| n % 2 == 1)
        .collect_in::<ArenaVec<_, _>>(&guard);
    let odd: &mut [i32] = odd.into_slice();
    let shared = Rc::new_in(5, &guard);
    assert_eq!(*Rc::clone(&shared), 5);
    drop(shared);
    #[cfg(feature = "collections")]
    {
        let mut map = guard.hash_map();
        map.insert("a", 1);
        assert_eq!(map["a"], 1);
    }
    // The lease goes with the vector, and ends with it; a thread may take both along.
    let mut vec = ArenaVec::new_in(guard);
    vec.extend(0..100);
    assert_eq!(pool.stats().leased, 1);
    thread::scope(|scope| {
        scope.spawn(move || {
            vec.extend(100..1000);
            assert!(vec.iter().copied().eq(0..1000));
        });
    });
    assert_eq!(pool.stats().leased, 0);
    assert_eq!((&*numbers, &*name, *boxed), (&[1, 2, 3, 4][..], "4", 7));
    assert_eq!(odd, [1, 3, 5, 7, 9]);
}

#[cfg(feature = "serde")]
#[test]
fn documents_are_read_into_it() {
    use arenula::serde::DeserializeIn;
    let pool = ArenaPool::new();
    let words: &[&str] = {
        let guard = pool.get();
        let mut text = serde_json::Deserializer::from_str(r#"["a", "b"]"#);
        <&[&str]>::deserialize_in(&guard, &mut text).unwrap()
    };
    assert_eq!(words, ["a", "b"]);
}

#[test]
fn pools_in_turn_are_told_apart() {
    let mut pools: Vec<ArenaPool> = (0..40).map(|_| ArenaPool::new()).collect();
    for n in 0..20_u64 {
        for pool in &pools {
            pool.get().alloc(n);
        }
    }
    for pool in &mut pools {
        let stats = pool.stats();
        assert_eq!((stats.arenas, stats.allocated), (1, 160));
        // A pool that was moved is the same pool.
        let moved = std::mem::take(pool);
        moved.get().alloc(1_u64);
        assert_eq!(moved.stats().allocated, 168);
        assert_eq!(pool.stats().arenas, 0);
    }
}

#[test]
fn resets_keep_what_they_are_told() {
    let mut pool = ArenaPool::new();
    for retain in [
        Retain::All,
        Retain::Largest,
        Retain::UpTo(10_000),
        Retain::Nothing,
    ] {
        {
            let guards = [pool.get(), pool.get()];
            for guard in &guards {
                guard.alloc_slice_fill_copy(1000, 0_u64);
            }
        }
        let held = pool.stats().capacity;
        assert!(held > 16_000);
        pool.reset_with(retain);
        let stats = pool.stats();
        assert_eq!(stats.allocated, 0);
        match retain {
            Retain::All | Retain::Largest => assert_eq!(stats.capacity, held),
            Retain::UpTo(bytes) => assert!(stats.capacity <= 2 * bytes),
            Retain::Nothing => assert_eq!((stats.capacity, stats.arenas), (0, 0)),
        }
    }
}

#[test]
fn an_owned_arena_resets_itself_and_comes_back() {
    let pool = Arc::new(ArenaPool::new());
    let first = place(&pool.get_owned());
    for n in 0..ROUNDS {
        let mut arena = pool.get_owned();
        assert_eq!(place(&arena), first);
        assert_eq!((arena.allocated_bytes(), arena.limit()), (0, None));
        arena.alloc_slice_fill_copy(100, n);
        arena.set_limit(Some(10_000));
        let sum = arena.scope(|s| s.alloc_iter(0..10).iter().sum::<i32>());
        assert_eq!(sum, 45);
    }
    assert_eq!(pool.stats().allocated, 0);
    // Guards have other arenas, with what others still read.
    let kept: &u64 = pool.get().alloc(7);
    assert_ne!(place(&pool.get()), first);
    drop(pool.get_owned());
    assert_eq!(*kept, 7);
}

#[test]
fn an_owned_arena_keeps_no_more_than_it_may() {
    // Interpreters are slow to write bytes one by one.
    const PART: usize = if cfg!(miri) { 1024 } else { 1 };
    let pool = Arc::new(ArenaPool::new());
    let use_much = || {
        let arena = pool.get_owned();
        arena.alloc_slice_fill_copy((3 << 20) / PART, [0_u8; PART]);
    };
    use_much();
    assert!(pool.stats().capacity <= 1 << 20);
    pool.set_retained(usize::MAX);
    use_much();
    assert!(pool.stats().capacity >= 3 << 20);
    pool.set_retained(0);
    use_much();
    assert_eq!(pool.stats().capacity, 0);
}

#[test]
fn an_owned_arena_goes_from_thread_to_thread_and_keeps_its_pool() {
    let pool = Arc::new(ArenaPool::new());
    let arena: OwnedArena = pool.get_owned();
    drop(pool);
    let arena = thread::spawn(move || {
        arena.alloc(1_u64);
        arena
    })
    .join()
    .unwrap();
    thread::spawn(move || assert_eq!(arena.allocated_bytes(), 8))
        .join()
        .unwrap();
}

#[test]
fn an_owned_arena_may_be_exchanged() {
    let pool = Arc::new(ArenaPool::new());
    let mut arena = pool.get_owned();
    let mut mine = Arena::new();
    mine.alloc_str("mine");
    arena.alloc_str("pooled");
    std::mem::swap(&mut *arena, &mut mine);
    assert_eq!(mine.allocated_bytes(), 8);
    let mut other = pool.get_owned();
    std::mem::swap(&mut *arena, &mut *other);
    *other = Arena::new();
    let taken = std::mem::take(&mut *arena);
    drop((arena, other, pool));
    assert_eq!(*taken.alloc(1), 1);
    assert_eq!(*mine.alloc(1), 1);
}

#[test]
fn many_owned_arenas_at_the_same_time() {
    let pool = Arc::new(ArenaPool::new());
    for _ in 0..3 {
        let mut arenas: Vec<OwnedArena> = (0..100).map(|_| pool.get_owned()).collect();
        let places: HashSet<usize> = arenas.iter().map(|arena| place(arena)).collect();
        assert_eq!(places.len(), 100);
        for arena in &arenas {
            arena.alloc(1);
        }
        thread::scope(|scope| {
            while let Some(arena) = arenas.pop() {
                scope.spawn(move || drop(arena));
            }
        });
        assert_eq!(pool.stats().leased, 0);
        assert!((100..=112).contains(&pool.stats().arenas));
    }
    // One that is forgotten keeps the pool.
    let forgotten = std::mem::ManuallyDrop::new(pool.get_owned());
    assert_eq!((pool.stats().leased, Arc::strong_count(&pool)), (1, 2));
    drop(std::mem::ManuallyDrop::into_inner(forgotten));
}

#[test]
fn destructors_of_thread_locals_may_use_it() {
    static POOL: ArenaPool = ArenaPool::new();
    static SEEN: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            let guard = POOL.get();
            SEEN.lock().unwrap().push(guard.alloc_str("late"));
        }
    }
    thread_local!(static LATE: Late = const { Late });
    for _ in 0..3 {
        thread::spawn(|| {
            LATE.with(|_| ());
            POOL.get().alloc(1);
        })
        .join()
        .unwrap();
    }
    assert_eq!(*SEEN.lock().unwrap(), ["late"; 3]);
}

/// A tree that uses its arena, and counts its drops.
struct Tree<'a> {
    arena: &'a Arena,
    words: Cell<&'a [&'a str]>,
    dropped: std::rc::Rc<Cell<u32>>,
}

impl Root for Tree<'_> {
    type Of<'a> = Tree<'a>;
}

impl Drop for Tree<'_> {
    fn drop(&mut self) {
        self.dropped
            .set(self.dropped.get() + self.words.get().len() as u32);
    }
}

#[test]
fn what_is_absorbed_lives_as_long_as_the_pool() {
    let mut pool = ArenaPool::new();
    let dropped = std::rc::Rc::new(Cell::new(0));
    for round in 1..4 {
        {
            let make = || {
                Owned::<Tree>::new(|arena| Tree {
                    arena,
                    words: Cell::new(arena.alloc_slice_copy(&["a", "b"])),
                    dropped: dropped.clone(),
                })
            };
            let trees: Vec<Tree> = (0..10).map(|_| pool.absorb(make())).collect();
            let kept: &str = pool.get().alloc_str("of the pool");
            for tree in &trees {
                // The root may go on using its arena, which nobody else is given meanwhile.
                let word = tree.arena.alloc_str("c");
                tree.words.set(
                    tree.arena
                        .alloc_slice_copy(&[tree.words.get()[0], word, kept]),
                );
                pool.get().alloc([0xEE_u8; 100]);
            }
            assert!(
                trees
                    .iter()
                    .all(|tree| tree.words.get() == ["a", "c", "of the pool"])
            );
            let one = pool.try_absorb(make()).ok().unwrap();
            assert_eq!(one.words.get(), ["a", "b"]);
        }
        assert_eq!(dropped.get(), round * 32);
        pool.reset();
    }
    let (send, receive) = mpsc::channel::<Owned<&'static [u64]>>();
    thread::scope(|scope| {
        for n in 0..4_u64 {
            let send = send.clone();
            scope.spawn(move || {
                let owned = Owned::new(|arena| &*arena.alloc_slice_fill_copy(1000, n));
                send.send(owned).unwrap();
            });
        }
    });
    drop(send);
    let mut slices: Vec<&[u64]> = receive.iter().map(|owned| pool.absorb(owned)).collect();
    slices.sort_unstable();
    assert!((0..4).zip(slices).all(|(n, slice)| slice == [n; 1000]));
}

/// A line of words and numbers, parsed.
#[derive(Debug, PartialEq)]
enum Item<'a> {
    Word(&'a str),
    Number(i64),
    List(&'a [Item<'a>]),
}

fn parse<'a>(arena: &PoolGuard<'a>, line: &str) -> Item<'a> {
    let items = line.split(' ').map(|item| match item.parse() {
        Ok(number) => Item::Number(number),
        Err(_) if item.contains(',') => Item::List(
            arena.alloc_iter(
                item.split(',')
                    .map(|part| Item::Word(arena.alloc_str(part))),
            ),
        ),
        Err(_) => Item::Word(arena.alloc_str(item)),
    });
    Item::List(arena.alloc_iter(items))
}

#[test]
#[cfg_attr(miri, ignore = "rayon's deques are not for interpreters")]
fn parsing_in_parallel_gives_what_parsing_gives() {
    let lines: Vec<String> = (0..5000)
        .map(|n| format!("line {n} a,b,{} {} end", n % 7, n * n))
        .collect();
    let mut pool = ArenaPool::new();
    for _ in 0..3 {
        {
            let one: Vec<Item> = {
                let guard = pool.get();
                lines.iter().map(|line| parse(&guard, line)).collect()
            };
            let all: Vec<Item> = (lines.par_iter())
                .map_init(|| pool.get(), |guard, line| parse(guard, line))
                .collect();
            assert_eq!(all, one);
        }
        assert_eq!(pool.stats().leased, 0);
        pool.reset();
    }
}
