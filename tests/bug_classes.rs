//! The classes of bug that arena crates have had, one test for each, named after it.

mod support;

use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::{self, MaybeUninit};
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box as ArenaBox;
use allocator_api2::vec::Vec as ArenaVec;
use arenula::{Arena, FixedBuffer, Retain};
use support::{Counted, HEADER, Watch, Watched, panic_quietly, panics};

// Re-entrancy: code of the user that allocates in the arena it is called from.

#[test]
fn a_closure_that_allocates_in_its_arena_gets_other_memory() {
    let arena = Arena::new();
    let mut inner = Vec::new();
    let outer = arena.alloc_with(|| {
        for i in 0..100_u64 {
            inner.push(arena.alloc(i));
        }
        [7_u64; 20]
    });
    assert_eq!(*outer, [7; 20]);
    assert!(inner.iter().enumerate().all(|(i, n)| **n == i as u64));
}

#[test]
fn a_failing_closure_that_allocated_keeps_what_it_allocated() {
    let arena = Arena::new();
    let mut kept = None;
    let result = arena.alloc_try_with(|| {
        kept = Some(arena.alloc_str("kept"));
        Err::<[u64; 4], _>(())
    });
    assert!(result.is_err());
    arena.alloc_slice_fill_copy(100, 0xFF_u8);
    assert_eq!(kept.unwrap(), "kept");
}

#[test]
fn a_clone_that_allocates_in_its_arena_gets_other_memory() {
    struct Reentrant<'a>(&'a Arena, &'a u64);
    impl Clone for Reentrant<'_> {
        fn clone(&self) -> Self {
            Reentrant(self.0, self.0.alloc(self.1 + 1))
        }
    }
    let arena = Arena::new();
    let (first, second) = (10, 20);
    let source = [Reentrant(&arena, &first), Reentrant(&arena, &second)];
    let cloned = arena.alloc_slice_clone(&source);
    assert_eq!((*cloned[0].1, *cloned[1].1), (11, 21));
    let filled = arena.alloc_slice_fill_clone(50, &cloned[0]);
    assert!(filled.iter().all(|clone| *clone.1 == 12));
}

#[test]
fn an_iterator_that_allocates_in_its_arena_gets_other_memory() {
    let arena = Arena::new();
    let collected = arena.alloc_iter((0..200_u32).map(|i| &*arena.alloc(i)));
    assert!(collected.iter().enumerate().all(|(i, n)| **n == i as u32));
    let filled = arena.alloc_slice_fill_iter((0..200_u32).map(|i| &*arena.alloc(i)));
    assert!(filled.iter().enumerate().all(|(i, n)| **n == i as u32));
}

#[test]
fn a_display_that_allocates_in_its_arena_gets_other_memory() {
    struct Reentrant<'a>(&'a Arena);
    impl fmt::Display for Reentrant<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let inner = self.0.alloc_fmt(format_args!("<{:>20}>", 1));
            f.write_str(inner)?;
            inner.make_ascii_uppercase();
            Ok(())
        }
    }
    let arena = Arena::new();
    let text = arena.alloc_fmt(format_args!("{0}{0}{0}", Reentrant(&arena)));
    assert_eq!(*text, format!("<{:>20}>", 1).repeat(3));
}

#[test]
fn a_size_hint_that_allocates_in_its_arena_gets_other_memory() {
    struct Hinting<'a>(&'a Arena, u8);
    impl Iterator for Hinting<'_> {
        type Item = u8;
        fn next(&mut self) -> Option<u8> {
            self.0.alloc_slice_fill_copy(5, 0xAA_u8);
            self.1 = self.1.checked_sub(1)?;
            Some(self.1)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            self.0.alloc_slice_fill_copy(5, 0xBB_u8);
            (self.1.into(), Some(self.1.into()))
        }
    }
    impl ExactSizeIterator for Hinting<'_> {}
    let arena = Arena::new();
    let expected: Vec<u8> = (0..50).rev().collect();
    assert_eq!(arena.alloc_slice_fill_iter(Hinting(&arena, 50)), expected);
    assert_eq!(arena.alloc_iter(Hinting(&arena, 50)), expected);
}

#[test]
fn a_drop_that_allocates_while_a_fill_fails_disturbs_nobody() {
    struct Allocating<'a>(&'a Arena, &'a RefCell<Vec<&'a u64>>);
    impl Drop for Allocating<'_> {
        fn drop(&mut self) {
            self.1.borrow_mut().push(self.0.alloc(42));
        }
    }
    let arena = Arena::new();
    let seen = RefCell::new(Vec::new());
    let made = arena.alloc_slice_try_fill_with(10, |i| {
        if i < 5 {
            Ok(Allocating(&arena, &seen))
        } else {
            Err(())
        }
    });
    assert!(made.is_err());
    arena.alloc_slice_fill_copy(100, 0_u64);
    assert_eq!(seen.borrow().len(), 5);
    assert!(seen.borrow().iter().all(|n| **n == 42));
}

/// A backing allocator that uses the arena that it backs, each time it is called.
struct Reentrant {
    arena: Cell<Option<&'static Arena<8, Reentrant>>>,
    busy: Cell<bool>,
    made: RefCell<Vec<&'static u64>>,
}

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Reentrant {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.reenter();
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        self.reenter();
        // SAFETY: the block came from there.
        unsafe { Global.deallocate(block, layout) }
    }
}

impl Reentrant {
    fn reenter(&self) {
        if let (Some(arena), false) = (self.arena.get(), self.busy.replace(true)) {
            for _ in 0..100 {
                let n = self.made.borrow().len() as u64;
                if let Ok(number) = arena.try_alloc(n) {
                    self.made.borrow_mut().push(number);
                }
            }
            self.busy.set(false);
        }
    }
}

