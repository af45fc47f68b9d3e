//! `Rc` and `Weak`: beside the standard library's through random calls, and what hostile code could try.

mod support;

use std::alloc::Layout;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt::{Debug, Display};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::boxed::Box as ArenaBox;
use allocator_api2::vec::Vec as ArenaVec;
use arenula::rc::{Rc, Weak, unsize};
use arenula::{AllocError, Arena};
use proptest::prelude::*;
use support::properties::properties;
use support::values::{Calling, Leaked, Log, Panicking, Saying, Tracked, sayings};
use support::{Counted, Watch, Watched, panic_quietly, panics, until_there_is_memory};

/// A value of the crate's `Rc`: with a label, which its clones have too, and watched over.
struct Node<'l> {
    label: u32,
    tracked: Tracked<'l>,
    world: &'l World,
}

/// A value of the standard library's.
struct Twin<'l> {
    label: u32,
    world: &'l World,
}

#[derive(Default)]
struct World {
    log: Log,
    twins: Cell<usize>,
    clone_panics: Cell<bool>,
}

impl World {
    fn node(&self, label: u32) -> Node<'_> {
        Node {
            label,
            tracked: self.log.value(),
            world: self,
        }
    }

    fn twin(&self, label: u32) -> Twin<'_> {
        self.twins.set(self.twins.get() + 1);
        Twin { label, world: self }
    }
}

impl Clone for Node<'_> {
    fn clone(&self) -> Self {
        if self.world.clone_panics.take() {
            panic_quietly();
        }
        self.world.node(self.label)
    }
}

impl Clone for Twin<'_> {
    fn clone(&self) -> Self {
        self.world.twin(self.label)
    }
}

impl Drop for Twin<'_> {
    fn drop(&mut self) {
        self.world.twins.set(self.world.twins.get() - 1);
    }
}

#[derive(Clone, Copy, Debug)]
enum Op {
    New,
    NewCyclic,
    Clone(usize),
    Drop(usize),
    Downgrade(usize),
    Upgrade(usize),
    CloneWeak(usize),
    DropWeak(usize),
    GetMut(usize),
    MakeMut(usize),
    TryUnwrap(usize),
    UnwrapOrClone(usize),
    Raw(usize),
    FromBox,
}

#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    bomb: Option<usize>,
    clone_panics: bool,
    fail: bool,
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0..8usize;
    prop_oneof![
        4 => Just(Op::New),
        2 => Just(Op::NewCyclic),
        1 => Just(Op::FromBox),
        4 => at.clone().prop_map(Op::Clone),
        5 => at.clone().prop_map(Op::Drop),
        4 => at.clone().prop_map(Op::Downgrade),
        3 => at.clone().prop_map(Op::Upgrade),
        2 => at.clone().prop_map(Op::CloneWeak),
        3 => at.clone().prop_map(Op::DropWeak),
        2 => at.clone().prop_map(Op::GetMut),
        4 => at.clone().prop_map(Op::MakeMut),
        2 => at.clone().prop_map(Op::TryUnwrap),
        1 => at.clone().prop_map(Op::UnwrapOrClone),
        1 => at.prop_map(Op::Raw),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    (
        prop_oneof![4 => Just(None), 1 => (0..2usize).prop_map(Some)],
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(bomb, clone_panics, fail)| Trouble {
            bomb,
            clone_panics,
            fail,
        })
}

fn ops() -> impl Strategy<Value = Vec<(Op, Trouble)>> {
    prop::collection::vec((op(), trouble()), 0..if cfg!(miri) { 15 } else { 80 })
}

/// Both sides, handle by handle.
struct Sides<'l, A: Allocator + Clone> {
    world: &'l World,
    ours: Vec<Rc<Node<'l>, A>>,
    theirs: Vec<std::rc::Rc<Twin<'l>>>,
    our_weaks: Vec<Weak<Node<'l>, A>>,
    their_weaks: Vec<std::rc::Weak<Twin<'l>>>,
}

