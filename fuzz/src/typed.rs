//! The arenas that own their values: each value is there until it is dropped, once, whatever panics or runs out.

use std::cell::{Cell, RefCell};
use std::mem;
use std::ptr::NonNull;

use arenula::{AnyValue, Arena, DropArena, FrozenArena, Retain, TypedArena};

use crate::bytes::Bytes;
use crate::support::values::{Log, Saying, Tracked, numbers, sayings};
use crate::support::{Watch, Watched, panic_quietly, panics};

/// An arena with more values is reset.
const MANY: usize = 150;

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (log, watch) = (Log::default(), Watch::default());
    match bytes.next() % 3 {
        0 => typed(&mut bytes, &log, &watch),
        1 => frozen(&mut bytes, &log, &watch),
        _ => dropping(&mut bytes, &log, &watch),
    }
    assert_eq!(watch.count(), 0, "memory leaks");
    assert!(log.alive().is_empty(), "values leak");
}

/// Tells the backing allocator to fail, or not.
fn fail(bytes: &mut Bytes<'_>, watch: &Watch) {
    watch.fail_after.set(bytes.nth());
    watch.fail_on.set(bytes.flag());
}

/// Runs `f`, in which a destructor may panic.
fn with_bomb(bytes: &mut Bytes<'_>, log: &Log, f: impl FnOnce()) {
    log.bomb.set(bytes.nth());
    let panicked = panics(f);
    assert!(!panicked || log.bomb.get().is_none());
    log.bomb.set(None);
}

/// An iterator of new values, of which it notes the numbers. Before each it does something, and it may panic in place of one.
fn source<'s, 'l, F: Fn() + 's>(
    bytes: &mut Bytes<'_>,
    log: &'l Log,
    given: &'s RefCell<Vec<u32>>,
    before: F,
) -> impl Iterator<Item = Tracked<'l>> + use<'s, 'l, F> {
    let count = bytes.size() % 30;
    let says = sayings(count)[usize::from(bytes.next()) % 6];
    let panics_at = bytes.nth();
    Saying(
        says,
        (0..count).map(move |i| {
            before();
            if panics_at == Some(i) {
                panic_quietly();
            }
            let value = log.value();
            given.borrow_mut().push(value.number());
            value
        }),
    )
}

fn typed<'l, 'w>(bytes: &mut Bytes<'_>, log: &'l Log, watch: &'w Watch) {
    let mut arena = TypedArena::new_in(Watched(watch));
    // The numbers of the values, in order.
    let values = RefCell::new(Vec::new());
    for _ in 0..80 {
        if bytes.0.is_empty() {
            break;
        }
        // What a closure does with the arena that it is called from.
        let more = bytes.up_to(3);
        let reenter = |arena: &TypedArena<Tracked<'l>, Watched<'w>>, values: &RefCell<Vec<u32>>| {
            for _ in 0..more {
                if let Ok(value) = arena.try_alloc(log.value()) {
                    values.borrow_mut().push(value.number());
                }
            }
        };
        // Beyond some hundred values each look at all of them takes long.
        let is_full = arena.len() > MANY;
        match if is_full { 10 } else { bytes.next() % 16 } {
            0..=2 => {
                let value = log.value();
                let number = value.number();
                if let Ok(value) = arena.try_alloc(value) {
                    assert_eq!(value.number(), number);
                    values.borrow_mut().push(number);
                }
            }
            3 | 4 => {
                let panic = bytes.one_in(4);
                panics(|| {
                    let made = arena.try_alloc_with(|| {
                        reenter(&arena, &values);
                        if panic {
                            panic_quietly();
                        }
                        log.value()
                    });
                    if let Ok(value) = made {
                        values.borrow_mut().push(value.number());
                    }
                });
            }
            5..=7 => {
                let given = RefCell::new(Vec::new());
                let source = source(bytes, log, &given, || reenter(&arena, &values));
                panics(|| {
                    if let Ok(made) = arena.try_alloc_iter(source) {
                        assert_eq!(numbers(made), *given.borrow());
                        values.borrow_mut().append(&mut given.borrow_mut());
                    }
                });
            }
            8 => {
                let count = bytes.size();
                if arena.try_reserve(count).is_ok() {
                    assert!(arena.capacity() >= arena.len() + count);
                }
            }
            9 => fail(bytes, watch),
            10 => {
                with_bomb(bytes, log, || arena.reset());
                values.borrow_mut().clear();
            }
            11 => {
                let taken = bytes.up_to(20);
                let mut drain = arena.drain();
                for number in values.take().into_iter().take(taken) {
                    assert_eq!(drain.next().unwrap().number(), number);
                }
                with_bomb(bytes, log, || drop(drain));
            }
            12 => arena.shrink_to_fit(),
            13 => {
                let mut values = values.borrow_mut();
                if let Some(at) = bytes.index(values.len()) {
                    let mut all = arena.iter_mut();
                    let first = all.next().unwrap();
                    if let Some(other) = at.checked_sub(1).and_then(|n| all.nth(n)) {
                        mem::swap(first, other);
                        values.swap(0, at);
                    }
                }
            }
            14 => {
                let whole = mem::replace(&mut arena, TypedArena::new_in(Watched(watch)));
                let mut all = whole.into_vec();
                assert_eq!(numbers(&mut all), values.take());
                with_bomb(bytes, log, || drop(all));
            }
            _ => {
                let whole = mem::replace(&mut arena, TypedArena::new_in(Watched(watch)));
                let taken = bytes.up_to(20);
                let mut all = whole.into_iter();
                for number in values.take().into_iter().take(taken) {
                    assert_eq!(all.next().unwrap().number(), number);
                }
                with_bomb(bytes, log, || drop(all));
            }
        }
        let values = values.borrow();
        assert_eq!(numbers(arena.iter_mut()), *values);
        assert_eq!(arena.len(), values.len());
        assert!(arena.capacity() >= values.len());
        assert_eq!(log.alive(), values.iter().copied().collect());
    }
    with_bomb(bytes, log, || drop(arena));
}