#[test]
fn a_backing_allocator_that_uses_its_arena_disturbs_nobody() {
    let arena: *mut Arena<8, Reentrant> = Box::into_raw(Box::new(Arena::new_in(Reentrant {
        arena: Cell::new(None),
        busy: Cell::new(false),
        made: RefCell::new(Vec::new()),
    })));
    {
        // SAFETY: until the end of this block the arena is only used through shared references.
        let arena: &'static Arena<8, Reentrant> = unsafe { &*arena };
        arena.allocator().arena.set(Some(arena));
        let mut own = Vec::new();
        for i in 0..2000_u64 {
            own.push(arena.alloc(i));
            if i == 1000 {
                arena.reserve(50_000);
                arena.set_limit(Some(1));
                arena.set_limit(None);
            }
        }
        let here = arena.checkpoint();
        let before = arena.allocator().made.borrow().len();
        arena.alloc([0_u8; 100_000]);
        arena.alloc([0_u8; 100_000]);
        // SAFETY: none of what was allocated since is used any more.
        unsafe { arena.rewind(here) };
        let is_intact = |(i, n): (usize, &&'static u64)| **n == i as u64;
        assert!(before > 100);
        let made = arena.allocator().made.borrow();
        assert!(
            (own.iter().map(|n| &**n as *const u64))
                .chain(made[..before].iter().map(|n| &raw const **n))
                .all(|n| arena.contains(n))
        );
        drop(made);
        assert!(
            arena.allocator().made.borrow()[..before]
                .iter()
                .enumerate()
                .all(is_intact)
        );
        assert!(own.iter().enumerate().all(|(i, n)| **n == i as u64));
        arena.allocator().made.borrow_mut().clear();
        arena.allocator().arena.set(None);
    }
    // SAFETY: it came from a box, and nobody uses it any more.
    drop(unsafe { Box::from_raw(arena) });
}

#[test]
fn a_backing_allocator_that_uses_its_arena_does_not_get_past_the_limit() {
    let arena: *mut Arena<8, Reentrant> = Box::into_raw(Box::new(Arena::new_in(Reentrant {
        arena: Cell::new(None),
        busy: Cell::new(false),
        made: RefCell::new(Vec::new()),
    })));
    {
        // SAFETY: until the end of this block the arena is only used through shared references.
        let arena: &'static Arena<8, Reentrant> = unsafe { &*arena };
        arena.allocator().arena.set(Some(arena));
        arena.set_limit(Some(1000));
        // There was room for this chunk when it was asked for, and none when it came.
        while arena.try_alloc(1_u64).is_ok() {
            assert!(arena.capacity() <= 1000, "{}", arena.stats());
        }
        assert!(arena.allocator().made.borrow().len() > 50);
        assert!(arena.capacity() <= 1000, "{}", arena.stats());
        arena.allocator().made.borrow_mut().clear();
        arena.allocator().arena.set(None);
    }
    // SAFETY: it came from a box, and nobody uses it any more.
    drop(unsafe { Box::from_raw(arena) });
}

// Panics, at each step.

#[test]
fn a_panic_in_a_fill_drops_what_was_made_at_each_step() {
    for step in 0..20 {
        let arena = Arena::new();
        let dropped = Cell::new(0);
        assert!(panics(|| {
            arena.alloc_slice_fill_with(20, |i| {
                if i == step {
                    panic_quietly();
                }
                Counted(&dropped)
            });
        }));
        assert_eq!(dropped.get(), step);
        assert_eq!(arena.allocated_bytes(), 0);

        assert!(panics(|| {
            arena.alloc_iter((0..20).map(|i| {
                if i == step {
                    panic_quietly();
                }
                Counted(&dropped)
            }));
        }));
        assert_eq!(dropped.get(), 2 * step);
        assert_eq!(arena.allocated_bytes(), 0);
    }
}

#[test]
fn a_panic_in_a_clone_drops_what_was_made() {
    struct Fragile<'c>(Counted<'c>, &'c Cell<usize>);
    impl Clone for Fragile<'_> {
        fn clone(&self) -> Self {
            if self.1.get() == 0 {
                panic_quietly();
            }
            self.1.set(self.1.get() - 1);
            Fragile(Counted(self.0.0), self.1)
        }
    }
    for step in 0..5 {
        let (dropped, left) = (Cell::new(0), Cell::new(step));
        let arena = Arena::new();
        let source = Fragile(Counted(&dropped), &left);
        assert!(panics(|| {
            arena.alloc_slice_fill_clone(5, &source);
        }));
        assert_eq!(dropped.get(), step);
        assert_eq!(arena.allocated_bytes(), 0);
    }
}

#[test]
fn a_panic_in_a_drop_of_a_failed_fill_still_drops_the_rest() {
    struct Bomb<'c>(usize, &'c Cell<usize>);
    impl Drop for Bomb<'_> {
        fn drop(&mut self) {
            self.1.set(self.1.get() + 1);
            if self.0 == 1 {
                panic_quietly();
            }
        }
    }
    let arena = Arena::new();
    let dropped = Cell::new(0);
    assert!(panics(|| {
        let _ = arena.alloc_slice_try_fill_with(5, |i| {
            if i < 4 {
                Ok(Bomb(i, &dropped))
            } else {
                Err(())
            }
        });
    }));
    assert_eq!(dropped.get(), 4);
    assert_eq!(arena.allocated_bytes(), 0);
}

#[test]
fn a_panic_in_a_closure_gives_the_room_back_with_its_padding() {
    let arena = Arena::<1>::with_min_align();
    arena.alloc(1_u8);
    assert!(panics(|| {
        arena.alloc_with(|| -> u64 { panic_quietly() });
    }));
    assert_eq!(arena.allocated_bytes(), 1);
    assert!(arena.alloc_try_with(|| Err::<u64, _>(())).is_err());
    assert_eq!(arena.allocated_bytes(), 1);
}

#[test]
fn a_panic_in_a_scope_ends_it() {
    let mut arena = Arena::new();
    assert!(panics(|| arena.scope(|s| {
        s.alloc_slice_fill_copy(10_000, 1_u8);
        s.scope(|inner| {
            inner.alloc_slice_fill_copy(50_000, 1_u8);
            panic_quietly()
        })
    })));
    assert_eq!(arena.allocated_bytes(), 0);
    assert_eq!(arena.scope(|s| *s.alloc(1)), 1);
}

