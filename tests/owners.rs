//! The arenas that own their values, each beside a vector of what it should hold, through random calls.
//!
//! Allocators fail, limits are hit, iterators and closures panic, and so do destructors: after each call the
//! values that live are those that the model has, and those that were forgotten. At the end none lives.

mod support;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use allocator_api2::alloc::{AllocError, Allocator};
use arenula::{AnyValue, Arena, DropArena, FrozenArena, Retain, TypedArena};
use proptest::prelude::*;
use support::properties::properties;
use support::values::{Log, Saying, Tracked};
use support::{Watch, Watched, panic_quietly};

/// What an arena stands on, and what goes wrong there.
#[derive(Clone, Copy, Debug)]
enum Below {
    /// Memory, of which this many requests are granted at first.
    Memory { fail_after: Option<usize> },
    /// Another arena, which may hold so many bytes.
    Arena { limit: usize },
}

/// How an operation goes wrong.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// The code of the user panics when it should make this value.
    panic_at: Option<usize>,
    /// This destructor from now on panics.
    bomb: Option<usize>,
    /// From this request on there is no memory, for once.
    fail_after: Option<usize>,
}

/// How many values an iterator gives, what it says of that, and how many it adds on its own meanwhile.
#[derive(Clone, Copy, Debug)]
struct Gives {
    count: usize,
    says: usize,
    adds: usize,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Alloc,
    AllocWith { adds: usize },
    Iter(Gives),
    Fill { count: usize, adds: usize },
    Reserve(usize),
    Reset(u8),
    Drain { take: usize, forget: bool },
    IntoVec,
    IntoIter { take: usize },
    Shrink,
}

fn some_count() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0..6usize, 3 => 0..50usize, 1 => 0..300usize]
}

fn gives() -> impl Strategy<Value = Gives> {
    let says = prop_oneof![3 => Just(None), 2 => Just(Some(0)), 2 => some_count().prop_map(Some),
        1 => Just(Some(usize::MAX)), 1 => Just(Some(100_000))];
    (some_count(), says, 0..3usize).prop_map(|(count, says, adds)| Gives {
        count,
        says: says.unwrap_or(count),
        adds,
    })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Alloc),
        4 => some_count().prop_map(|adds| Op::AllocWith { adds }),
        8 => gives().prop_map(Op::Iter),
        4 => (some_count(), 0..3usize).prop_map(|(count, adds)| Op::Fill { count, adds }),
        2 => some_count().prop_map(Op::Reserve),
        2 => (0..4u8).prop_map(Op::Reset),
        2 => (some_count(), any::<bool>()).prop_map(|(take, forget)| Op::Drain { take, forget }),
        1 => Just(Op::IntoVec),
        1 => some_count().prop_map(|take| Op::IntoIter { take }),
        2 => Just(Op::Shrink),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        6 => Just(Trouble::default()),
        1 => some_count().prop_map(|n| Trouble { panic_at: Some(n), ..Trouble::default() }),
        2 => some_count().prop_map(|n| Trouble { bomb: Some(n), ..Trouble::default() }),
        1 => (0..3usize).prop_map(|n| Trouble { fail_after: Some(n), ..Trouble::default() }),
        1 => (some_count(), some_count(), 0..3usize).prop_map(|(panic_at, bomb, fail_after)| Trouble {
            panic_at: Some(panic_at),
            bomb: Some(bomb),
            fail_after: Some(fail_after),
        }),
    ]
}

fn below() -> impl Strategy<Value = Below> {
    prop_oneof![
        3 => Just(Below::Memory { fail_after: None }),
        1 => (0..10usize).prop_map(|n| Below::Memory { fail_after: Some(n) }),
        2 => (0..20_000usize).prop_map(|limit| Below::Arena { limit }),
    ]
}

/// How the arena is before the first call: with room for so many, and with a reset behind it or not.
fn start() -> impl Strategy<Value = (usize, bool)> {
    (
        prop_oneof![2 => Just(0), 1 => 1..10usize, 1 => 0..500usize],
        any::<bool>(),
    )
}