impl<'l, A: Allocator + Clone> Sides<'l, A> {
    fn step(&mut self, op: Op, label: u32, alloc: &A, fail: &dyn Fn(bool)) {
        let world = self.world;
        let strong = |at: usize, len: usize| (len > 0).then(|| at % len);
        // What panics does so after the handles have changed; and their side is made to follow.
        let ours = &mut self.ours;
        let theirs = &mut self.theirs;
        match op {
            Op::New => {
                let node = world.node(label);
                if let Ok(made) = Rc::try_new_in(node, alloc.clone()) {
                    ours.push(made);
                    theirs.push(std::rc::Rc::new(world.twin(label)));
                }
            }
            Op::FromBox => {
                fail(false);
                let boxed = ArenaBox::new_in(world.node(label), alloc.clone());
                ours.push(Rc::from(boxed));
                theirs.push(std::rc::Rc::new(world.twin(label)));
            }
            Op::NewCyclic => {
                let mut kept = None;
                let made = Rc::try_new_cyclic_in(
                    |weak| {
                        assert!(weak.upgrade().is_none());
                        assert_eq!((weak.strong_count(), weak.weak_count()), (0, 0));
                        kept = Some(weak.clone());
                        world.node(label)
                    },
                    alloc.clone(),
                );
                if let Ok(made) = made {
                    ours.push(made);
                    self.our_weaks.extend(kept);
                    let twin = std::rc::Rc::new_cyclic(|weak| {
                        self.their_weaks.push(weak.clone());
                        world.twin(label)
                    });
                    theirs.push(twin);
                }
            }
            Op::Clone(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                ours.push(ours[at].clone());
                theirs.push(theirs[at].clone());
            }
            Op::Drop(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                drop(theirs.swap_remove(at));
                drop(ours.swap_remove(at));
            }
            Op::Downgrade(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                self.our_weaks.push(Rc::downgrade(&ours[at]));
                self.their_weaks.push(std::rc::Rc::downgrade(&theirs[at]));
            }
            Op::Upgrade(at) => {
                let Some(at) = strong(at, self.our_weaks.len()) else {
                    return;
                };
                let (our, their) = (self.our_weaks[at].upgrade(), self.their_weaks[at].upgrade());
                assert_eq!(our.is_some(), their.is_some());
                ours.extend(our);
                theirs.extend(their);
            }
            Op::CloneWeak(at) => {
                let Some(at) = strong(at, self.our_weaks.len()) else {
                    return;
                };
                self.our_weaks.push(self.our_weaks[at].clone());
                self.their_weaks.push(self.their_weaks[at].clone());
            }
            Op::DropWeak(at) => {
                let Some(at) = strong(at, self.our_weaks.len()) else {
                    return;
                };
                drop(self.their_weaks.swap_remove(at));
                drop(self.our_weaks.swap_remove(at));
            }
            Op::GetMut(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                let (our, their) = (
                    Rc::get_mut(&mut ours[at]),
                    std::rc::Rc::get_mut(&mut theirs[at]),
                );
                assert_eq!(our.is_some(), their.is_some());
                if let (Some(our), Some(their)) = (our, their) {
                    our.label += 1000;
                    their.label += 1000;
                }
            }
            Op::MakeMut(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                if let Ok(value) = Rc::try_make_mut(&mut ours[at]) {
                    value.label += 1_000_000;
                    std::rc::Rc::make_mut(&mut theirs[at]).label += 1_000_000;
                }
            }
            Op::TryUnwrap(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                let their = std::rc::Rc::try_unwrap(theirs.swap_remove(at));
                match (Rc::try_unwrap(ours.swap_remove(at)), their) {
                    (Ok(our), Ok(their)) => assert_eq!(our.label, their.label),
                    (Err(our), Err(their)) => {
                        ours.push(our);
                        theirs.push(their);
                    }
                    _ => panic!("one of them was unwrapped"),
                }
            }
            Op::UnwrapOrClone(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                drop(std::rc::Rc::unwrap_or_clone(theirs.swap_remove(at)));
                drop(Rc::unwrap_or_clone(ours.swap_remove(at)));
            }
            Op::Raw(at) => {
                let Some(at) = strong(at, ours.len()) else {
                    return;
                };
                let our = ours.swap_remove(at);
                let their = theirs.swap_remove(at);
                let (pointer, alloc) = Rc::into_raw_with_allocator(our);
                // SAFETY: both come from there.
                ours.push(unsafe { Rc::from_raw_in(pointer, alloc) });
                theirs.push(their);
            }
        }
    }

