//! How much memory an arena keeps, and when it calls its backing allocator.
//!
//! Many rounds of much memory: too slow for an interpreter, which the other tests are for.
#![cfg(not(miri))]

mod support;

use std::alloc::Layout;

use allocator_api2::vec::Vec as ArenaVec;
use arenula::{Arena, Retain};
use support::{Watch, Watched};

type Backed<'w> = Arena<8, Watched<'w>>;

/// Runs `round` until nothing should change any more, and then checks that it does not.
fn settles(work: &str, mut round: impl FnMut(&mut Backed<'_>, usize)) -> usize {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    let mut i = 0;
    while i < 20 {
        round(&mut arena, i);
        i += 1;
    }
    let asked = watch.asked.get();
    while i < 200 {
        round(&mut arena, i);
        i += 1;
    }
    assert_eq!(
        watch.asked.get(),
        asked,
        "{work}: the backing allocator is still called"
    );
    assert!(asked < 100, "{work}");
    let stats = arena.stats();
    assert_eq!(stats.chunks, 1, "{work}: {stats}");
    stats.capacity
}

fn fill(arena: &Backed<'_>, bytes: usize) {
    for i in 0..bytes / 8 {
        arena.alloc(i as u64);
    }
}

#[test]
fn a_steady_workload_settles_on_one_chunk() {
    settles("resets", |arena, _| {
        fill(arena, 50_000);
        arena.reset();
    });
    settles("resets between two sizes", |arena, i| {
        fill(arena, if i % 2 == 0 { 50_000 } else { 20_000 });
        arena.reset();
    });
    settles("large values among small ones", |arena, _| {
        fill(arena, 1000);
        arena.alloc_slice_fill_copy(100_000, 0_u8);
        fill(arena, 1000);
        arena.reset();
    });
    settles("large alignments", |arena, i| {
        #[repr(align(256))]
        struct Aligned(#[allow(dead_code)] [u8; 256]);
        for _ in 0..100 {
            arena.alloc(i);
            arena.alloc(Aligned([0; 256]));
        }
        arena.reset();
    });
    settles("scopes", |arena, _| {
        arena.scope(|s| fill(s, 30_000));
    });
    settles("scopes in scopes", |arena, _| {
        arena.scope(|s| {
            for _ in 0..20 {
                s.scope(|inner| fill(inner, 200));
            }
            s.scope(|inner| fill(inner, 60_000));
            fill(s, 100);
        });
    });
    settles("a vector that comes and goes", |arena, _| {
        arena.scope(|s| {
            let mut vec = ArenaVec::new_in(&*s);
            vec.extend(0..10_000_u64);
        });
    });
    settles("a large box that comes and goes", |arena, _| {
        arena.alloc([0_u8; 100]);
        drop(arena.alloc_box([0_u8; 100_000]));
        arena.reset();
    });
    settles("boxes that come and go, one in the other", |arena, _| {
        fn nest(arena: &Backed<'_>, depth: usize) {
            let _here = arena.alloc_box([0_u8; 1000]);
            if depth > 0 {
                nest(arena, depth - 1);
            }
        }
        nest(arena, 100);
        arena.alloc(1);
        arena.reset();
    });
    settles("a slice that is made shorter", |arena, _| {
        arena.scope(|s| {
            s.alloc_iter((0..10_000_u64).filter(|n| n % 3 == 0));
        });
    });
    settles("a large failure", |arena, _| {
        arena.scope(|s| {
            assert!(s.alloc_try_with(|| Err::<[u8; 10_000], ()>(())).is_err());
        });
    });
    settles("a chunk that just fits, with other padding", |arena, _| {
        arena.alloc_layout(Layout::from_size_align(1506, 4).unwrap());
        arena.alloc_layout(Layout::from_size_align(6, 16).unwrap());
        arena.reset();
    });
    settles("room reserved and not used", |arena, _| {
        arena.reserve(4000);
        arena.alloc(1);
        arena.reset();
    });
    settles("now and then more", |arena, i| {
        fill(arena, if i % 7 == 0 { 80_000 } else { 800 });
        arena.reset();
    });
    settles("more used than is reserved after it", |arena, _| {
        arena.alloc_slice_fill_copy(29_635, 0_u8);
        arena.reserve(15_669);
        arena.reset();
    });
    settles("reserve", |arena, _| {
        arena.reserve(10_000);
        fill(arena, 10_000);
        arena.reset();
    });
}

#[test]
fn scopes_over_long_lived_values_settle_too() {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    fill(&arena, 1000);
    for _ in 0..20 {
        arena.scope(|s| fill(s, 30_000));
    }
    let asked = watch.asked.get();
    for _ in 0..100 {
        arena.scope(|s| fill(s, 30_000));
    }
    assert_eq!(watch.asked.get(), asked);
    assert!(arena.capacity() < 40_000);
    assert_eq!(arena.allocated_bytes(), 1000);
}

#[test]
fn scopes_at_different_depths_do_not_take_memory_from_each_other() {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    arena.reserve(1_000_000);
    arena.alloc(0_u8);
    let mut round = || {
        arena.scope(|s| {
            s.scope(|inner| fill(inner, 1_050_000));
            fill(s, 900_000);
            s.scope(|inner| fill(inner, 200_000));
        });
        watch.asked.get()
    };
    // At first what is too much goes, in a few steps.
    let asked = (0..50).map(|_| round()).last();
    assert_eq!(asked, (0..100).map(|_| round()).last());
}

#[test]
fn what_could_not_be_reserved_is_forgotten() {
    let mut arena = Arena::new();
    arena.set_limit(Some(1 << 30));
    assert!(arena.try_reserve(1 << 31).is_err());
    fill_global(&arena, 1000);
    arena.reset();
    assert!(arena.capacity() < 20_000);

    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    fill(&arena, 10_000);
    assert!(arena.try_reserve(isize::MAX as usize - 200).is_err());
    arena.reset();
    assert!(arena.capacity() > 8000);
}

#[test]
fn a_hopeless_request_does_not_cost_what_was_reserved() {
    let watch = Watch::default();
    let arena = Arena::new_in(Watched(&watch));
    arena.alloc(1);
    arena.reserve(5000);
    let held = arena.capacity();
    let hopeless = Layout::from_size_align(1 << (usize::BITS - 4), 1).unwrap();
    assert!(arena.try_alloc_layout(hopeless).is_err());
    assert_eq!(arena.capacity(), held);
}

#[test]
fn an_empty_arena_can_use_all_of_its_limit() {
    let mut arena = Arena::new();
    arena.set_limit(Some(10_000));
    arena.alloc_slice_fill_copy(8000, 0_u8);
    arena.reset();
    assert!(arena.try_alloc_slice_fill_copy(9900, 0_u8).is_ok());
    assert!(arena.try_alloc_slice_fill_copy(100, 0_u8).is_err());
}

#[test]
fn a_limit_holds_for_what_is_not_in_use() {
    let mut arena = Arena::new();
    arena.alloc([0_u8; 10_000]);
    arena.reset();
    arena.set_limit(Some(100));
    assert_eq!(arena.capacity(), 0);
    for retain in [Retain::All, Retain::Largest, Retain::UpTo(1 << 20)] {
        arena.set_limit(None);
        arena.alloc([0_u8; 10_000]);
        arena.alloc([0_u8; 20_000]);
        arena.set_limit(Some(15_000));
        arena.reset_with(retain);
        assert!(arena.capacity() <= 15_000);
    }
}

#[test]
fn a_limit_of_just_what_is_held_gives_nothing_back_but_what_a_burst_needed() {
    let mut arena = Arena::with_capacity(1 << 20);
    let held = arena.capacity();
    arena.set_limit(Some(held));
    assert_eq!(arena.capacity(), held);
    for _ in 0..100 {
        fill_global(&arena, 100);
        arena.reset();
    }
    assert!(arena.capacity() < 100_000, "{}", arena.stats());
}

#[test]
fn ten_thousand_nodes_take_little_more_than_they_need() {
    let asked = 240_000;
    let mut arena = Arena::new();
    for round in 0..3 {
        for i in 0..10_000_u64 {
            arena.alloc([i; 3]);
        }
        let held = arena.capacity();
        let most = if round == 0 {
            asked * 3 / 2
        } else {
            asked * 11 / 10
        };
        assert!(held <= most, "round {round}: {held} bytes for {asked}");
        arena.reset();
    }
}

#[test]
fn an_arena_holds_at_most_half_again_of_what_was_asked_for() {
    for n in (100..200_000).step_by(997) {
        let arena = Arena::new();
        fill_global(&arena, n);
        let (held, asked) = (arena.capacity(), n * 8);
        assert!(held <= asked * 3 / 2 + 2048, "{held} bytes for {asked}");
    }
}

fn fill_global(arena: &Arena, n: usize) {
    for i in 0..n {
        arena.alloc(i as u64);
    }
}

#[test]
fn a_large_request_does_not_inflate_the_next_chunk() {
    let arena = Arena::new();
    arena.alloc(1);
    arena.alloc_slice_fill_copy(10_000_000, 0_u8);
    let held = arena.capacity();
    arena.alloc(1);
    assert!(arena.capacity() - held < 5000);
}

#[test]
fn requests_larger_than_the_first_step_do_not_each_get_a_chunk() {
    let arena = Arena::new();
    for _ in 0..1000 {
        arena.alloc([0_u8; 600]);
    }
    assert!(arena.stats().chunks < 20);
}

#[test]
fn what_a_burst_needed_is_given_back() {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    fill(&arena, 10_000_000);
    arena.reset();
    assert!(arena.capacity() >= 10_000_000, "it may come again");
    let mut held = Vec::new();
    for _ in 0..100 {
        fill(&arena, 10_000);
        arena.reset();
        held.push(arena.capacity());
    }
    assert!(held.is_sorted_by(|a, b| a >= b));
    assert!(held[20] < 40_000_000 && held[99] < 500_000, "{held:?}");
    assert!(watch.asked.get() < 60);
}

#[test]
fn what_a_burst_in_a_scope_needed_is_given_back() {
    for base in [0, 1000] {
        let mut arena = Arena::new();
        fill_global(&arena, base);
        arena.scope(|s| fill_global(s, 1_000_000));
        for _ in 0..150 {
            arena.scope(|s| fill_global(s, 1000));
        }
        assert!(arena.capacity() < 100_000, "{base}: {}", arena.stats());
    }
}

#[test]
fn the_peak_never_falls() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        s.alloc_slice_fill_copy(1000, 0_u64);
    });
    arena.reset_with(Retain::Nothing);
    for _ in 0..100 {
        arena.reset();
    }
    assert_eq!(arena.stats().peak, 8000);
}