#[test]
fn a_failing_display_loses_nothing() {
    struct Failing;
    impl fmt::Display for Failing {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let arena = Arena::new();
    assert!(arena.try_alloc_fmt(format_args!("a{Failing}")).is_err());
    assert_eq!(arena.allocated_bytes(), 0);
    assert!(panics(|| {
        arena.alloc_fmt(format_args!("a{Failing}"));
    }));
    assert_eq!(arena.allocated_bytes(), 0);
}

#[test]
fn a_display_that_hides_an_allocation_failure_does_not_hide_it_from_the_caller() {
    struct Hiding;
    impl fmt::Display for Hiding {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let _ = write!(f, "{:>10000}", 1);
            let _ = f.write_str("short");
            Ok(())
        }
    }
    let arena = Arena::new();
    arena.set_limit(Some(1000));
    assert!(arena.try_alloc_fmt(format_args!("{Hiding}")).is_err());
}

// Iterators that lie.

struct Lying {
    says: usize,
    gives: usize,
}

impl Iterator for Lying {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.gives = self.gives.checked_sub(1)?;
        Some(self.gives)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.says, Some(self.says))
    }
}

impl ExactSizeIterator for Lying {}

#[test]
fn an_iterator_that_gives_less_than_it_says_makes_a_shorter_slice() {
    let arena = Arena::new();
    let made = arena.alloc_slice_fill_iter(Lying { says: 10, gives: 3 });
    assert_eq!(made, [2, 1, 0]);
    let bytes = size_of_val(made).next_multiple_of(8);
    assert_eq!(arena.allocated_bytes(), bytes);
    assert_eq!(arena.alloc_iter(Lying { says: 10, gives: 3 }), [2, 1, 0]);
    assert_eq!(arena.allocated_bytes(), 2 * bytes);
}

#[test]
fn an_iterator_that_gives_more_than_it_says_is_cut_off_or_followed() {
    let arena = Arena::new();
    let made = arena.alloc_slice_fill_iter(Lying { says: 2, gives: 5 });
    assert_eq!(made, [4, 3]);
    let made = arena.alloc_iter(Lying { says: 2, gives: 5 });
    assert_eq!(made, [4, 3, 2, 1, 0]);
}

#[test]
fn an_iterator_that_promises_the_impossible_is_refused_or_followed() {
    let arena = Arena::new();
    let lie = || Lying {
        says: usize::MAX,
        gives: 3,
    };
    assert!(arena.try_alloc_slice_fill_iter(lie()).is_err());
    assert_eq!(arena.alloc_iter(lie()), [2, 1, 0]);
}

// Values and slices without a size.

#[test]
fn values_without_a_size_take_no_memory_but_are_dropped_right() {
    thread_local!(static DROPPED: Cell<usize> = const { Cell::new(0) });
    #[derive(Clone, Default)]
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + 1);
        }
    }
    let arena = Arena::new();
    arena.alloc(Nothing);
    assert_eq!(arena.alloc_slice_fill_default::<Nothing>(10).len(), 10);
    assert_eq!(arena.alloc_slice_clone(&[Nothing, Nothing]).len(), 2);
    assert_eq!(DROPPED.replace(0), 2, "only the source is dropped");
    assert_eq!(arena.alloc_iter((0..5).map(|_| Nothing)).len(), 5);
    assert_eq!(DROPPED.get(), 0);
    drop(arena.alloc_box(Nothing));
    assert_eq!(DROPPED.replace(0), 1);
    assert!(
        arena
            .alloc_slice_try_fill_with(9, |i| if i < 4 { Ok(Nothing) } else { Err(()) })
            .is_err()
    );
    assert_eq!(DROPPED.get(), 4);
    assert_eq!(arena.capacity(), 0);
    assert_eq!(arena.alloc_slice_uninit::<()>(usize::MAX).len(), usize::MAX);
}

#[test]
fn an_overaligned_value_without_a_size_is_aligned() {
    #[repr(align(256))]
    #[derive(Clone, Copy)]
    struct Aligned;
    let arena = Arena::new();
    for _ in 0..2 {
        assert_eq!((&raw const *arena.alloc(Aligned)).addr() % 256, 0);
        assert_eq!(
            arena.alloc_slice_copy(&[Aligned; 3]).as_ptr().addr() % 256,
            0
        );
        assert_eq!(
            arena.alloc_slice_uninit::<Aligned>(0).as_ptr().addr() % 256,
            0
        );
        let layout = Layout::new::<Aligned>();
        assert_eq!(
            (&arena).allocate(layout).unwrap().cast::<u8>().addr().get() % 256,
            0
        );
        arena.alloc(1_u8);
    }
}

#[test]
fn a_box_of_nothing_may_point_anywhere() {
    let arena = Arena::new();
    // SAFETY: a value without a size may be at any address that is not null.
    unsafe {
        drop(ArenaBox::from_raw_in(
            NonNull::<()>::dangling().as_ptr(),
            &arena,
        ));
        let text = arena.alloc_str("12345");
        let end = text.as_mut_ptr().add(5).cast::<()>();
        drop(ArenaBox::from_raw_in(end, &arena));
        let end = text.as_mut_ptr().add(3).cast::<()>();
        drop(ArenaBox::from_raw_in(end, &arena));
    }
    assert_eq!(arena.allocated_bytes(), 8);
    let number = arena.alloc(7_u64);
    assert_eq!((&raw const *number).addr() % 8, 0);
}

#[test]
fn a_layout_without_a_size_takes_no_padding() {
    let arena = Arena::new();
    arena.alloc(1);
    for align in [1, 8, 64, 4096] {
        let block = arena.alloc_layout(Layout::from_size_align(0, align).unwrap());
        assert_eq!(block.addr().get() % align, 0);
        assert_eq!(arena.allocated_bytes(), 8);
    }
}