    fn check(&self) {
        assert_eq!(self.ours.len(), self.theirs.len());
        assert_eq!(self.our_weaks.len(), self.their_weaks.len());
        for (our, their) in self.ours.iter().zip(&self.theirs) {
            assert_eq!(our.label, their.label);
            our.tracked.number();
            assert_eq!(Rc::strong_count(our), std::rc::Rc::strong_count(their));
            assert_eq!(Rc::weak_count(our), std::rc::Rc::weak_count(their));
        }
        for (our, their) in self.our_weaks.iter().zip(&self.their_weaks) {
            assert_eq!(our.strong_count(), their.strong_count());
            assert_eq!(our.weak_count(), their.weak_count());
            assert_eq!(
                our.upgrade().map(|v| v.label),
                their.upgrade().map(|v| v.label)
            );
        }
        if let ([first, ..], [their, ..]) = (&self.ours[..], &self.theirs[..]) {
            for (our, their_other) in self.ours.iter().zip(&self.theirs) {
                assert_eq!(
                    Rc::ptr_eq(first, our),
                    std::rc::Rc::ptr_eq(their, their_other)
                );
            }
        }
        assert_eq!(self.world.log.alive().len(), self.world.twins.get());
    }
}

fn run<A: Allocator + Clone>(ops: &[(Op, Trouble)], alloc: A, fail: &dyn Fn(bool)) {
    let world = World::default();
    let mut sides = Sides {
        world: &world,
        ours: Vec::new(),
        theirs: Vec::new(),
        our_weaks: Vec::new(),
        their_weaks: Vec::new(),
    };
    for (label, &(op, trouble)) in ops.iter().enumerate() {
        world.log.bomb.set(trouble.bomb);
        // A clone that panics is one that the other side would have made.
        world
            .clone_panics
            .set(trouble.clone_panics && matches!(op, Op::MakeMut(_)));
        fail(trouble.fail);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            sides.step(op, label as u32, &alloc, fail);
        }));
        if let Err(payload) = outcome {
            assert_eq!(payload.downcast_ref(), Some(&support::ON_PURPOSE), "{op:?}");
        }
        world.log.bomb.set(None);
        world.clone_panics.set(false);
        fail(false);
        sides.check();
    }
    drop(sides);
    assert!(world.log.alive().is_empty());
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn it_does_what_the_standard_librarys_does(ops in ops()) {
        let watch = Watch::default();
        run(&ops, Watched(&watch), &|fails| watch.fail_after.set(fails.then_some(0)));
        assert_eq!(watch.count(), 0);
    }

    #[test]
    fn it_does_so_in_an_arena(ops in ops()) {
        let arena = Arena::new();
        run(&ops, &arena, &|fails| {
            arena.set_limit(fails.then_some(0));
        });
    }
}

// Memory.

#[test]
fn the_last_handle_gives_the_memory_back() {
    let arena = Arena::new();
    arena.alloc(1);
    let before = arena.allocated_bytes();
    let value = Rc::new_in([1_u64; 4], &arena);
    // The counts and the allocator lie before it, and the arena gives multiples of eight.
    let header = size_of::<(usize, usize, &Arena)>().next_multiple_of(8);
    assert_eq!(
        arena.allocated_bytes(),
        before + header + size_of::<[u64; 4]>()
    );
    let weak = Rc::downgrade(&value);
    drop(value);
    assert_ne!(arena.allocated_bytes(), before);
    drop(weak);
    assert_eq!(arena.allocated_bytes(), before);
    drop(Rc::from_str_in("text", &arena));
    drop(unsize!(Rc::new_in(1, &arena) => dyn Display));
    drop(Rc::from_iter_in(0..100, &arena));
    assert_eq!(arena.allocated_bytes(), before);
    assert!(matches!(Rc::try_unwrap(Rc::new_in(7, &arena)), Ok(7)));
    assert_eq!(arena.allocated_bytes(), before);
}

#[repr(align(64))]
#[derive(Debug, PartialEq, Clone, Copy)]
struct Wide(u8);

#[repr(align(64))]
#[derive(Debug, PartialEq, Clone, Copy)]
struct WideNothing;