#[test]
fn retain_keeps_what_it_says() {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    fill(&arena, 100_000);
    let (held, asked) = (arena.stats(), watch.asked.get());
    arena.reset_with(Retain::All);
    fill(&arena, 100_000);
    let again = arena.stats();
    assert_eq!(
        (held, asked),
        (again, watch.asked.get()),
        "the same chunks in the same order"
    );

    let sizes = |arena: &mut Backed<'_>| arena.iter_chunks().count();
    assert!(sizes(&mut arena) > 5);
    arena.reset_with(Retain::Largest);
    let largest = arena.capacity();
    assert!(largest > held.capacity / 4);
    fill(&arena, 100_000);
    arena.reset_with(Retain::UpTo(largest));
    assert!(arena.capacity() <= largest && arena.capacity() > 0);
    arena.reset_with(Retain::Nothing);
    assert_eq!(watch.count(), 0);
}

#[test]
fn reserved_memory_is_there_without_a_call() {
    let watch = Watch::default();
    let arena = Arena::new_in(Watched(&watch));
    fill(&arena, 100);
    for bytes in [1, 1000, 20_000, 100_000] {
        arena.reserve(bytes);
        let asked = watch.asked.get();
        arena.alloc_slice_fill_copy(bytes, 0_u8);
        assert_eq!(watch.asked.get(), asked);
    }
    assert_eq!(
        arena.stats().allocated,
        104 + 8 + 1000 + 20_000 + 100_000 - 8
    );
}

