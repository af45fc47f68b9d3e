//! `Owned`: moves, threads, failures, panics, and each class of bug that owners of themselves have had.

mod support;

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use allocator_api2::alloc::{AllocError, Allocator};
use arenula::vec::Vec as ArenaVec;
use arenula::{AllocOrInitError, Arena, CovariantRoot, Owned, Root};
use support::values::{Calling, Leaked, Log, Panicking, Tracked, aborts};
use support::{Watch, Watched, panic_quietly, panics};

/// A tree, with its text in the same arena.
#[derive(Debug)]
struct Tree<'a> {
    text: &'a str,
    top: &'a Node<'a>,
}

#[derive(Debug)]
struct Node<'a> {
    name: &'a str,
    children: &'a [Node<'a>],
}

impl Root for Tree<'_> {
    type Of<'a> = Tree<'a>;
}

impl CovariantRoot for Tree<'_> {
    fn shrink<'short, 'long: 'short>(root: &'short Tree<'long>) -> &'short Tree<'short> {
        root
    }
}

impl Node<'_> {
    fn count(&self) -> usize {
        1 + self.children.iter().map(Node::count).sum::<usize>()
    }
}

/// `name(child child ..)`.
fn parse_node<'a>(arena: &'a Arena, rest: &mut &'a str) -> Result<Node<'a>, String> {
    let end = rest.find(['(', ')', ' ']).unwrap_or(rest.len());
    if end == 0 {
        return Err(format!("no name at {rest:?}"));
    }
    let (name, after) = rest.split_at(end);
    *rest = after;
    let mut children = ArenaVec::new_in(arena);
    if let Some(inside) = rest.strip_prefix('(') {
        *rest = inside;
        loop {
            children.push(parse_node(arena, rest)?);
            if let Some(after) = rest.strip_prefix(')') {
                *rest = after;
                break;
            }
            *rest = rest.strip_prefix(' ').ok_or("no end")?;
        }
    }
    let children = arenula::vec::VecExt::into_slice(children);
    Ok(Node { name, children })
}

fn parse(text: &str) -> Result<Owned<Tree<'static>>, String> {
    let outcome = Owned::try_new(|arena| {
        let text: &str = arena.alloc_str(text);
        let top = arena.alloc(parse_node(arena, &mut &*text)?);
        Ok(Tree { text, top })
    });
    outcome.map_err(|(error, arena)| {
        assert_eq!(arena.allocated_bytes(), 0);
        match error {
            AllocOrInitError::Init(error) => error,
            AllocOrInitError::Alloc(AllocError) => panic!("there is memory"),
        }
    })
}

/// The text of a tree of a hundred nodes with ninety-nine children each, or less under an interpreter.
fn forest() -> (String, usize) {
    let side = if cfg!(miri) { 8 } else { 100 };
    let leaves = vec!["leaf"; side - 1].join(" ");
    let twigs = vec![format!("twig({leaves})"); side].join(" ");
    (format!("top({twigs})"), 1 + side * side)
}

#[test]
fn a_tree_parsed_on_one_thread_is_read_on_another() {
    let (text, count) = forest();
    let (sender, receiver) = mpsc::channel();
    let parser = thread::spawn(move || {
        let tree = parse(&text).unwrap();
        drop(text);
        sender.send(tree).unwrap();
    });
    let tree = receiver.recv().unwrap();
    parser.join().unwrap();
    assert!(cfg!(miri) || count > 10_000);
    assert_eq!(tree.with(|tree| tree.top.count()), count);
    // And on several at once.
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                let Tree { text, top } = tree.get();
                let inside = |name: &str| text.as_bytes().as_ptr_range().contains(&name.as_ptr());
                assert!(inside(top.children[3].children[5].name));
                assert_eq!(top.count(), count);
            });
        }
    });
    thread::spawn(move || drop(tree)).join().unwrap();
}