fn ops() -> impl Strategy<Value = Vec<(Op, Trouble)>> {
    prop::collection::vec((op(), trouble()), 0..if cfg!(miri) { 12 } else { 60 })
}

/// What the arenas are filled with.
trait Value<'l> {
    fn new(log: &'l Log) -> Self;
    fn number(&self) -> u32;
}

impl<'l> Value<'l> for Tracked<'l> {
    fn new(log: &'l Log) -> Self {
        log.value()
    }

    fn number(&self) -> u32 {
        Tracked::number(self)
    }
}

/// Aligned for more than chunks are, and with a tail that is padding.
#[repr(align(64))]
struct Wide<'l>(Tracked<'l>, u8);

impl<'l> Value<'l> for Wide<'l> {
    fn new(log: &'l Log) -> Self {
        Wide(log.value(), 7)
    }

    fn number(&self) -> u32 {
        assert_eq!((self.1, (&raw const *self).addr() % 64), (7, 0));
        self.0.number()
    }
}

/// The model, with what the values tell.
struct Model<'l> {
    log: &'l Log,
    watch: &'l Watch,
    /// The values of the arena, in order. In a `RefCell`, since values are added while others are made.
    held: RefCell<Vec<u32>>,
    /// The values that are lost for ever, on purpose.
    forgotten: BTreeSet<u32>,
}

impl<'l> Model<'l> {
    fn new(log: &'l Log, watch: &'l Watch) -> Self {
        Model {
            log,
            watch,
            held: RefCell::default(),
            forgotten: BTreeSet::new(),
        }
    }

    /// Runs `f` while things go wrong.
    fn amid(&mut self, trouble: Trouble, f: impl FnOnce(&mut Self)) {
        let before = self.watch.fail_after.replace(trouble.fail_after);
        self.log.bomb.set(trouble.bomb);
        let outcome = catch_unwind(AssertUnwindSafe(|| f(self)));
        if let Err(payload) = outcome {
            let is_on_purpose = payload.downcast_ref() == Some(&support::ON_PURPOSE);
            assert!(is_on_purpose, "the arena panicked on its own: {payload:?}");
        }
        self.log.bomb.set(None);
        self.watch.fail_after.set(before);
    }

    /// What makes a value: all that may go wrong happens here.
    fn make<V: Value<'l>>(&self, index: usize, trouble: Trouble) -> V {
        if trouble.panic_at == Some(index) {
            panic_quietly();
        }
        V::new(self.log)
    }

    /// Notes a value that was added, if it was.
    fn note<'v, V: Value<'l> + 'v>(&self, added: Result<&'v mut V, AllocError>) {
        self.note_all(added.map(std::slice::from_mut));
    }

    fn note_all<V: Value<'l>>(&self, added: Result<&mut [V], AllocError>) {
        let added = added.into_iter().flatten();
        self.held
            .borrow_mut()
            .extend(added.map(|value| value.number()));
    }

    /// Takes all values out of the model: some that must come first, the others.
    fn take(&mut self, count: usize) -> (Vec<u32>, Vec<u32>) {
        let mut first = self.held.take();
        let rest = first.split_off(count.min(first.len()));
        (first, rest)
    }

    /// Lets go of the arena, and of what is left in it.
    fn end(&mut self, ops: &[(Op, Trouble)], expected: Vec<u32>, drop_arena: impl FnOnce()) {
        let trouble = ops
            .last()
            .map_or_else(Trouble::default, |(_, trouble)| *trouble);
        self.amid(trouble, |model| {
            model.log.dropped();
            let outcome = catch_unwind(AssertUnwindSafe(drop_arena));
            assert_eq!(model.log.dropped(), expected);
            outcome.unwrap_or_else(|payload| std::panic::resume_unwind(payload));
        });
        self.check(std::iter::empty());
    }

    fn check(&self, found: impl Iterator<Item = u32>) {
        assert_eq!(found.collect::<Vec<_>>(), *self.held.borrow());
        let mut alive: BTreeSet<u32> = self.held.borrow().iter().copied().collect();
        alive.extend(&self.forgotten);
        assert_eq!(self.log.alive(), alive);
    }

    /// Goes through the values of an owning iterator, as far as it is told to.
    fn consume<V: Value<'l>>(
        &mut self,
        mut values: impl ExactSizeIterator<Item = V>,
        take: usize,
        forget: bool,
    ) {
        let (first, rest) = self.take(take);
        if forget {
            // If one of the destructors panics, it is not forgotten.
            self.log.bomb.set(None);
            self.forgotten.extend(&rest);
        }
        assert_eq!(values.len(), first.len() + rest.len());
        for number in first {
            assert_eq!(values.next().map(|value| value.number()), Some(number));
        }
        assert_eq!(values.len(), rest.len());
        if forget {
            mem::forget(values);
        }
    }
}