#[test]
fn an_arena_made_with_a_capacity_needs_no_more_for_as_much() {
    fn check<const MIN_ALIGN: usize>(arena: &Arena<MIN_ALIGN>) {
        let capacity = arena.capacity();
        assert!(capacity >= 50_000);
        arena.alloc_slice_fill_copy(50_000, 0_u8);
        assert_eq!(arena.capacity(), capacity);
    }
    check(&Arena::with_capacity(50_000));
    check(&Arena::try_with_capacity(50_000).unwrap());
    check(&Arena::<1>::with_min_align_and_capacity(50_000));
    check(&Arena::<16>::try_with_min_align_and_capacity(50_000).unwrap());
}

#[test]
fn what_is_reserved_each_round_is_kept_though_little_of_it_is_used() {
    for bytes in [100_000, 100] {
        let watch = Watch::default();
        let mut arena = Arena::new_in(Watched(&watch));
        arena.reserve(100_000);
        let asked = watch.asked.get();
        for _ in 0..50 {
            arena.reserve(bytes);
            arena.alloc(1);
            arena.reset();
        }
        let is_kept = bytes == 100_000;
        assert_eq!(watch.asked.get() == asked, is_kept, "{bytes}");
        assert_eq!(arena.capacity() > 50_000, is_kept, "{bytes}");
    }
}