#[test]
fn empty_slices_take_no_memory() {
    let arena = Arena::new();
    assert!(arena.alloc_slice_copy::<u64>(&[]).is_empty());
    assert!(arena.alloc_slice_clone::<String>(&[]).is_empty());
    assert!(arena.alloc_slice_fill_with(0, |i| i).is_empty());
    assert!(arena.alloc_iter(std::iter::empty::<u64>()).is_empty());
    assert!(
        arena
            .alloc_slice_fill_iter(std::iter::empty::<u64>())
            .is_empty()
    );
    assert!(arena.alloc_str("").is_empty());
    assert!(arena.alloc_concat(&["", ""]).is_empty());
    assert!(arena.alloc_fmt(format_args!("{}", "")).is_empty());
    assert_eq!(arena.capacity(), 0);
}

// Sizes at the edge of what there is.

#[test]
fn impossible_sizes_are_errors() {
    let arena = Arena::new();
    arena.alloc(1);
    for n in [
        usize::MAX,
        usize::MAX / 2,
        isize::MAX as usize,
        isize::MAX as usize - 7,
    ] {
        assert!(arena.try_alloc_slice_uninit::<u8>(n).is_err());
        assert!(arena.try_alloc_slice_uninit::<u32>(n).is_err());
        assert!(arena.try_alloc_slice_fill_copy(n, 1_u64).is_err());
        assert!(arena.try_reserve(n).is_err());
        assert!(Arena::try_with_capacity(n).is_err());
    }
    for shift in 0..usize::BITS - 1 {
        let align = 1 << shift;
        let largest = Layout::from_size_align(isize::MAX as usize - (align - 1), align).unwrap();
        assert!(arena.try_alloc_layout(largest).is_err());
        let none = Layout::from_size_align(0, align).unwrap();
        assert_eq!(arena.alloc_layout(none).addr().get() % align, 0);
    }
    assert_eq!(*arena.alloc(2), 2);
    let one = "x".repeat(1000);
    let many = vec![&one[..]; 5];
    assert_eq!(arena.alloc_concat(&many).len(), 5000);
}

#[test]
#[should_panic(expected = "capacity overflow")]
fn an_impossible_size_panics_in_the_plain_form() {
    Arena::new().alloc_slice_uninit::<u64>(usize::MAX);
}

#[test]
fn alignments_above_the_chunks_are_kept() {
    let mut arena = Arena::new();
    for _ in 0..3 {
        let mut blocks = Vec::new();
        for shift in (0..14).chain((0..14).rev()) {
            let layout = Layout::from_size_align(3 << shift, 1 << shift).unwrap();
            let block = arena.alloc_layout(layout);
            assert_eq!(block.addr().get() % layout.align(), 0);
            // SAFETY: the block is as large as its layout says.
            unsafe { block.write_bytes(shift as u8, layout.size()) };
            blocks.push((block, layout));
        }
        for (block, layout) in blocks {
            // SAFETY: the block was filled.
            let bytes = unsafe { NonNull::slice_from_raw_parts(block, layout.size()).as_ref() };
            assert!(bytes.iter().all(|byte| 1 << *byte == layout.align()));
        }
        arena.reset();
    }
}

// Swapping, replacing, forgetting.

#[test]
fn arenas_may_be_swapped_replaced_and_forgotten() {
    let mut one = Arena::new();
    let mut two = Arena::new();
    one.alloc_str("one");
    two.alloc_slice_fill_copy(10_000, 2_u8);
    mem::swap(&mut one, &mut two);
    assert!(one.allocated_bytes() >= 10_000 && two.allocated_bytes() == 8);
    let old = mem::replace(&mut one, Arena::new());
    assert_eq!(one.capacity(), 0);
    drop(one);
    assert!(old.allocated_bytes() >= 10_000);
    let mut two = mem::take(&mut two);
    two.reset();
    assert_eq!(*two.alloc(1), 1);
}

#[test]
fn forgotten_containers_lose_only_memory() {
    let mut arena = Arena::new();
    let mut vec = ArenaVec::new_in(&arena);
    vec.extend(0..1000);
    mem::forget(vec);
    mem::forget(arena.alloc_box(String::from("x").len()));
    arena.reset();
    assert_eq!(arena.allocated_bytes(), 0);
}

/// A backing allocator that gives its first three blocks at addresses of the first and second of its
/// places, in the order first, second, first.
struct Recycling {
    places: [NonNull<u8>; 2],
    given: Cell<usize>,
}

impl Recycling {
    const PLACE: Layout = match Layout::from_size_align(1 << 16, 16) {
        Ok(layout) => layout,
        Err(_) => unreachable!(),
    };

    fn new() -> Self {
        let place = || Global.allocate(Self::PLACE).unwrap().cast();
        Recycling {
            places: [place(), place()],
            given: Cell::new(0),
        }
    }
}

impl Drop for Recycling {
    fn drop(&mut self) {
        for place in self.places {
            // SAFETY: it came from there, and the arena is gone.
            unsafe { Global.deallocate(place, Self::PLACE) };
        }
    }
}

// SAFETY: the test that uses it gives the first block back before it asks for the third; places live as
// long as the allocator, which is not cloned.
unsafe impl Allocator for Recycling {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let n = self.given.replace(self.given.get() + 1);
        if n >= 3 {
            return Global.allocate(layout);
        }
        assert!(layout.size() <= Self::PLACE.size() && layout.align() <= 16);
        Ok(NonNull::slice_from_raw_parts(
            self.places[n % 2],
            layout.size(),
        ))
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        if !self.places.contains(&block) {
            // SAFETY: the block came from there.
            unsafe { Global.deallocate(block, layout) }
        }
    }
}

