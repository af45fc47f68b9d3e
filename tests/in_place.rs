//! Large values are built where they stay: in optimised builds a closure's value makes no stop on the
//! stack, which would not hold it.
#![cfg(not(debug_assertions))]

use arenula::{AllocOrInitError, Arena};

const LARGE: usize = 16 << 20;

fn with_a_small_stack(f: fn()) {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(f)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn alloc_with_builds_in_place() {
    with_a_small_stack(|| {
        let arena = Arena::new();
        let large = arena.alloc_with(|| [7_u8; LARGE]);
        assert!(large.iter().all(|&byte| byte == 7));
        let large = arena.try_alloc_with(|| [8_u8; LARGE]).unwrap();
        assert!(large.iter().all(|&byte| byte == 8));
    });
}

#[test]
fn alloc_try_with_builds_in_place() {
    with_a_small_stack(|| {
        let arena = Arena::new();
        let large = arena.alloc_try_with(|| Ok::<_, ()>([7_u8; LARGE])).unwrap();
        assert!(large.iter().all(|&byte| byte == 7));
        let large: Result<_, AllocOrInitError<()>> = arena.try_alloc_try_with(|| Ok([8_u8; LARGE]));
        assert!(large.unwrap().iter().all(|&byte| byte == 8));
    });
}

#[test]
fn a_scope_builds_in_place() {
    with_a_small_stack(|| {
        let mut arena = Arena::new();
        arena.scope(|s| {
            let large = s.alloc_with(|| [7_u8; LARGE]);
            assert!(large.iter().all(|&byte| byte == 7));
        });
    });
}

#[test]
fn slices_are_filled_in_place() {
    with_a_small_stack(|| {
        let arena = Arena::new();
        let large = arena.alloc_slice_fill_with(4, |i| [i as u8; LARGE / 4]);
        assert!(
            large
                .iter()
                .enumerate()
                .all(|(i, part)| part.iter().all(|&byte| byte == i as u8))
        );
    });
}