/// Runs `f` with what an arena stands on.
fn over(below: Below, f: impl FnOnce(&Watch, &dyn Allocator)) {
    let watch = Watch::default();
    match below {
        Below::Memory { fail_after } => {
            watch.fail_after.set(fail_after);
            f(&watch, &Watched(&watch));
        }
        Below::Arena { limit } => {
            let arena = Arena::new_in(Watched(&watch));
            arena.set_limit(Some(limit));
            f(&watch, &&arena);
        }
    }
    assert_eq!(watch.count(), 0, "memory leaks");
}

fn run_typed<'l, V: Value<'l>>(
    model: &mut Model<'l>,
    backing: &'l dyn Allocator,
    (capacity, is_used): (usize, bool),
    ops: &[(Op, Trouble)],
) {
    let mut arena = TypedArena::<V, _>::new_in(backing);
    let _ = arena.try_reserve(capacity);
    if is_used {
        for i in 0..100 {
            let _ = arena.try_alloc(model.make(i, Trouble::default()));
        }
        arena.reset();
    }
    for &(op, trouble) in ops {
        let before = arena.capacity();
        model.amid(trouble, |model| match op {
            Op::Alloc => model.note(arena.try_alloc(model.make(0, trouble))),
            Op::AllocWith { adds } => {
                let made = arena.try_alloc_with(|| {
                    (1..=adds).for_each(|i| model.note(arena.try_alloc(model.make(i, trouble))));
                    model.make(0, trouble)
                });
                model.note(made);
            }
            Op::Iter(Gives { count, says, adds }) => {
                let values = (0..count).map(|i| {
                    match adds {
                        0 => {}
                        1 => model.note(arena.try_alloc(model.make(count + i, trouble))),
                        _ => model.note_all(arena.try_alloc_iter((0..i % 5).map(|n| {
                            let _ = arena.try_reserve(n);
                            model.make(count + n, trouble)
                        }))),
                    }
                    model.make(i, trouble)
                });
                model.note_all(arena.try_alloc_iter(Saying(says, values)));
            }
            Op::Fill { count, .. } => {
                // By `Extend`, where there is room: without, it would end the program.
                if arena.capacity() - arena.len() >= count {
                    let before = arena.len();
                    let extended = catch_unwind(AssertUnwindSafe(|| {
                        arena.extend((0..count).map(|i| model.make(i, trouble)));
                    }));
                    let added = arena.iter_mut().skip(before);
                    model
                        .held
                        .borrow_mut()
                        .extend(added.map(|value| value.number()));
                    if let Err(payload) = extended {
                        std::panic::resume_unwind(payload);
                    }
                }
            }
            Op::Reserve(count) => {
                if arena.try_reserve(count).is_ok() {
                    assert!(arena.capacity() >= arena.len() + count);
                }
            }
            Op::Reset(_) => {
                model.held.take();
                arena.reset();
            }
            Op::Drain { take, forget } => model.consume(arena.drain(), take, forget),
            Op::IntoVec => {
                let held = model.held.take();
                let values = mem::replace(&mut arena, TypedArena::new_in(backing)).into_vec();
                assert!(values.iter().map(V::number).eq(held));
            }
            Op::IntoIter { take } => {
                // Forgotten, it would take its memory along.
                let values = mem::replace(&mut arena, TypedArena::new_in(backing)).into_iter();
                model.consume(values, take, false);
            }
            Op::Shrink => arena.shrink_to_fit(),
        });
        assert_eq!(arena.len(), model.held.borrow().len());
        assert!(arena.capacity() >= arena.len());
        if matches!(op, Op::Reset(_) | Op::Drain { .. }) {
            assert!(arena.capacity() >= before, "the memory is kept");
        }
        assert_eq!(arena.iter_mut().len(), arena.len());
        model.check(arena.iter_mut().map(|value| value.number()));
        let folded = arena
            .iter_mut()
            .fold(0, |sum, value| sum + u64::from(value.number()));
        assert_eq!(
            folded,
            model.held.borrow().iter().copied().map(u64::from).sum()
        );
    }
    let held = model.held.take();
    model.end(ops, held, || drop(arena));
}