#[test]
fn a_chunk_that_takes_the_address_of_a_scopes_first_one_is_noticed() {
    fn work(scope: &mut arenula::Scope<'_, 8, Recycling>) {
        // The limit has room for the second chunk only if the first one goes, which is empty.
        scope.set_limit(Some(2000));
        assert!(scope.try_alloc([0_u8; 1600]).is_ok());
        scope.set_limit(None);
        let third = scope.alloc([0_u8; 3000]).as_ptr().addr();
        assert_eq!(third, scope.allocator().places[0].addr().get() + HEADER);
        assert_eq!(scope.allocator().given.get(), 3);
    }
    for rounds in [1, 20] {
        for is_nested in [false, true] {
            let mut arena = Arena::new_in(Recycling::new());
            for _ in 0..rounds {
                arena.scope(|s| s.scope(|inner| drop(inner.alloc_box(1))));
            }
            arena.scope(|outer| {
                if is_nested {
                    outer.scope(work);
                    assert_eq!(outer.allocated_bytes(), 0);
                    outer.alloc(1);
                } else {
                    work(outer);
                }
            });
            let stats = arena.stats();
            assert_eq!((stats.allocated, stats.chunks), (0, 1), "{stats}");
            assert_eq!(stats.peak, 4600);
        }
    }
}

/// An arena with one small chunk, after so many scopes that they need not be counted any more.
fn calm() -> Arena {
    let mut arena = Arena::new();
    for i in 0..40 {
        arena.scope(|s| *s.alloc(i));
    }
    assert_eq!(arena.capacity(), 512);
    arena
}

#[test]
fn scopes_that_were_not_counted_are_again_when_there_is_more() {
    // Interpreters are slow to write bytes one by one.
    const PART: usize = if cfg!(miri) { 1024 } else { 1 };
    // In a scope, outside of all with one chunk kept or each, and only reserved, in a scope and not.
    let bursts: [fn(&mut Arena); 5] = [
        |arena| {
            arena.scope(|s| {
                s.alloc_slice_fill_copy((1 << 20) / PART, [0_u8; PART]);
            });
        },
        |arena| {
            arena.alloc_slice_fill_copy((1 << 20) / PART, [0_u8; PART]);
            arena.reset();
        },
        |arena| {
            arena.alloc_slice_fill_copy((1 << 20) / PART, [0_u8; PART]);
            arena.reset_with(Retain::All);
        },
        |arena| arena.scope(|s| s.reserve(1 << 20)),
        |arena| arena.reserve(1 << 20),
    ];
    for burst in bursts {
        let mut arena = calm();
        burst(&mut arena);
        assert!(arena.capacity() > 1 << 20);
        for i in 0..150 {
            arena.scope(|s| *s.alloc(i));
        }
        assert!(arena.capacity() < 10_000, "{}", arena.stats());
    }
}

#[test]
fn scopes_over_values_that_were_given_back_are_counted_again() {
    let mut arena = Arena::with_capacity(1 << 20);
    let empty = arena.checkpoint();
    arena.alloc(1);
    for i in 0..100 {
        arena.scope(|s| *s.alloc(i));
    }
    assert!(arena.capacity() > 1 << 20, "something is in use");
    // SAFETY: nobody uses what was allocated since.
    unsafe { arena.rewind(empty) };
    for i in 0..150 {
        arena.scope(|s| *s.alloc(i));
    }
    assert!(arena.capacity() < 10_000, "{}", arena.stats());
}

#[test]
fn a_limit_lowered_between_scopes_that_are_not_counted_is_looked_after() {
    let mut arena = calm();
    let empty = arena.checkpoint();
    arena.alloc(1);
    arena.set_limit(Some(100));
    assert_eq!(arena.capacity(), 512, "it is in use");
    // SAFETY: nobody uses what was allocated since.
    unsafe { arena.rewind(empty) };
    arena.scope(|_| ());
    assert!(arena.capacity() <= 100);
}

#[test]
fn a_scope_that_is_not_counted_ends_in_full() {
    let mut arena = calm();
    let kept: *const u64 = arena.alloc(0_u64);
    assert!(panics(|| arena.scope(|s| {
        s.alloc([0_u64; 10]);
        panic_quietly()
    })));
    assert_eq!((arena.allocated_bytes(), arena.stats().peak), (8, 88));
    for i in 0..60_usize {
        arena.scope(|s| {
            s.alloc_slice_fill_copy(i, 0_u64);
            s.scope(|inner| {
                inner.alloc(i);
                // Figures asked for in the middle change nothing.
                assert_eq!(inner.stats().allocated, 16 + 8 * i);
            });
            assert_eq!(s.allocated_bytes(), 8 + 8 * i);
        });
        assert_eq!(arena.allocated_bytes(), 8);
        assert_eq!(arena.stats().peak, (16 + 8 * i).max(88));
    }
    assert!(arena.contains(kept));
    // More than the chunk has room for, from the middle of it.
    arena.scope(|s| s.alloc([0_u64; 100]).len());
    arena.scope(|s| s.scope(|inner| inner.alloc([0_u64; 200]).len()));
    assert_eq!(arena.allocated_bytes(), 8);
    assert_eq!(arena.stats().peak, 1608);
}

#[test]
fn a_chunk_that_was_not_counted_is_a_spare_like_any_other() {
    let mut arena = calm();
    arena.alloc([0_u64; 1000]);
    arena.reset_with(Retain::All);
    for _ in 0..20 {
        arena.alloc(0_u64);
        let (held, used) = (arena.capacity(), arena.allocated_bytes());
        arena.scope(|s| s.alloc([0_u64; 40]).len());
        assert_eq!(arena.allocated_bytes(), used);
        assert!(arena.capacity() <= held);
    }
    arena.reset();
    assert_eq!(arena.stats().chunks, 1);
}