fn frozen<'l, 'w>(bytes: &mut Bytes<'_>, log: &'l Log, watch: &'w Watch) {
    let mut arena = FrozenArena::new_in(Watched(watch));
    let mut values = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..80 {
        if bytes.0.is_empty() {
            break;
        }
        let mut push = |arena: &FrozenArena<Tracked<'l>, Watched<'w>>, values: &mut Vec<u32>| {
            let value = log.value();
            let number = value.number();
            if let Ok(id) = arena.try_push(value) {
                assert_eq!((id.index(), arena[id].number()), (values.len(), number));
                values.push(number);
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        };
        let is_full = arena.len() > MANY;
        match if is_full { 7 } else { bytes.next() % 12 } {
            0..=2 => {
                for _ in 0..bytes.size() % 30 {
                    push(&arena, &mut values);
                }
            }
            3 => {
                let value = log.value();
                let number = value.number();
                if let Ok(value) = arena.try_alloc(value) {
                    assert_eq!(value.number(), number);
                    values.push(number);
                }
            }
            4 | 5 => {
                // What is added while it runs is seen.
                let (every, mut at) = (bytes.up_to(5) + 1, 0);
                let mut left = bytes.up_to(30);
                for value in &arena {
                    assert_eq!(value.number(), values[at]);
                    if at % every == 0 && left > 0 {
                        push(&arena, &mut values);
                        left -= 1;
                    }
                    at += 1;
                }
                assert_eq!(at, values.len());
            }
            6 => fail(bytes, watch),
            7 => {
                with_bomb(bytes, log, || arena.reset());
                values.clear();
            }
            8 => {
                if let Some(at) = bytes.index(values.len()) {
                    let mut all = arena.iter_mut();
                    let first = all.next().unwrap();
                    if let Some(other) = at.checked_sub(1).and_then(|n| all.nth(n)) {
                        mem::swap(first, other);
                        values.swap(0, at);
                    }
                }
            }
            9 => {
                let whole = mem::replace(&mut arena, FrozenArena::new_in(Watched(watch)));
                let mut all = whole.into_vec();
                assert_eq!(numbers(&mut all), mem::take(&mut values));
                with_bomb(bytes, log, || drop(all));
            }
            _ => {
                // Also those of another arena, and from before a reset.
                if let Some(at) = bytes.index(ids.len()) {
                    let id = ids[at];
                    let expected = values.get(id.index()).copied();
                    assert_eq!(arena.get(id).map(Tracked::number), expected);
                    assert_eq!(arena.get_mut(id).map(|value| value.number()), expected);
                }
            }
        }
        assert!(arena.iter().map(Tracked::number).eq(values.iter().copied()));
        assert_eq!(
            (arena.len(), arena.ids().len()),
            (values.len(), values.len())
        );
        assert!(arena.capacity() >= values.len());
        assert_eq!(log.alive(), values.iter().copied().collect());
    }
    with_bomb(bytes, log, || drop(arena));
}

/// What was allocated in a [`DropArena`], and where.
#[derive(Default)]
struct Dropping<'l> {
    /// The numbers of the values, in the order in which they were finished.
    groups: Vec<Vec<u32>>,
    values: Vec<(NonNull<Tracked<'l>>, u32)>,
    texts: Vec<(NonNull<str>, String)>,
}

impl<'l> Dropping<'l> {
    fn add(&mut self, made: &mut [Tracked<'l>]) {
        self.groups.push(numbers(made.iter_mut()));
        self.values.extend(
            made.iter_mut()
                .map(|value| (NonNull::from(&*value), value.number())),
        );
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    /// All is gone, and was dropped in the right order: the last group first.
    fn dropped(&mut self, log: &Log) {
        let all = mem::take(self).groups.into_iter().rev().flatten();
        assert_eq!(log.dropped(), all.collect::<Vec<_>>());
    }
}

/// With something before it that has no destructor, and aligned.
#[repr(align(64))]
struct Wide<'l>(#[allow(dead_code)] [u8; 100], Tracked<'l>);

fn dropping<'l>(bytes: &mut Bytes<'_>, log: &'l Log, watch: &Watch) {
    type Tested<'l, 'w> = DropArena<'l, AnyValue, Watched<'w>>;
    let mut arena: Tested<'l, '_> = DropArena::over(Arena::new_in(Watched(watch)));
    let model = RefCell::new(Dropping::default());
    for _ in 0..80 {
        if bytes.0.is_empty() {
            break;
        }
        let more = bytes.up_to(3);
        let reenter = |arena: &Tested<'l, '_>| {
            for _ in 0..more {
                if let Ok(value) = arena.try_alloc(log.value()) {
                    model.borrow_mut().add(std::slice::from_mut(value));
                }
            }
        };
        let is_full = arena.len() > MANY;
        match if is_full { 15 } else { bytes.next() % 16 } {
            0 | 1 => reenter(&arena),
            2 | 3 => {
                if let Ok(wide) = arena.try_alloc(Wide([7; 100], log.value())) {
                    assert_eq!((&raw const *wide).addr() % 64, 0);
                    model.borrow_mut().add(std::slice::from_mut(&mut wide.1));
                }
            }
            4 | 5 => {
                let panic = bytes.one_in(4);
                panics(|| {
                    let made = arena.try_alloc_with(|| {
                        reenter(&arena);
                        if panic {
                            panic_quietly();
                        }
                        log.value()
                    });
                    if let Ok(value) = made {
                        model.borrow_mut().add(std::slice::from_mut(value));
                    }
                });
            }
            6 | 7 => {
                let given = RefCell::new(Vec::new());
                let source = source(bytes, log, &given, || reenter(&arena));
                panics(|| {
                    if let Ok(made) = arena.try_alloc_iter(source) {
                        assert_eq!(numbers(made.iter_mut()), *given.borrow());
                        model.borrow_mut().add(made);
                    }
                });
            }
            8 | 9 => {
                let (count, panics_at) = (bytes.size() % 30, bytes.nth());
                let asked = Cell::new(0);
                panics(|| {
                    let made = arena.try_alloc_slice_fill_with(count, |i| {
                        assert_eq!(i, asked.replace(i + 1));
                        reenter(&arena);
                        if panics_at == Some(i) {
                            panic_quietly();
                        }
                        log.value()
                    });
                    if let Ok(made) = made {
                        assert_eq!(made.len(), count);
                        model.borrow_mut().add(made);
                    }
                });
            }
            10 | 11 => {
                let text = "text".repeat(bytes.size() % 30);
                if let Ok(made) = arena.try_alloc_str(&text) {
                    model.borrow_mut().texts.push((NonNull::from(made), text));
                }
            }
            12 => fail(bytes, watch),
            13 => arena
                .arena()
                .set_limit(bytes.flag().then(|| bytes.size() * 8)),
            14 => {
                log.dropped();
                let retain = match bytes.next() % 4 {
                    0 => Retain::All,
                    1 => Retain::Largest,
                    2 => Retain::UpTo(bytes.size()),
                    _ => Retain::Nothing,
                };
                with_bomb(bytes, log, || arena.reset_with(retain));
                model.borrow_mut().dropped(log);
                assert_eq!(arena.arena().allocated_bytes(), 0);
            }
            _ => {
                log.dropped();
                with_bomb(bytes, log, || arena.reset());
                model.borrow_mut().dropped(log);
            }
        }
        let model = model.borrow();
        assert_eq!((arena.len(), log.alive().len()), (model.len(), model.len()));
        for (value, number) in &model.values {
            // SAFETY: it was allocated since the last reset, and nothing else refers to it.
            assert_eq!(unsafe { value.as_ref() }.number(), *number);
        }
        for (made, text) in &model.texts {
            // SAFETY: as above.
            assert_eq!(unsafe { made.as_ref() }, text);
        }
    }
    log.dropped();
    with_bomb(bytes, log, || drop(arena));
    model.borrow_mut().dropped(log);
}