#[test]
fn building_may_fail() {
    assert_eq!(parse("a(b c").unwrap_err(), "no end");
    assert_eq!(parse("a(b )").unwrap_err(), "no name at \")\"");
    let tree = parse("a(b c)").unwrap();
    let shown = format!("{tree:?}");
    assert!(
        shown.starts_with("Owned(Tree { text: \"a(b c)\""),
        "{shown}"
    );
}

/// A root with everything that moving could break: unique references, a box, what has a destructor and gives memory back
/// to the arena, and the arena itself.
struct Mixed<'a> {
    arena: &'a Arena,
    unique: &'a mut [u32],
    vec: ArenaVec<Box<u32>, &'a Arena>,
    inline: [u32; 4],
    boxed: Box<[&'a mut u32; 1]>,
    shared: &'a Cell<u32>,
}

impl Root for Mixed<'_> {
    type Of<'a> = Mixed<'a>;
}

impl Mixed<'_> {
    fn sum(&self) -> u32 {
        self.unique.iter().sum::<u32>()
            + self.vec.iter().map(|number| **number).sum::<u32>()
            + self.inline.iter().sum::<u32>()
            + *self.boxed[0]
            + self.shared.get()
    }
}

fn mixed() -> Owned<Mixed<'static>> {
    Owned::new(|arena| {
        let mut vec = ArenaVec::new_in(arena);
        vec.extend([1, 2, 3].map(Box::new));
        Mixed {
            arena,
            unique: arena.alloc_slice_copy(&[10, 20]),
            vec,
            inline: [5; 4],
            boxed: Box::new([arena.alloc(100)]),
            shared: arena.alloc(Cell::new(1000)),
        }
    })
}

#[test]
fn it_moves_while_its_root_borrows() {
    #[inline(never)]
    fn pass<T>(value: T) -> T {
        value
    }
    let step = |owned: &mut Owned<Mixed<'static>>| {
        let before = owned.with(|root| root.sum());
        owned.with_mut(|root, arena| {
            assert!(std::ptr::eq(root.arena, arena));
            root.unique[0] += 1;
            root.vec.push(Box::new(1));
            root.inline[0] += 1;
            *root.boxed[0] += 1;
            root.shared.set(root.shared.get() + 1);
        });
        owned.with(|root| {
            root.shared.set(root.shared.get() + 1);
            root.arena.alloc_slice_fill_copy(1000, 1_u8);
        });
        assert_eq!(owned.with(|root| root.sum()), before + 6);
    };
    let mut owned = mixed();
    step(&mut owned);
    let mut owned = pass(owned);
    step(&mut owned);
    let mut boxed = Box::new(owned);
    step(&mut boxed);
    let mut many: Vec<_> = std::iter::once(*boxed)
        .chain((0..5).map(|_| mixed()))
        .collect();
    many.reverse();
    many.iter_mut().for_each(step);
    let (first, last) = many.split_at_mut(3);
    mem::swap(&mut first[0], &mut last[2]);
    many.iter_mut().for_each(step);
    let mut owned = mem::replace(&mut many[0], mixed());
    drop(many);
    step(&mut owned);
    let mut option = Some(owned);
    let mut owned = option.take().unwrap();
    step(&mut owned);
}

#[test]
fn a_root_is_mapped_to_another_in_the_same_arena() {
    let owned = mixed();
    let mut numbers = owned.map::<&mut [u32], _>(|root, arena| {
        root.unique[1] = root.vec.len() as u32;
        assert!(std::ptr::eq(root.arena, arena));
        root.unique
    });
    numbers.with_mut(|numbers, _| numbers[0] += 1);
    assert_eq!(**numbers.get(), [11, 3]);
    let text = numbers.map::<(&str, Option<&[u32]>), _>(|numbers, arena| {
        (arena.alloc_fmt(format_args!("{numbers:?}")), Some(numbers))
    });
    text.with(|(text, numbers)| assert_eq!((*text, *numbers), ("[11, 3]", Some(&[11, 3][..]))));
    let outcome = text.try_map::<&str, _, _>(|(text, _), _| Err(text.len()));
    let (length, arena) = outcome.err().unwrap();
    assert_eq!((length, arena.allocated_bytes()), (7, 0));
    assert!(arena.capacity() > 0);
}