#[test]
fn the_first_block_lies_in_its_chunk_whatever_its_size() {
    // Around the first chunk's room, whatever the step.
    for size in (1..1100).step_by(if cfg!(miri) { 64 } else { 1 }) {
        for align in [1, 16, 32] {
            let watch = Watch::default();
            let arena = Arena::<8, _>::new_in(Watched(&watch));
            let layout = Layout::from_size_align(size, align).unwrap();
            let start = arena.alloc_layout(layout).addr().get();
            let (_, end) = watch.block_around(start, HEADER).expect("in no block");
            assert!(start + size <= end, "{layout:?}");
            // What comes next lies in a block of the backing allocator's too.
            let next = arena.alloc(0_u64) as *mut u64;
            let (_, end) = watch
                .block_around(next.addr(), HEADER)
                .expect("in no block");
            assert!(next.addr() + 8 <= end, "after {layout:?}");
        }
    }
}

#[test]
fn the_first_block_counts_like_any_other() {
    for align in [1, 2, 4, 8, 16] {
        let mut arena = Arena::<1>::with_min_align();
        let block = arena.alloc_layout(Layout::from_size_align(5, align).unwrap());
        assert_eq!(block.addr().get() % align, 0);
        assert!(arena.contains(block.as_ptr()));
        assert_eq!(
            arena.alloc_str("next").as_ptr().addr(),
            block.addr().get() + 5
        );
        arena.reset();
        assert_eq!((arena.allocated_bytes(), arena.stats().peak), (0, 9));
        arena.reset_with(Retain::Nothing);
        arena.alloc(1_u8);
        assert_eq!((arena.allocated_bytes(), arena.stats().peak), (1, 9));
    }
    // Where the usual first chunk is refused, a smaller one is tried, and then nothing has happened.
    let arena = Arena::new();
    arena.set_limit(Some(HEADER + 36));
    assert!(arena.try_alloc([0_u8; 40]).is_err());
    assert_eq!((arena.capacity(), arena.stats().peak), (0, 0));
    assert!(arena.try_alloc([0_u8; 32]).is_ok());
    assert_eq!((arena.allocated_bytes(), arena.stats().peak), (32, 32));
}

#[test]
fn a_scope_that_is_replaced_through_panics_and_returns_stays_in_order() {
    let mut one = Arena::new();
    let mut two = Arena::new();
    one.scope(|a| {
        let kept = a.alloc(1);
        two.scope(|b| {
            let also = b.alloc(2);
            a.scope(|inner| *kept += *inner.alloc(*also));
        });
        assert_eq!(*kept, 3);
    });
    assert_eq!(one.allocated_bytes() + two.allocated_bytes(), 0);
}

// A reference's lifetime shrunk by covariance, and then written through.

#[test]
fn a_shrunk_reference_to_the_arena_gives_shorter_references_only() {
    fn shrink<'long: 'short, 'short>(arena: &'long Arena, _: &'short u8) -> &'short Arena {
        arena
    }
    let arena = Arena::new();
    let long = arena.alloc_str("long");
    {
        let witness = 1;
        let slot: &mut &str = shrink(&arena, &witness).alloc("short");
        *slot = long;
    }
    assert_eq!(long, "long");
}

// Limits in the middle of things.

#[test]
fn a_limit_is_exact_to_the_byte() {
    for size in [1, 100, 500, 5000] {
        let needed = HEADER + usize::next_multiple_of(size, 16);
        let arena = Arena::new();
        arena.set_limit(Some(needed - 1));
        assert!(arena.try_alloc_slice_fill_copy(size, 0_u8).is_err());
        assert_eq!(arena.capacity(), 0);
        arena.set_limit(Some(needed));
        assert!(arena.try_alloc_slice_fill_copy(size, 0_u8).is_ok());
        assert_eq!(arena.capacity(), needed);
        assert!(arena.try_alloc_slice_fill_copy(17, 0_u8).is_err());
    }
}

#[test]
fn a_limit_hit_in_the_middle_drops_what_was_made() {
    let arena = Arena::new();
    arena.set_limit(Some(2000));
    let dropped = Cell::new(0);
    let made = arena.try_alloc_iter((0..1000).map(|_| Counted(&dropped)));
    assert!(made.is_err());
    let made = dropped.get();
    assert!(made > 50 && made < 1000);
    assert!(arena.capacity() <= 2000);
    assert!(
        arena
            .try_alloc_iter((0..50).map(|_| Counted(&dropped)))
            .is_ok()
    );
}

#[test]
fn a_growing_slice_uses_a_limit_to_the_end() {
    // Doubling would exceed the limit: what is needed fits.
    let arena = Arena::new();
    arena.set_limit(Some(HEADER + 1504));
    assert!(arena.try_reserve(1500).is_ok());
    assert_eq!(
        arena
            .try_alloc_iter((0..1500).map(|_| 1_u8).filter(|_| true))
            .unwrap()
            .len(),
        1500
    );
}

#[test]
fn a_lowered_limit_gives_back_what_is_unused() {
    let mut arena = Arena::with_capacity(100_000);
    arena.alloc(1);
    arena.set_limit(Some(10_000));
    assert!(arena.capacity() >= 100_000, "what is in use stays");
    arena.reset();
    assert!(arena.capacity() <= 10_000);
    assert_eq!(*arena.alloc(2), 2);
    arena.reserve(5000);
    arena.set_limit(Some(0));
    assert!(arena.stats().chunks == 1, "the spare chunk goes at once");
}

// Another arena's, or an older, block.

#[test]
fn blocks_that_are_not_the_last_are_left_alone() {
    let arena = Arena::new();
    let first = arena.alloc_box([1_u8; 100]);
    let second = arena.alloc_box([2_u8; 200]);
    let before = arena.allocated_bytes();
    drop(first);
    assert_eq!(arena.allocated_bytes(), before);
    assert_eq!(*second, [2; 200]);
    // In another chunk.
    let third = arena.alloc_box([3_u8; 1000]);
    let before = arena.allocated_bytes();
    drop(second);
    assert_eq!(arena.allocated_bytes(), before);
    assert_eq!(*third, [3; 1000]);
    drop(third);
    assert_eq!(arena.allocated_bytes(), before - 1000);
}