#[test]
fn any_layout_comes_back_as_it_was() {
    fn check<T: Debug + PartialEq + Copy + 'static>(value: T) {
        let watch = Watch::default();
        let alloc = Watched(&watch);
        let whole = Rc::new_in(value, alloc);
        assert_eq!(Rc::as_ptr(&whole).addr() % align_of::<T>(), 0);
        let (weak, shown) = (Rc::downgrade(&whole), unsize!(whole.clone() => dyn Debug));
        assert_eq!(format!("{shown:?}"), format!("{value:?}"));
        let weak_shown = unsize!(Rc::downgrade(&whole) => dyn Debug);
        drop((weak, whole, shown));
        assert!(weak_shown.upgrade().is_none());
        assert_eq!(watch.count(), 1);
        // The last handle knows the layout, though there is no value to ask.
        drop(weak_shown);
        assert_eq!(watch.count(), 0);

        for len in 0..5 {
            let slice = Rc::from_slice_copy_in(&vec![value; len], alloc);
            let weak = Rc::downgrade(&slice);
            assert!(slice.iter().all(|v| *v == value) && slice.len() == len);
            let cloned = Rc::from_slice_clone_in(&slice, alloc);
            assert_eq!(cloned, slice);
            drop(slice);
            drop(weak);
            let mut vec = ArenaVec::with_capacity_in(2 * len, alloc);
            vec.resize(len, value);
            assert_eq!(Rc::from(vec), cloned);
            let mut vec = ArenaVec::new_in(alloc);
            vec.resize(len, value);
            assert_eq!(Rc::from(vec.into_boxed_slice()), cloned);
        }
        assert_eq!(*Rc::<T, _>::from(ArenaBox::new_in(value, alloc)), value);
        drop(Rc::<[T; 3], _>::try_from(Rc::from_slice_copy_in(&[value; 3], alloc)).unwrap());
        drop(Rc::<[T; 2], _>::try_from(Rc::from_slice_copy_in(&[value; 3], alloc)).unwrap_err());
        // A zero-sized box has no block that counts.
        if size_of::<T>() > 0 {
            assert_eq!(watch.count(), 0);
        }
    }
    check(());
    check(1_u8);
    check(1_u64);
    check([1_u16; 3]);
    check(Wide(1));
    check(WideNothing);
}

#[test]
fn slices_of_what_has_no_size_are_counted() {
    struct Nothing;
    thread_local!(static DROPS: Cell<usize> = const { Cell::new(0) });
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    let arena = Arena::new();
    let slice = Rc::from_iter_in((0..7).map(|_| Nothing), &arena);
    assert_eq!((slice.len(), DROPS.get()), (7, 0));
    let mut vec = ArenaVec::new_in(&arena);
    vec.extend((0..3).map(|_| Nothing));
    let second = Rc::<[Nothing], _>::from(vec);
    assert_eq!((second.len(), DROPS.get()), (3, 0));
    drop((slice, second));
    assert_eq!(DROPS.get(), 10);
}

// Slices from iterators.

#[test]
fn an_iterator_may_lie_panic_and_run_out_of_memory() {
    for count in [0, 1, 3, 10, 40] {
        for says in sayings(count) {
            for panic_at in [None, Some(0), Some(count / 2), Some(count)] {
                for fail_after in [None, Some(0), Some(1), Some(2)] {
                    let log = Log::default();
                    let watch = Watch::default();
                    watch.fail_after.set(fail_after);
                    let mut made = 0;
                    let values = std::iter::from_fn(|| {
                        if panic_at == Some(made) {
                            panic_quietly();
                        }
                        made += 1;
                        (made <= count).then(|| log.value())
                    });
                    let outcome = catch_unwind(AssertUnwindSafe(|| {
                        Rc::try_from_iter_in(Saying(says, values), Watched(&watch))
                    }));
                    if let Ok(Ok(slice)) = &outcome {
                        assert_eq!(slice.len(), count);
                        assert!(slice.iter().map(Tracked::number).eq(0..count as u32));
                    }
                    drop(outcome);
                    assert!(log.alive().is_empty());
                    assert_eq!(watch.count(), 0);
                }
            }
        }
    }
}

#[test]
fn an_iterator_that_allocates_in_its_arena_gets_other_memory() {
    let arena = Arena::new();
    let slice = Rc::from_iter_in((0..200_u32).map(|i| &*arena.alloc(i)), &arena);
    assert!(slice.iter().enumerate().all(|(i, n)| **n == i as u32));
}

// Destructors.

#[test]
fn a_destructor_that_panics_frees_the_block() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic_quietly();
        }
    }
    for weaks in 0..2 {
        let watch = Watch::default();
        let value = Rc::new_in(Panics, Watched(&watch));
        let weaks: Vec<_> = (0..weaks).map(|_| Rc::downgrade(&value)).collect();
        assert!(panics(|| drop(value)));
        assert!(weaks.iter().all(|weak| weak.upgrade().is_none()));
        assert_eq!(watch.count(), weaks.len());
        drop(weaks);
        assert_eq!(watch.count(), 0);
    }
    // All of a slice are dropped, as those of any.
    let watch = Watch::default();
    let log = Log::default();
    let slice = Rc::from_iter_in((0..5).map(|_| log.value()), Watched(&watch));
    log.bomb.set(Some(1));
    assert!(panics(|| drop(slice)));
    assert!(log.alive().is_empty());
    assert_eq!(watch.count(), 0);
}