#[test]
fn an_arena_that_is_taken_out_serves_again_from_its_memory() {
    let watch = Watch::default();
    let mut arena = Arena::<1, _>::with_min_align_in(Watched(&watch));
    let mut asked = 0;
    for round in 0..20 {
        let owned = Owned::<(&str, &[u64], &mut u8), 1, _>::new_in(arena, |arena| {
            let text = arena.alloc_fmt(format_args!("{round}"));
            (
                text,
                arena.alloc_slice_fill_copy(1000, 7),
                arena.alloc(round),
            )
        });
        owned.with(|(text, numbers, byte)| {
            assert_eq!(*text, round.to_string());
            assert_eq!(
                numbers.len() + usize::from(**byte),
                1000 + usize::from(round)
            );
        });
        arena = if round % 2 == 0 {
            owned.into_arena()
        } else {
            owned
                .try_map::<&str, (), _>(|_, _| Err(()))
                .err()
                .unwrap()
                .1
        };
        assert_eq!(arena.allocated_bytes(), 0);
        if round == 2 {
            asked = watch.asked.get();
        }
    }
    assert_eq!(watch.asked.get(), asked, "it is warm");
    drop(arena);
    assert_eq!(watch.bytes(), 0);
}

#[test]
fn what_an_arena_holds_when_it_comes_is_given_back_with_the_rest() {
    let arena = Arena::new();
    arena.alloc_slice_fill_copy(100, 1_u8);
    let mut owned = Owned::<&u8>::new_in(arena, |arena| arena.alloc(1));
    assert_eq!(owned.stats().allocated, 112);
    assert_eq!(owned.into_arena().allocated_bytes(), 0);
}

#[test]
fn roots_of_any_size_and_alignment() {
    #[repr(align(256))]
    struct Aligned(u8);
    struct Both<'a>(Aligned, &'a Aligned);
    impl Root for Both<'_> {
        type Of<'a> = Both<'a>;
    }
    struct Unit;
    impl Root for Unit {
        type Of<'a> = Unit;
    }
    thread_local!(static DROPPED: Cell<usize> = const { Cell::new(0) });
    impl Drop for Unit {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + 1);
        }
    }
    let owned = Owned::<Both>::new(|arena| Both(Aligned(1), arena.alloc(Aligned(2))));
    let moved = Box::new(owned);
    moved.with(|Both(one, two)| {
        assert_eq!((one.0, two.0), (1, 2));
        assert!((&raw const *one).addr() % 256 == 0);
    });
    let unit = Owned::<Unit>::new(|_| Unit);
    drop(unit.into_arena());
    assert_eq!(DROPPED.get(), 1);
}

// Destructors.

/// A root that owns values, some of them through memory of the arena, and whose own destructor looks at the arena and
/// allocates in it.
struct Owners<'a, A: Allocator + 'static> {
    arena: &'a Arena<8, A>,
    number: &'a Cell<u32>,
    seen: &'static Cell<u32>,
    first: Tracked<'static>,
    rest: ArenaVec<Tracked<'static>, &'a Arena<8, A>>,
}

impl<A: Allocator + 'static> Root for Owners<'_, A> {
    type Of<'a> = Owners<'a, A>;
}

impl<A: Allocator + 'static> Drop for Owners<'_, A> {
    fn drop(&mut self) {
        let copy = self.arena.alloc_slice_fill_copy(50, self.number.get());
        self.seen.set(self.seen.get() + copy[49]);
        assert!(
            self.rest
                .iter()
                .all(|value| value.number() > self.first.number())
        );
    }
}