#[test]
fn a_block_that_grows_in_place_may_be_used_as_a_whole() {
    // Also what lay behind it before it grew, and what is allocated after it.
    let arena = Arena::<1>::with_min_align();
    let mut vec = ArenaVec::<u8, _>::new_in(&arena);
    for i in 0..3000_usize {
        vec.reserve_exact(1);
        vec.push(i as u8);
    }
    let start = vec.as_ptr().addr();
    let after = arena.alloc_slice_fill_copy(100, 0xEE_u8);
    assert_eq!(after.as_ptr().addr(), start + 3000);
    vec.iter_mut().for_each(|byte| *byte = !*byte);
    assert!(after.iter().all(|byte| *byte == 0xEE));
    assert!(vec.iter().enumerate().all(|(i, byte)| *byte == !(i as u8)));
}

#[test]
fn growing_with_a_larger_alignment_moves_the_block() {
    let arena = Arena::new();
    let small = Layout::from_size_align(10, 1).unwrap();
    let aligned = Layout::from_size_align(20, 128).unwrap();
    arena.alloc(1_u64);
    let block = (&arena).allocate(small).unwrap().cast::<u8>();
    // SAFETY: the block is grown and shrunk with the layouts that it has.
    unsafe {
        block.write_bytes(7, 10);
        let grown = (&arena).grow(block, small, aligned).unwrap();
        assert_eq!(grown.cast::<u8>().addr().get() % 128, 0);
        assert_eq!(&grown.as_ref()[..10], [7; 10]);
        let wide = Layout::from_size_align(5, 4096).unwrap();
        let shrunk = (&arena).shrink(grown.cast(), aligned, wide).unwrap();
        assert_eq!(shrunk.cast::<u8>().addr().get() % 4096, 0);
        assert_eq!(shrunk.as_ref(), [7; 5]);
    }
}

// Memory that is given back.

#[test]
fn a_collection_does_not_reach_past_its_scope() {
    let mut arena = Arena::new();
    let total = arena.scope(|s| {
        let mut outer = ArenaVec::new_in(&*s);
        outer.extend(0..10_u32);
        let frozen: &[u32] = outer.leak();
        let sum: u32 = frozen.iter().sum();
        sum
    });
    assert_eq!(total, 45);
    assert_eq!(arena.allocated_bytes(), 0);
}

#[cfg(debug_assertions)]
#[test]
fn memory_that_was_given_back_is_scrubbed_in_debug_builds() {
    /// A text, by a pointer that may be asked after the text is gone.
    fn secret(arena: &Arena) -> NonNull<u8> {
        let text = arena.alloc_layout(Layout::new::<[u8; 6]>());
        // SAFETY: the block is this large.
        unsafe { text.copy_from_nonoverlapping(NonNull::from(b"secret").cast(), 6) };
        text
    }
    let is_scrubbed = |text: NonNull<u8>| {
        // SAFETY: the arena keeps its one chunk, was written to here, and nobody has a reference to this part of it.
        (0..6).all(|i| unsafe { text.add(i).read() } == 0xDD)
    };
    let mut arena = Arena::with_capacity(4000);
    let text = arena.scope(|s| secret(s));
    assert!(is_scrubbed(text));
    let text = secret(&arena);
    arena.reset();
    assert!(is_scrubbed(text));
    let here = arena.checkpoint();
    let text = secret(&arena);
    // SAFETY: the text is not used any more.
    unsafe { arena.rewind(here) };
    assert!(is_scrubbed(text));
    assert_eq!(arena.stats().chunks, 1);
}

#[cfg(debug_assertions)]
#[test]
#[should_panic(expected = "the checkpoint belongs to another arena")]
fn a_checkpoint_of_another_arena_is_noticed_in_debug_builds() {
    let (one, two) = (Arena::new(), Arena::new());
    one.alloc(1);
    two.alloc(1);
    // SAFETY: none; this is the misuse that debug builds notice before anything happens.
    unsafe { one.rewind(two.checkpoint()) };
}

#[test]
fn a_checkpoint_of_an_empty_arena_outlives_its_chunk() {
    let arena = Arena::with_capacity(5000);
    let empty = arena.checkpoint();
    arena.set_limit(Some(0));
    arena.set_limit(None);
    assert_eq!(arena.capacity(), 0);
    // Its address is somebody else's now.
    let _other = Arena::with_capacity(5000);
    arena.alloc([1_u8; 20_000]);
    // SAFETY: the array is not used any more, and the arena was empty when the checkpoint was taken.
    unsafe { arena.rewind(empty) };
    assert_eq!(arena.allocated_bytes(), 0);
    assert_eq!(arena.checkpoint(), empty);
}

/// Looks at what it gets back: whether anything is left of what lay there.
struct Looking<'l>(&'l Cell<usize>);

const MARK: u8 = 0xA5;

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Looking<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Global.allocate_zeroed(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block came from there, where all of it was written; behind the arena's header only bytes were.
        unsafe {
            let bytes = NonNull::slice_from_raw_parts(block.add(64), layout.size() - 64);
            let marks = bytes.as_ref().iter().filter(|&&byte| byte == MARK);
            self.0.set(self.0.get() + marks.count());
            Global.deallocate(block, layout);
        }
    }
}

#[test]
fn chunks_that_are_given_back_are_scrubbed_in_debug_builds() {
    let fill = |arena: &Arena<8, Looking<'_>>| {
        for _ in 0..100 {
            arena.alloc([MARK; 64]);
        }
        assert!(arena.stats().chunks > 2);
    };
    let resets: [fn(&mut Arena<8, Looking<'_>>); 3] = [
        |arena| arena.reset(),
        |arena| arena.reset_with(Retain::Nothing),
        |arena| arena.reset_with(Retain::Largest),
    ];
    let left = Cell::new(0);
    for reset in resets {
        let mut arena = Arena::new_in(Looking(&left));
        fill(&arena);
        reset(&mut arena);
    }
    let mut arena = Arena::new_in(Looking(&left));
    arena.scope(|scope| fill(scope));
    drop(arena);
    assert_eq!(left.get() == 0, cfg!(debug_assertions));
}