#[test]
fn a_destructor_finds_its_own_value_gone_and_its_block_there() {
    type Kept<T> = RefCell<Option<T>>;
    struct Itself<'c, A: Allocator> {
        itself: Weak<Itself<'c, A>, A>,
        kept: std::rc::Rc<Kept<Weak<Itself<'c, A>, A>>>,
        _count: Counted<'c>,
    }
    impl<A: Allocator> Drop for Itself<'_, A> {
        fn drop(&mut self) {
            assert!(self.itself.upgrade().is_none());
            assert_eq!(
                (self.itself.strong_count(), self.itself.weak_count()),
                (0, 0)
            );
            for _ in 0..10 {
                drop(self.itself.clone());
            }
            *self.kept.borrow_mut() = Some(self.itself.clone());
        }
    }
    let watch = Watch::default();
    let count = Cell::new(0);
    let kept = std::rc::Rc::new(RefCell::new(None));
    let value = Rc::new_cyclic_in(
        |itself| Itself {
            itself: itself.clone(),
            kept: kept.clone(),
            _count: Counted(&count),
        },
        Watched(&watch),
    );
    assert_eq!(Rc::weak_count(&value), 1);
    drop(value);
    assert_eq!((count.get(), watch.count()), (1, 1));
    let left = kept.take().unwrap();
    assert!(left.upgrade().is_none());
    drop(left);
    assert_eq!(watch.count(), 0);
}

#[test]
fn a_cyclic_closure_that_panics_leaves_what_it_kept_without_a_value() {
    trait Shown {}
    impl Shown for Wide {}
    let watch = Watch::default();
    let mut kept: Vec<Weak<dyn Shown, Watched>> = Vec::new();
    assert!(panics(|| {
        Rc::<Wide, _>::new_cyclic_in(
            |weak| {
                kept.push(unsize!(weak.clone() => dyn Shown));
                kept.push(unsize!(weak.clone() => dyn Shown));
                panic_quietly()
            },
            Watched(&watch),
        );
    }));
    assert!(kept.iter().all(|weak| weak.upgrade().is_none()));
    kept.pop();
    assert_eq!(watch.count(), 1);
    // Nothing was ever written where the value would be.
    kept.pop();
    assert_eq!(watch.count(), 0);
    assert!(panics(|| {
        Rc::<u8, _>::new_cyclic_in(|_| panic_quietly(), Watched(&watch));
    }));
    assert_eq!(watch.count(), 0);
}

#[test]
fn values_may_form_trees_and_point_back() {
    struct Node<'a> {
        parent: RefCell<Weak<Node<'a>, &'a Arena>>,
        children: RefCell<Vec<Rc<Node<'a>, &'a Arena>>>,
        _count: Counted<'a>,
    }
    let count = Cell::new(0);
    let arena = Arena::new();
    let node = || {
        let (parent, children) = (RefCell::new(Weak::new()), RefCell::default());
        Rc::new_in(
            Node {
                parent,
                children,
                _count: Counted(&count),
            },
            &arena,
        )
    };
    let root = node();
    for _ in 0..10 {
        let child = node();
        *child.parent.borrow_mut() = Rc::downgrade(&root);
        root.children.borrow_mut().push(child);
    }
    let child = root.children.borrow()[3].clone();
    assert!(Rc::ptr_eq(&child.parent.borrow().upgrade().unwrap(), &root));
    drop(root);
    assert_eq!(count.get(), 10);
    assert!(child.parent.borrow().upgrade().is_none());
    drop(child);
    assert_eq!(count.get(), 11);
}

// Allocators that do as they please.

#[test]
fn an_allocator_that_upgrades_while_a_value_is_moved_gets_a_value_of_its_own() {
    let leaked = Leaked::new(Calling::default());
    // SAFETY: it is not used after `leaked` is dropped, at the end.
    let calling = unsafe { leaked.get() };
    let mut value = Rc::new_in(1, calling);
    let weak = Rc::downgrade(&value);
    let kept = std::rc::Rc::new(RefCell::new(None));
    let in_call = kept.clone();
    let seen = weak.clone();
    *calling.callback.borrow_mut() = Some(Box::new(move || {
        if in_call.borrow().is_none() {
            *in_call.borrow_mut() = seen.upgrade();
        }
    }));
    *Rc::make_mut(&mut value) += 1;
    let kept: Rc<i32, _> = kept.take().unwrap();
    assert_eq!((*value, *kept), (2, 1));
    assert!(Rc::ptr_eq(&kept, &weak.upgrade().unwrap()));
    assert!(!Rc::ptr_eq(&value, &kept));
    drop(kept);
    drop((value, weak));
    // What the callback captured goes, and with it the last handle.
    let callback = calling.callback.take();
    drop(callback);
    drop(leaked);
}