fn run_frozen<'l, V: Value<'l>>(
    model: &mut Model<'l>,
    backing: &'l dyn Allocator,
    (_, is_used): (usize, bool),
    ops: &[(Op, Trouble)],
) {
    let mut arena = FrozenArena::<V, _>::new_in(backing);
    if is_used {
        for i in 0..100 {
            let _ = arena.try_push(model.make(i, Trouble::default()));
        }
        arena.reset();
    }
    for &(op, trouble) in ops {
        let before = arena.capacity();
        model.amid(trouble, |model| {
            let add = |index| {
                // By turns by reference and by id.
                let value = model.make(index, trouble);
                let len = arena.len();
                let added = if index % 2 == 0 {
                    arena.try_alloc(value).map(|value| value.number())
                } else {
                    arena.try_push(value).map(|id| {
                        assert_eq!(id.index(), len);
                        arena[id].number()
                    })
                };
                model.held.borrow_mut().extend(added);
            };
            match op {
                Op::Alloc => add(0),
                Op::AllocWith { adds } => {
                    let made = arena.try_push({
                        (1..=adds).for_each(add);
                        model.make(0, trouble)
                    });
                    let added = made.map(|id| arena[id].number());
                    model.held.borrow_mut().extend(added);
                }
                Op::Iter(Gives { count, adds, .. }) => {
                    // Each of the first values that are seen adds some more.
                    let mut seen = Vec::new();
                    for (i, value) in arena.iter().enumerate() {
                        seen.push(value.number());
                        (0..adds).filter(|_| i < count).for_each(|n| add(i + n));
                    }
                    assert_eq!(seen, *model.held.borrow());
                }
                Op::Fill { count, .. } => {
                    if arena.capacity() - arena.len() >= count {
                        let len = arena.len();
                        let extended = catch_unwind(AssertUnwindSafe(|| {
                            arena.extend((0..count).map(|i| model.make(i, trouble)));
                        }));
                        let added = arena.iter().skip(len).map(V::number);
                        model.held.borrow_mut().extend(added);
                        if let Err(payload) = extended {
                            std::panic::resume_unwind(payload);
                        }
                    }
                }
                Op::Reset(_) => {
                    model.held.take();
                    arena.reset();
                }
                Op::IntoVec => {
                    let held = model.held.take();
                    let values = mem::replace(&mut arena, FrozenArena::new_in(backing)).into_vec();
                    assert!(values.iter().map(V::number).eq(held));
                }
                // Forgotten, it would take its memory along.
                Op::IntoIter { take } | Op::Drain { take, .. } => {
                    let arena = mem::replace(&mut arena, FrozenArena::new_in(backing));
                    model.consume(arena.into_iter(), take, false);
                }
                Op::Reserve(index) => {
                    let id = arena.ids().nth(index);
                    let found = id
                        .and_then(|id| arena.get_mut(id))
                        .map(|value| value.number());
                    assert_eq!(found, model.held.borrow().get(index).copied());
                }
                Op::Shrink => {
                    let len = arena.len();
                    assert_eq!(arena.iter_mut().len(), len);
                }
            }
        });
        assert_eq!(arena.len(), model.held.borrow().len());
        assert!(arena.capacity() >= arena.len());
        if matches!(op, Op::Reset(_)) {
            assert_eq!(arena.capacity(), before, "the memory is kept");
        }
        let by_id = arena.ids().map(|id| arena[id].number());
        assert!(by_id.eq(arena.iter().map(V::number)));
        model.check(arena.iter_mut().map(|value| value.number()));
    }
    let held = model.held.take();
    model.end(ops, held, || drop(arena));
}