/// What such roots need for the time of a test.
struct Test {
    log: Leaked<Log>,
    watch: Leaked<Watch>,
    seen: Leaked<Cell<u32>>,
}

impl Test {
    fn new() -> Self {
        Test {
            log: Leaked::new(Log::default()),
            watch: Leaked::new(Watch::default()),
            seen: Leaked::new(Cell::new(0)),
        }
    }

    fn log(&self) -> &'static Log {
        // SAFETY: all that has it is dropped before the test ends.
        unsafe { self.log.get() }
    }

    fn watch(&self) -> &'static Watch {
        // SAFETY: as above.
        unsafe { self.watch.get() }
    }

    fn arena(&self) -> Arena<8, Watched<'static>> {
        Arena::new_in(Watched(self.watch()))
    }

    /// A root of `count` values and one.
    fn build<'a, A: Allocator>(&self, arena: &'a Arena<8, A>, count: usize) -> Owners<'a, A> {
        // SAFETY: as above.
        let seen = unsafe { self.seen.get() };
        let first = self.log().value();
        let mut rest = ArenaVec::new_in(arena);
        rest.extend((0..count).map(|_| self.log().value()));
        let number = arena.alloc(Cell::new(1));
        Owners {
            arena,
            number,
            seen,
            first,
            rest,
        }
    }

    fn owned(&self, count: usize) -> Owned<Owners<'static, Watched<'static>>, 8, Watched<'static>> {
        Owned::new_in(self.arena(), |arena| self.build(arena, count))
    }

    /// All is dropped, once, and all memory of arenas is back. `roots` is the number of roots dropped so far.
    fn all_gone(&self, roots: u32) {
        assert!(self.log().alive().is_empty());
        assert_eq!(self.watch().count(), 0);
        assert_eq!(self.seen.get_ref().get(), roots);
    }
}

trait GetRef<T> {
    fn get_ref(&self) -> &T;
}

impl<T: 'static> GetRef<T> for Leaked<T> {
    fn get_ref(&self) -> &T {
        // SAFETY: it is borrowed for as long as this is.
        unsafe { self.get() }
    }
}

#[test]
fn a_root_is_dropped_once_before_its_arena() {
    let test = Test::new();
    drop(test.owned(10));
    test.all_gone(1);
    let arena = test.owned(10).into_arena();
    assert_eq!((test.log().alive().len(), arena.allocated_bytes()), (0, 0));
    drop(arena);
    test.all_gone(2);
    // Replaced, its first root goes at once.
    let mut owned = test.owned(10);
    owned.with_mut(|root, arena| *root = test.build(arena, 3));
    assert_eq!(test.seen.get_ref().get(), 3);
    assert_eq!(test.log().alive().len(), 4);
    // Taken, it goes with what it was taken for, and may be the same again.
    let same = owned.map::<Owners<_>, _>(|root, _| root);
    let other = same.map::<&Cell<u32>, _>(|root, _| root.number);
    assert_eq!(test.seen.get_ref().get(), 4);
    other.with(|number| assert_eq!(number.get(), 1));
    drop(other);
    test.all_gone(4);
}

#[test]
fn a_destructor_that_panics_leaves_nothing_behind() {
    for bomb in 0..11 {
        let test = Test::new();
        let set = || test.log().bomb.set(Some(bomb));
        let owned = test.owned(10);
        set();
        assert!(panics(|| drop(owned)));
        test.all_gone(1);

        let owned = test.owned(10);
        set();
        assert!(panics(|| drop(owned.into_arena())));
        test.all_gone(2);

        let owned = test.owned(10);
        set();
        assert!(panics(|| drop(owned.map::<&str, _>(|root, arena| {
            drop(root);
            arena.alloc_str("text")
        }))));
        test.all_gone(3);

        let mut owned = test.owned(10);
        set();
        assert!(panics(
            || owned.with_mut(|root, arena| *root = test.build(arena, 2))
        ));
        // The new one is in the place of the old one.
        owned.with(|root| assert_eq!(root.rest.len(), 2));
        drop(owned);
        test.all_gone(5);
    }
}