/// An allocator that owns the arena it allocates in.
#[derive(Clone)]
struct Owning(std::rc::Rc<Arena>);

// SAFETY: the arena lives as long as any of its clones, and is not reset.
unsafe impl Allocator for Owning {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        (&*self.0).allocate(layout)
    }
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: as promised.
        unsafe { (&*self.0).deallocate(block, layout) }
    }
}

#[test]
fn an_allocator_that_lies_in_its_own_memory_is_moved_out_first() {
    let arena = std::rc::Rc::new(Arena::new());
    let watching = std::rc::Rc::downgrade(&arena);
    let value = Rc::new_in(String::from("text"), Owning(arena));
    let weak = Rc::downgrade(&value);
    assert_eq!(watching.strong_count(), 1);
    drop(value);
    assert_eq!(watching.strong_count(), 1);
    drop(weak);
    assert_eq!(watching.strong_count(), 0);
}

#[test]
fn an_allocator_that_fails_leaves_a_shared_value_as_it_was() {
    let watch = Watch::default();
    let mut value = Rc::new_in(1, Watched(&watch));
    let other = value.clone();
    watch.fail_after.set(Some(0));
    assert!(Rc::try_make_mut(&mut value).is_err());
    assert!(Rc::ptr_eq(&value, &other));
    drop(other);
    let weak = Rc::downgrade(&value);
    watch.fail_after.set(Some(0));
    assert!(Rc::try_make_mut(&mut value).is_err());
    assert_eq!(weak.upgrade().as_deref(), Some(&1));
    *Rc::try_make_mut(&mut value).unwrap() = 2;
    assert!(weak.upgrade().is_none());
    assert_eq!(watch.count(), 2);
    drop((value, weak));
    assert_eq!(watch.count(), 0);
}

/// Each way to make an `Rc`, and to make one of another. Answers whether there was memory for all.
fn each_form<A: Allocator + Clone>(world: &World, alloc: &A) -> bool {
    let (node, world_of) = (|| world.node(1), [world.node(1), world.node(2)]);
    let mut has_all = Rc::try_new_in(node(), alloc.clone()).is_ok();
    has_all &= Rc::try_pin_in(1, Global).is_ok();
    has_all &= Rc::try_new_cyclic_in(|_| node(), alloc.clone()).is_ok();
    has_all &= Rc::try_from_slice_copy_in(&[1, 2], alloc.clone()).is_ok();
    has_all &= Rc::try_from_str_in("text", alloc.clone()).is_ok();
    has_all &= Rc::try_from_slice_clone_in(&world_of, alloc.clone()).is_ok();
    has_all &=
        Rc::try_from_iter_in((0..20).map(|_| node()).filter(|_| true), alloc.clone()).is_ok();
    let Ok(mut value) = Rc::try_new_in(node(), alloc.clone()) else {
        return false;
    };
    let weak = Rc::downgrade(&value);
    let other = value.clone();
    has_all &= Rc::try_make_mut(&mut value).is_ok();
    drop(other);
    has_all &= Rc::try_make_mut(&mut value).is_ok();
    let alive = weak.upgrade();
    has_all && alive.is_none_or(|alive| alive.label == 1)
}

#[test]
fn each_try_form_fails_until_there_is_memory() {
    let refused = until_there_is_memory(|watch| {
        let world = World::default();
        let has_all = each_form(&world, &Watched(watch));
        assert!(world.log.alive().is_empty());
        has_all
    });
    assert!(refused > 10);
}

#[test]
fn a_panicking_backing_allocator_loses_nothing_at_each_call() {
    for n in 0.. {
        let (watch, left) = (Watch::default(), Cell::new(Some(n)));
        let world = World::default();
        let panicked =
            panics(|| _ = each_form(&world, &PanickingRef(&Panicking(Watched(&watch), &left))));
        assert!(world.log.alive().is_empty(), "{n}");
        assert_eq!(watch.count(), 0, "{n}");
        if left.take().is_some() {
            assert!(!panicked && n > 10);
            break;
        }
    }
}

/// A [`Panicking`] allocator that is shared by its clones. Where `grow` or `shrink` panics, nothing has been handed over, as
/// vectors take it too.
#[derive(Clone, Copy)]
struct PanickingRef<'p>(&'p Panicking<'p>);