fn run_drop<'l, V: Value<'l> + 'l>(
    model: &mut Model<'l>,
    backing: &'l dyn Allocator,
    (capacity, is_used): (usize, bool),
    ops: &[(Op, Trouble)],
) {
    let mut arena = DropArena::over(Arena::new_in(backing));
    let _ = arena.arena().try_reserve(20 * capacity);
    if is_used {
        for i in 0..100 {
            let _ = arena.try_alloc::<V>(model.make(i, Trouble::default()));
        }
        arena.reset();
        model.log.dropped();
    }
    // Where in the model what was allocated at once begins.
    let starts = RefCell::new(Vec::new());
    let begin = |model: &Model<'l>, arena: &DropArena<'l, AnyValue, _>| {
        if arena.len() > model.held.borrow().len() {
            starts.borrow_mut().push(model.held.borrow().len());
        }
    };
    // The order in which the values are dropped.
    let order = |model: &mut Model<'l>| {
        let mut held = model.held.take();
        let mut order = Vec::new();
        while let Some(start) = starts.borrow_mut().pop() {
            order.extend(held.drain(start..));
        }
        assert!(held.is_empty());
        order
    };
    for &(op, trouble) in ops {
        model.amid(trouble, |model| match op {
            Op::Alloc => {
                let made = arena.try_alloc::<V>(model.make(0, trouble));
                begin(model, &arena);
                model.note(made);
            }
            Op::AllocWith { adds } => {
                let made = arena.try_alloc_with::<V>(|| {
                    for i in 1..=adds {
                        let made = arena.try_alloc::<V>(model.make(i, trouble));
                        begin(model, &arena);
                        model.note(made);
                    }
                    model.make(0, trouble)
                });
                begin(model, &arena);
                model.note(made);
            }
            Op::Iter(Gives { count, adds, .. }) | Op::Fill { count, adds } => {
                let make = |i| {
                    if adds > 0 {
                        let made = arena.try_alloc_iter((0..adds * (i % 4)).map(|n| {
                            let _ = arena.arena().try_alloc(n);
                            model.make::<V>(count + i, trouble)
                        }));
                        begin(model, &arena);
                        model.note_all(made);
                    }
                    model.make::<V>(i, trouble)
                };
                let made = match op {
                    Op::Iter(Gives { says, .. }) => {
                        arena.try_alloc_iter(Saying(says, (0..count).map(make)))
                    }
                    _ => arena.try_alloc_slice_fill_with(count, make),
                };
                begin(model, &arena);
                model.note_all(made);
            }
            Op::Reserve(count) => {
                let _ = arena.arena().try_reserve(10 * count);
            }
            // What owns nothing lies between the others.
            Op::Drain { take, .. } | Op::IntoIter { take } => {
                let _ = arena.try_alloc_iter(0..take);
            }
            Op::IntoVec | Op::Shrink => assert!(arena.try_alloc_str("").is_ok()),
            Op::Reset(how) => {
                let expected = order(model);
                model.log.dropped();
                let outcome = catch_unwind(AssertUnwindSafe(|| match how {
                    0 => arena.reset(),
                    1 => arena.reset_with(Retain::Nothing),
                    2 => arena.reset_with(Retain::Largest),
                    _ => arena.reset_with(Retain::All),
                }));
                assert_eq!(model.log.dropped(), expected);
                assert_eq!(arena.arena().allocated_bytes(), 0);
                outcome.unwrap_or_else(|payload| std::panic::resume_unwind(payload));
            }
        });
        assert_eq!(arena.len(), model.held.borrow().len());
        model.check(model.held.borrow().clone().into_iter());
    }
    let held = order(model);
    model.end(ops, held, || drop(arena));
}