#[test]
fn a_second_panic_ends_the_program() {
    struct Bomb;
    impl Root for Bomb {
        type Of<'a> = Bomb;
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_quietly();
        }
    }
    let ended = aborts("a_second_panic_ends_the_program", || {
        let _owned = Owned::<Bomb>::new(|_| Bomb);
        panic_quietly();
    });
    assert_ne!(ended, Some(false));
}

// Panics and failures.

#[test]
fn a_closure_that_panics_leaves_nothing_behind() {
    let test = Test::new();
    let fill = |arena: &Arena<8, Watched<'static>>| {
        drop(arena.alloc_box(test.log().value()));
        arena.alloc_slice_fill_copy(2000, 1_u8);
    };
    type R = Owners<'static, Watched<'static>>;

    assert!(panics(|| drop(Owned::<R, 8, _>::new_in(
        test.arena(),
        |arena| {
            let _root = test.build(arena, 5);
            fill(arena);
            panic_quietly()
        }
    ))));
    test.all_gone(1);
    assert!(panics(|| drop(Owned::<R, 8, _>::try_new_in(
        test.arena(),
        |arena| -> Result<_, ()> {
            let _root = test.build(arena, 5);
            fill(arena);
            panic_quietly()
        }
    ))));
    test.all_gone(2);

    let mut owned = test.owned(5);
    assert!(panics(|| owned.with(|root| {
        fill(root.arena);
        root.number.set(2);
        panic_quietly()
    })));
    assert!(panics(|| owned.with_mut(|root, arena| {
        fill(arena);
        root.rest.push(test.log().value());
        panic_quietly()
    })));
    owned.with(|root| assert_eq!((root.rest.len(), root.number.get()), (6, 2)));
    drop(owned);
    test.all_gone(4);

    // The closure has the root, or what it has made of it.
    for at in 0..3 {
        let owned = test.owned(5);
        assert!(panics(|| drop(owned.map::<R, _>(|root, arena| {
            if at == 0 {
                panic_quietly();
            }
            let next = test.build(arena, 7);
            if at == 1 {
                drop(root);
            }
            let _next = next;
            panic_quietly()
        }))));
        test.all_gone([5, 7, 9][at]);
    }
}

#[test]
fn a_conversion_may_panic_or_lend_something_else() {
    struct Text<'a>(&'a str);
    impl Root for Text<'_> {
        type Of<'a> = Text<'a>;
    }
    thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });
    impl CovariantRoot for Text<'_> {
        fn shrink<'short, 'long: 'short>(root: &'short Text<'long>) -> &'short Text<'short> {
            CALLS.set(CALLS.get() + 1);
            match CALLS.get() {
                1 => root,
                2 => &Text("something else"),
                _ => panic_quietly(),
            }
        }
    }
    let text = Owned::<Text>::new(|arena| Text(arena.alloc_str("text")));
    assert_eq!(text.get().0, "text");
    assert_eq!(text.get().0, "something else");
    assert!(panics(|| assert_eq!(text.get().0, "never")));
    assert_eq!(CALLS.get(), 3, "it is called at every use");
    assert_eq!(text.with(|text| text.0.len()), 4);
}

enum Words {}