#[test]
fn a_cursor_below_the_checkpoint_stays() {
    let arena = Arena::new();
    arena.alloc(1_u64);
    let vec = ArenaVec::<u64, _>::with_capacity_in(10, &arena);
    let here = arena.checkpoint();
    drop(vec);
    assert_eq!(arena.allocated_bytes(), 8);
    // SAFETY: nothing was allocated since.
    unsafe { arena.rewind(here) };
    assert_eq!(arena.allocated_bytes(), 8);
}

#[test]
fn a_checkpoint_below_the_last_chunk_takes_all_chunks_after_it_back() {
    let watch = Watch::default();
    let arena = Arena::new_in(Watched(&watch));
    let kept = arena.alloc_str("kept");
    let here = arena.checkpoint();
    for round in 0..3 {
        for i in 0..5000_u64 {
            arena.alloc(i);
        }
        // SAFETY: none of the numbers is used any more.
        unsafe { arena.rewind(here) };
        assert_eq!(arena.allocated_bytes(), 8, "round {round}");
        assert!(watch.count() <= 2);
    }
    assert_eq!(kept, "kept");
}

// Sharing.

#[test]
fn of_a_result_just_the_value_is_kept_and_all_of_it() {
    fn check<T: Copy + PartialEq + fmt::Debug>(value: T) {
        let arena = Arena::<1>::with_min_align();
        let kept = arena.alloc_try_with(|| Ok::<T, [u8; 100]>(value)).unwrap();
        let end = (&raw const *kept).addr() + size_of::<T>();
        let next = arena.alloc_slice_fill_copy(200, 0xFF_u8);
        assert_eq!(next.as_ptr().addr(), end);
        assert_eq!(*kept, value);
        assert!(!arena.contains(&value));
    }
    check(7_u8);
    check(70_000_u32);
    check([1_u64, 2, 3]);
    check([5_u8; 100]);
}

#[test]
fn a_text_in_pieces_uses_a_limit_to_the_end() {
    struct Pieces(usize);
    impl fmt::Display for Pieces {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let piece = "x".repeat(self.0);
            (0..448 / self.0).try_for_each(|_| f.write_str(&piece))
        }
    }
    for len in [1, 2, 7, 8, 28, 64, 112, 224, 448] {
        let arena = Arena::new();
        arena.set_limit(Some(512));
        let text = arena.try_alloc_fmt(format_args!("{}", Pieces(len)));
        assert_eq!(text.map(|text| text.len()), Ok(448), "pieces of {len}");
    }
}

#[test]
fn what_is_in_use_is_seen_chunk_by_chunk_and_nothing_else() {
    let mut arena = Arena::<1>::with_min_align();
    for n in 0..5000_u32 {
        arena.alloc_slice_copy(&n.to_le_bytes());
    }
    let chunks = arena.stats().chunks;
    assert!(chunks > 2);
    let mut seen = Vec::new();
    for chunk in arena.iter_chunks() {
        // SAFETY: bytes without padding are all that was allocated.
        let bytes = chunk.iter().map(|byte| unsafe { byte.assume_init() });
        seen.push(bytes.collect::<Vec<u8>>());
    }
    assert_eq!(seen.len(), chunks);
    // The newest chunk comes first.
    seen.reverse();
    let numbers = seen.concat();
    let numbers = numbers
        .chunks(4)
        .map(|n| u32::from_le_bytes(n.try_into().unwrap()));
    assert!(numbers.eq(0..5000));
}

#[test]
fn try_forms_of_slices_give_as_many_values_as_the_plain_ones() {
    let arena = Arena::new();
    let source = [0_usize, 1, 2];
    let made = [
        arena.try_alloc_slice_copy(&source).unwrap(),
        arena.try_alloc_slice_clone(&source).unwrap(),
        arena.try_alloc_slice_fill_with(3, |i| i).unwrap(),
        arena.try_alloc_slice_try_fill_with(3, Ok::<_, ()>).unwrap(),
        arena.try_alloc_slice_fill_iter(source).unwrap(),
        arena.try_alloc_iter(source).unwrap(),
    ];
    assert!(made.iter().all(|made| **made == source));
    let made = [
        arena.try_alloc_slice_fill_copy(3, 0).unwrap(),
        arena.try_alloc_slice_fill_clone(3, &0).unwrap(),
        arena.try_alloc_slice_fill_default(3).unwrap(),
    ];
    assert!(made.iter().all(|made| **made == [0; 3]));
    assert_eq!(arena.try_alloc_slice_uninit::<u8>(3).unwrap().len(), 3);
}

#[test]
fn an_arena_may_be_sent_when_nothing_borrows_it() {
    let mut arena = Arena::new();
    arena.alloc(std::ptr::null::<u8>());
    arena = std::thread::spawn(move || {
        arena.alloc_str("from another thread");
        arena.reset();
        arena
    })
    .join()
    .unwrap();
    assert_eq!(*arena.alloc(1), 1);
}

#[test]
fn an_arena_can_be_backed_by_another_and_by_a_buffer() {
    let outer = Arena::new();
    let mut inner = Arena::<1, _>::with_min_align_in(&outer);
    for _ in 0..3 {
        for i in 0..1000_u32 {
            inner.alloc(i);
        }
        inner.reset();
    }
    inner.reset_with(Retain::Nothing);
    assert_eq!(inner.capacity(), 0);

    let mut buffer = vec![MaybeUninit::uninit(); 10_000];
    let mut arena = Arena::new_in(FixedBuffer::new(&mut buffer));
    for _ in 0..10 {
        let mut n = 0;
        while arena.try_alloc([n; 8]).is_ok() {
            n += 1;
        }
        assert!(n > 10);
        arena.reset();
    }
    arena.reset_with(Retain::Nothing);
    assert_eq!(arena.allocator().remaining(), 10_000);
}