/// Copies own nothing: they are compared with a vector, and no more.
fn run_copies<T: Copy + PartialEq + std::fmt::Debug>(
    value: impl Fn(usize) -> T,
    backing: &dyn Allocator,
    capacity: usize,
    ops: &[(u8, usize)],
) {
    let mut arena = TypedArena::new_in(backing);
    let _ = arena.try_reserve(capacity);
    let mut held = Vec::new();
    for (step, &(op, count)) in ops.iter().enumerate() {
        let values: Vec<T> = (step..step + count).map(&value).collect();
        let made = match op {
            0 => arena.try_alloc_slice_copy(&values),
            1 => arena.try_alloc_iter(values.iter().copied()),
            2 => arena.try_alloc_iter(values.iter().copied().filter(|_| true)),
            3 => arena.try_alloc(value(count)).map(std::slice::from_mut),
            _ => Ok(&mut [][..]),
        };
        if let Ok(made) = made {
            assert!(op > 2 || made == values);
            held.extend_from_slice(made);
        }
        match op {
            4 => drop(arena.try_reserve(count)),
            5 => arena.shrink_to_fit(),
            6 if count % 2 == 0 => {
                arena.reset();
                held.clear();
            }
            6 => {
                let drained = arena.drain().take(count).count();
                assert_eq!(drained, count.min(held.len()));
                held.clear();
            }
            _ => {}
        }
        assert_eq!(arena.len(), held.len());
        assert!(
            arena
                .iter_mut()
                .map(|value| *value)
                .eq(held.iter().copied())
        );
    }
    assert_eq!(arena.into_vec(), held);
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn a_typed_arena_holds_what_a_vector_holds(below in below(), start in start(), ops in ops()) {
        let log = Log::default();
        over(below, |watch, backing| {
            run_typed::<Tracked<'_>>(&mut Model::new(&log, watch), backing, start, &ops);
        });
    }

    #[test]
    fn a_typed_arena_holds_aligned_values(below in below(), start in start(), ops in ops()) {
        let log = Log::default();
        over(below, |watch, backing| {
            run_typed::<Wide<'_>>(&mut Model::new(&log, watch), backing, start, &ops);
        });
    }

    #[test]
    fn a_typed_arena_holds_copies(
        below in below(),
        start in start(),
        ops in prop::collection::vec((0..7_u8, some_count()), 0..if cfg!(miri) { 12 } else { 60 }),
    ) {
        over(below, |_, backing| run_copies(|n| [n as u8, 1, 2], backing, start.0, &ops));
        over(below, |_, backing| run_copies(|n| n, backing, start.0, &ops));
        over(below, |_, backing| run_copies(|_| (), backing, start.0, &ops));
    }

    #[test]
    fn a_frozen_arena_holds_what_a_vector_holds(below in below(), start in start(), ops in ops()) {
        let log = Log::default();
        over(below, |watch, backing| {
            run_frozen::<Tracked<'_>>(&mut Model::new(&log, watch), backing, start, &ops);
        });
    }

    #[test]
    fn a_frozen_arena_holds_aligned_values(below in below(), start in start(), ops in ops()) {
        let log = Log::default();
        over(below, |watch, backing| {
            run_frozen::<Wide<'_>>(&mut Model::new(&log, watch), backing, start, &ops);
        });
    }

    #[test]
    fn a_drop_arena_drops_in_reverse_order(below in below(), start in start(), ops in ops()) {
        let log = Log::default();
        over(below, |watch, backing| {
            run_drop::<Tracked<'_>>(&mut Model::new(&log, watch), backing, start, &ops);
        });
    }

    #[test]
    fn a_drop_arena_drops_aligned_values(below in below(), start in start(), ops in ops()) {
        let log = Log::default();
        over(below, |watch, backing| {
            run_drop::<Wide<'_>>(&mut Model::new(&log, watch), backing, start, &ops);
        });
    }
}