impl Root for Words {
    type Of<'a> = &'a [&'a str];
}

#[test]
fn no_request_that_fails_loses_anything() {
    for fails_on in [false, true] {
        let mut succeeded = false;
        for n in (0..).step_by(if cfg!(miri) { 4 } else { 1 }) {
            let test = Test::new();
            let arena = test.arena();
            test.watch().fail_after.set(Some(n));
            test.watch().fail_on.set(fails_on);
            let outcome = Owned::<Words, 8, _>::try_new_in(arena, |arena| {
                let mut rest = ArenaVec::new_in(arena);
                for i in 0..100 {
                    rest.try_reserve(1).map_err(|_| AllocError)?;
                    rest.push(&*arena.try_alloc_fmt(format_args!("{i}"))?);
                }
                Ok::<_, AllocError>(&*arena.try_alloc_slice_copy(&rest)?)
            });
            let was_reached = test.watch().fail_after.get().is_none() || fails_on;
            match outcome {
                Ok(owned) => {
                    owned.with(|texts| {
                        assert!(texts.iter().zip(0..).all(|(t, i)| *t == i.to_string()))
                    });
                    let outcome = owned.try_map::<&[u64], _, _>(|_, arena| {
                        arena
                            .try_alloc_slice_fill_copy(10_000, 1)
                            .map(|numbers| &*numbers)
                    });
                    let arena = match outcome {
                        Ok(owned) => {
                            succeeded = true;
                            owned.into_arena()
                        }
                        Err((AllocError, arena)) => arena,
                    };
                    assert_eq!(arena.allocated_bytes(), 0);
                }
                Err((error, arena)) => {
                    assert_eq!(error, AllocOrInitError::Init(AllocError));
                    assert_eq!(arena.allocated_bytes(), 0);
                    assert!(was_reached);
                }
            }
            assert_eq!(test.watch().count(), 0);
            if succeeded && n > 30 {
                break;
            }
        }
    }
}

#[test]
fn a_backing_allocator_may_panic_at_any_call() {
    type Backing = Panicking<'static>;
    for n in (0..40).step_by(if cfg!(miri) { 7 } else { 1 }) {
        let test = Test::new();
        let left = Leaked::new(Cell::new(Some(n)));
        // SAFETY: the arena is dropped before it.
        let arena = Arena::new_in(Panicking(Watched(test.watch()), unsafe { left.get() }));
        let outcome = panics(|| {
            let mut owned = Owned::<Owners<'static, Backing>, 8, Backing>::new_in(arena, |arena| {
                test.build(arena, 200)
            });
            owned.with_mut(|root, arena| *root = test.build(arena, 100));
            let owned = owned.map::<(&[u8], &mut [u64]), _>(|_, arena| {
                (
                    arena.alloc_slice_fill_copy(100, 1),
                    arena.alloc_slice_fill_copy(1000, 1),
                )
            });
            drop(owned.into_arena());
        });
        assert!(test.log().alive().is_empty(), "{n}");
        // Of what an allocator panics over that is given back to it nobody knows.
        assert!(outcome || test.watch().count() == 0, "{n}");
    }
}

// Re-entrancy.

#[test]
fn owners_inside_of_each_other() {
    struct Nested<'a>(&'a str, Option<Box<Owned<Nested<'static>>>>);
    impl Root for Nested<'_> {
        type Of<'a> = Nested<'a>;
    }
    fn nest(depth: usize) -> Owned<Nested<'static>> {
        Owned::new(|arena| {
            let inner = (depth > 0).then(|| Box::new(nest(depth - 1)));
            Nested(arena.alloc_fmt(format_args!("{depth}")), inner)
        })
    }
    fn depth(owned: &Owned<Nested<'static>>) -> usize {
        owned.with(|nested| {
            let inner = nested.1.as_deref().map_or(0, depth);
            assert!(nested.0.parse::<usize>().unwrap() >= inner);
            inner + 1
        })
    }
    let mut owned = nest(10);
    // The outer one replaced by the inner one, which it owns.
    let inner = owned.with_mut(|nested, _| nested.1.take().unwrap());
    owned = *inner;
    assert_eq!(depth(&owned), 10);
}