#[test]
fn an_arena_that_is_not_used_allocates_nothing() {
    let watch = Watch::default();
    let mut arena = Arena::new_in(Watched(&watch));
    arena.reset();
    arena.scope(|s| s.scope(|_| ()));
    arena.reset_with(Retain::All);
    arena.alloc(());
    arena.alloc_str("");
    arena.reserve(0);
    assert_eq!((watch.asked.get(), arena.stats().chunks), (0, 0));
}

#[test]
fn what_does_not_need_a_chunk_does_not_keep_it() {
    let shrinks = |work: &str, mut round: Box<dyn FnMut(&mut Arena)>| {
        let mut arena = Arena::new();
        fill_global(&arena, 130_000);
        arena.reset();
        for _ in 0..200 {
            round(&mut arena);
        }
        assert!(arena.capacity() < 100_000, "{work}: {}", arena.stats());
    };
    shrinks(
        "two vectors that grow in turns",
        Box::new(|arena| {
            let (mut one, mut two) = (ArenaVec::new_in(&*arena), ArenaVec::new_in(&*arena));
            for i in 0..100 {
                one.push(i);
                two.push(i);
            }
            drop((one, two));
            arena.reset();
        }),
    );
    shrinks(
        "requests that are refused",
        Box::new(|arena| {
            arena.set_limit(Some(2 << 20));
            arena.alloc(1);
            let refused = Layout::from_size_align(4 << 20, 1).unwrap();
            assert!(arena.try_alloc_layout(refused).is_err());
            arena.reset();
        }),
    );
    shrinks(
        "scopes that panic",
        Box::new(|arena| {
            assert!(support::panics(|| arena.scope(|s| {
                s.alloc(1);
                support::panic_quietly()
            })));
        }),
    );
}

#[test]
fn empty_chunks_below_are_given_back() {
    let mut arena = Arena::new();
    for bytes in [1_000_000, 1_900_000] {
        drop(ArenaVec::<u8, _>::with_capacity_in(bytes, &arena));
    }
    for _ in 0..100 {
        arena.scope(|s| {
            s.alloc_slice_uninit::<u8>(1_500_000);
        });
    }
    let stats = arena.stats();
    assert!(stats.chunks == 1 && stats.capacity < 2_500_000, "{stats}");
}

#[test]
fn a_limit_makes_room_of_what_was_only_reserved() {
    let arena = Arena::new();
    arena.alloc([0_u8; 400]);
    arena.reserve(1000);
    arena.set_limit(Some(5584));
    assert!(arena.try_alloc_slice_fill_copy(4800, 0_u8).is_ok());
}

#[test]
fn the_largest_alignment_is_refused_or_costs_nothing() {
    let arena = Arena::new();
    for shift in 0..usize::BITS {
        let nothing = Layout::from_size_align(0, 1 << shift).unwrap();
        let addr = arena.alloc_layout(nothing).addr().get();
        assert_eq!(addr % nothing.align(), 0);
    }
    assert_eq!(arena.allocated_bytes(), 0);
}