// SAFETY: it hands on what the other one does.
unsafe impl Allocator for PanickingRef<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the same contract.
        unsafe { self.0.deallocate(block, layout) }
    }
    unsafe fn grow(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.0.step();
        // SAFETY: the same contract.
        unsafe { self.0.0.grow(block, old, new) }
    }
    unsafe fn shrink(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.0.step();
        // SAFETY: the same contract.
        unsafe { self.0.0.shrink(block, old, new) }
    }
}

#[test]
fn a_clone_that_panics_leaves_nothing_at_each_step() {
    struct Fragile<'l>(&'l Log, Tracked<'l>, &'l Cell<usize>);
    impl Clone for Fragile<'_> {
        fn clone(&self) -> Self {
            match self.2.get().checked_sub(1) {
                Some(left) => self.2.set(left),
                None => panic_quietly(),
            }
            Fragile(self.0, self.0.value(), self.2)
        }
    }
    let (log, watch, left) = (Log::default(), Watch::default(), Cell::new(0));
    let source: Vec<_> = (0..20).map(|_| Fragile(&log, log.value(), &left)).collect();
    for step in 0..20 {
        left.set(step);
        assert!(panics(|| drop(Rc::from_slice_clone_in(
            &source,
            Watched(&watch)
        ))));
        assert_eq!((log.alive().len(), watch.count()), (20, 0));
    }
    left.set(0);
    let mut value = Rc::new_in(source.into_iter().next().unwrap(), Watched(&watch));
    let other = value.clone();
    assert!(panics(|| _ = Rc::make_mut(&mut value)));
    assert!(Rc::ptr_eq(&value, &other));
    assert!(panics(|| drop(Rc::unwrap_or_clone(value))));
    assert_eq!((Rc::strong_count(&other), watch.count()), (1, 1));
    assert_eq!(log.alive(), [other.1.number()].into());
}

#[test]
fn impossible_sizes_are_refused() {
    for len in [1 << (usize::BITS - 4), usize::MAX >> 3, usize::MAX] {
        let many = std::iter::repeat_n([1_u64; 4], len).filter(|_| true);
        let watch = Watch::default();
        watch.fail_after.set(Some(10));
        watch.fail_on.set(true);
        assert!(Rc::try_from_iter_in(Saying(len, many), Watched(&watch)).is_err());
        assert_eq!(watch.count(), 0);
    }
    // Values without a size are counted, and no memory is asked for them.
    let mut made = 0;
    let slice = Rc::<[()]>::from_iter_in(Saying(usize::MAX, (0..7).map(|_| made += 1)), Global);
    assert_eq!((slice.len(), made), (7, 7));
}

#[test]
fn handles_may_be_swapped_replaced_and_forgotten() {
    let log = Log::default();
    let (one_arena, other_arena) = (Arena::new(), Arena::new());
    let (mut one, mut other) = (Rc::new_in(1, &one_arena), Rc::new_in(2, &other_arena));
    mem::swap(&mut one, &mut other);
    assert_eq!((*one, *other), (2, 1));
    let old = mem::replace(&mut one, other.clone());
    assert!(Rc::ptr_eq(&one, &other));
    assert_eq!((*old, Rc::strong_count(&one)), (2, 2));
    drop((one, old, other));
    assert_eq!(
        (one_arena.allocated_bytes(), other_arena.allocated_bytes()),
        (0, 0)
    );
    // The values themselves may be swapped where there is one handle.
    let (mut one, mut other) = (Rc::new(log.value()), Rc::new(log.value()));
    mem::swap(
        Rc::get_mut(&mut one).unwrap(),
        Rc::get_mut(&mut other).unwrap(),
    );
    assert_eq!((one.number(), other.number()), (1, 0));
    // What is forgotten stays: value, block, and what others have of it.
    let value = Rc::new_in(log.value(), &one_arena);
    let weak = Rc::downgrade(&value);
    mem::forget(value.clone());
    drop(value);
    let seen = weak.upgrade().unwrap();
    assert_eq!((seen.number(), Rc::strong_count(&seen)), (2, 2));
    drop(seen);
    let value = Rc::new_in(1, &one_arena);
    let before = one_arena.allocated_bytes();
    let (first, second) = (Rc::downgrade(&value), Rc::downgrade(&value));
    mem::forget(first);
    drop((value, second));
    assert_eq!(one_arena.allocated_bytes(), before);
}

// Unsizing.

trait Base {
    fn name(&self) -> String;
}
trait Derived: Base {}
impl Base for Counted<'_> {
    fn name(&self) -> String {
        format!("counted {}", self.0.get())
    }
}
impl Derived for Counted<'_> {}