#[test]
fn a_backing_allocator_may_use_other_owners() {
    let calling = Leaked::new(Calling::default());
    // SAFETY: the arenas are dropped before it.
    let backing = unsafe { calling.get() };
    let kept: Rc<RefCell<Vec<Owned<&str, 8, &Calling>>>> = Rc::default();
    let shared = Rc::clone(&kept);
    *backing.callback.borrow_mut() = Some(Box::new(move || {
        let taken = shared.borrow_mut().pop();
        if let Some(owned) = taken {
            assert!(owned.get().ends_with('!'));
        }
        let arena = Arena::new_in(backing);
        let owned = Owned::<&str, 8, _>::new_in(arena, |arena| arena.alloc_str("inner!"));
        let mut kept = shared.borrow_mut();
        if kept.len() < 5 {
            kept.push(owned);
        }
    }));
    for _ in 0..10 {
        let mut owned = Owned::<&str, 8, _>::new_in(Arena::new_in(backing), |arena| {
            arena.alloc_slice_fill_copy(3000, 1_u8);
            arena.alloc_str("outer!")
        });
        owned.with_mut(|text, arena| *text = arena.alloc_concat(&[*text; 1000]));
        assert_eq!(owned.get().len(), 6000);
        drop(owned.into_arena());
    }
    backing.callback.take();
    kept.take();
}

// Threads.

/// What lets a value go to other threads, and be used on its own only.
struct Fragile<T>(T, thread::ThreadId);

// SAFETY: another thread comes to nothing.
unsafe impl<T> Send for Fragile<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Fragile<T> {}

impl<T> Fragile<T> {
    fn new(value: T) -> Self {
        Fragile(value, thread::current().id())
    }

    fn get(&self) -> Option<&T> {
        (thread::current().id() == self.1).then_some(&self.0)
    }
}

#[test]
fn an_arena_that_a_root_guards_is_seen_by_no_other_thread() {
    struct Guarded<'a>(Fragile<&'a Arena>, &'a str);
    impl Root for Guarded<'_> {
        type Of<'a> = Guarded<'a>;
    }
    let mut owned =
        Owned::<Guarded>::new(|arena| Guarded(Fragile::new(arena), arena.alloc_str("text")));
    let rounds = if cfg!(miri) { 10 } else { 1000 };
    thread::scope(|threads| {
        // What there is by `&Owned` touches the arena on this thread only.
        threads.spawn(|| {
            for _ in 0..rounds {
                owned.with(|root| assert!(root.0.get().is_none() && root.1 == "text"));
            }
        });
        for i in 0..rounds {
            owned.with(|root| *root.0.get().unwrap().alloc(i) += 1);
        }
    });
    assert!(owned.stats().allocated >= rounds);
    // Who has it all may use the arena, wherever that is.
    let stats = thread::spawn(move || {
        owned.with_mut(|root, arena| root.1 = arena.alloc_str("new"));
        owned.stats()
    });
    assert!(stats.join().unwrap().allocated >= rounds);
}

#[test]
fn an_owner_that_panics_on_one_thread_is_dropped_on_another() {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        let owned = Owned::<&mut [u32]>::new(|arena| arena.alloc_slice_fill_copy(1000, 7));
        let shared = std::sync::Arc::new(std::sync::Mutex::new(owned));
        sender.send(shared.clone()).unwrap();
        let mut owned = shared.lock().unwrap();
        owned.with_mut(|numbers, _| {
            numbers[0] = 8;
            panic_quietly()
        })
    });
    let shared = receiver.recv().unwrap();
    assert!(thread.join().is_err());
    let owned = shared.lock().unwrap_err().into_inner();
    assert_eq!(owned.get()[..2], [8, 7]);
}

#[test]
fn threads_inside_of_a_closure_may_borrow() {
    let owned = Owned::<&[u32]>::new(|arena| {
        let numbers = arena.alloc_slice_fill_copy(100, 0);
        thread::scope(|threads| {
            for (part, i) in numbers.chunks_mut(10).zip(0..) {
                threads.spawn(move || part.fill(i));
            }
        });
        numbers
    });
    assert_eq!(owned.get()[99], 9);
}