#[test]
fn what_unsizes_is_the_same_value() {
    let count = Cell::new(0);
    let watch = Watch::default();
    let value = Rc::new_in(Counted(&count), Watched(&watch));
    let start = Rc::as_ptr(&value).addr();
    let derived = unsize!(value.clone() => dyn Derived);
    let base: Rc<dyn Base, _> = unsize!(derived.clone() => dyn Base);
    assert_eq!(Rc::as_ptr(&base).cast::<()>().addr(), start);
    assert_eq!(Rc::strong_count(&value), 3);
    assert_eq!(base.name(), "counted 0");
    let weak = unsize!(Rc::downgrade(&derived) => dyn Base);
    drop((value, derived));
    assert_eq!(weak.upgrade().unwrap().name(), "counted 0");
    drop(base);
    assert_eq!(count.get(), 1);
    assert!(weak.upgrade().is_none());
    drop(weak);
    assert_eq!(watch.count(), 0);
    // Also what points nowhere.
    let nowhere: Weak<dyn Any> = unsize!(Weak::<u8>::new() => dyn Any);
    assert!(nowhere.clone().upgrade().is_none());
    // The same type, and the type that is asked for from outside.
    let same: Rc<u8> = unsize!(Rc::new(1) => u8);
    let inferred: Rc<dyn Any> = unsize!(same => _);
    assert_eq!(*inferred.downcast::<u8>().unwrap(), 1);
}

#[test]
fn an_expression_is_evaluated_once_and_outside_of_the_unsafe_block() {
    let made = Cell::new(0);
    let value = unsize!({ made.set(made.get() + 1); Rc::new([1_u8, 2]) } => [u8]);
    assert_eq!((made.get(), value.len()), (1, 2));
    // Names of the macro's own are not seen.
    let (kind, raw) = (1, 2);
    let value = unsize!(Rc::new([kind, raw]) => [i32]);
    assert_eq!(*value, [1, 2]);
}

#[test]
fn any_is_downcast_to_what_it_is() {
    let arena = Arena::new();
    let any = unsize!(Rc::new_in(Wide(7), &arena) => dyn Any);
    let any = any.downcast::<u8>().unwrap_err();
    let wide: Rc<Wide, _> = any.downcast().unwrap();
    assert_eq!(*wide, Wide(7));
}

// Traits.

#[test]
fn what_can_be_said_of_a_value_can_be_said_of_its_rc() {
    use std::collections::hash_map::DefaultHasher;
    use std::hash::{Hash, Hasher};
    fn hash(value: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    }
    let arena = Arena::new();
    let (a, b) = (Rc::from_str_in("a", &arena), Rc::from_str_in("b", &arena));
    assert!(a < b && a != b && a == a.clone() && a.cmp(&b).is_lt());
    assert_eq!(
        format!("{a} {b:?} {:?}", Rc::downgrade(&a)),
        "a \"b\" (Weak)"
    );
    assert_eq!(hash(&a), hash(&"a"));
    let number = Rc::new_in(1, &arena);
    assert_eq!(format!("{number:p}"), format!("{:p}", Rc::as_ptr(&number)));
    let set: std::collections::HashSet<_> = [a, b].into();
    assert!(set.contains("a"));
    assert_eq!(*Rc::<u8>::default() + *Rc::from(1), 1);
    assert_eq!(Rc::<[u8]>::default().len() + Rc::<str>::default().len(), 0);
    assert_eq!(*(0..3).collect::<Rc<[u8]>>(), [0, 1, 2]);
    assert_eq!(Rc::<[u8]>::from([1, 2]), Rc::<[u8]>::from(&[1, 2][..]));
    let bytes: Rc<[u8]> = Rc::from(Rc::<str>::from("text"));
    assert_eq!(*bytes, *b"text");
    let boxed: ArenaBox<str, Global> = ArenaBox::from("text");
    assert_eq!(&*Rc::<str>::from(boxed), "text");
    assert!(Rc::ptr_eq(&bytes, &bytes.clone()));
    let weak: Weak<u8> = Weak::default();
    assert!(weak.ptr_eq(&Weak::new()) && weak.as_ptr() == weak.clone().into_raw());
    mem::drop(weak);
    // SAFETY: it comes from there.
    drop(unsafe { Weak::<u8>::from_raw(Weak::<u8>::new().into_raw()) });
    let error: Rc<std::fmt::Error> = Rc::new(std::fmt::Error);
    assert!(std::error::Error::source(&error).is_none());
}
