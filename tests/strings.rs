//! Strings, and what is frozen, collected and made by macros, beside the standard library's as models.
#![allow(
    clippy::unit_arg,
    reason = "the plain forms answer nothing where the `try_` forms answer `Ok(())`"
)]

mod support;

use std::cell::Cell;
use std::collections::HashMap as StdMap;
use std::fmt::{self, Display, Write};
use std::mem::{self, MaybeUninit};
use std::ops::{Bound, RangeBounds};

use allocator_api2::alloc::{AllocError, Allocator, Global};
use arenula::boxed::{Box as ArenaBox, BoxExt};
use arenula::collections::{CollectIn, FromIteratorIn};
use arenula::string::String as ArenaString;
use arenula::vec::{Vec as ArenaVec, VecExt};
use arenula::{Arena, FixedBuffer, Scope};
use proptest::prelude::*;
use support::properties::properties;
use support::values::sayings;
use support::values::{Log, Panicking, Saying};
use support::{Counted, Watch, Watched, panic_quietly, panics, until_there_is_memory};

/// What is done with a string. Places are counted in characters, and brought into the text.
#[derive(Clone, Debug)]
enum Op {
    Push(char),
    PushStr(String),
    PushFmt(String, usize),
    Write(String, usize),
    /// A `Display` that writes, and then fails or panics.
    WriteFails(String, bool),
    Insert(usize, char),
    InsertStr(usize, String),
    Remove(usize),
    Pop,
    Truncate(usize),
    Clear,
    Retain {
        keep: u32,
        panic_at: Option<usize>,
    },
    Drain {
        range: (usize, usize),
        front: usize,
        back: usize,
        forget: bool,
    },
    Replace((usize, usize), String),
    SplitOff(usize, bool),
    ExtendFromWithin((usize, usize)),
    Reserve(usize, bool),
    Shrink(Option<usize>),
    CloneFrom(String),
    Clone,
    Extend(String, Option<usize>),
    ThroughBytes,
    ThroughBox,
    Uppercase,
    /// Something else is allocated, so that the string is the last no more.
    Disturb(usize),
    Freeze,
    BackingFails(usize, bool),
    BackingWorks,
}

fn ch() -> impl Strategy<Value = char> {
    prop_oneof![4 => prop::char::range('a', 'f'), 2 => prop::sample::select(vec!['ß', '√', '𝄞', '\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', '\u{10000}', '\u{10ffff}']), 1 => any::<char>()]
}

fn text() -> impl Strategy<Value = String> {
    let length = prop_oneof![5 => 0..8usize, 3 => 0..40usize, 1 => 0..300usize];
    length
        .prop_flat_map(|length| prop::collection::vec(ch(), length))
        .prop_map(String::from_iter)
}

fn op() -> impl Strategy<Value = Op> {
    let place = || 0..40usize;
    let range = || (0..40usize, 0..40usize);
    prop_oneof![
        6 => ch().prop_map(Op::Push),
        8 => text().prop_map(Op::PushStr),
        3 => (text(), any::<usize>()).prop_map(|(text, number)| Op::PushFmt(text, number)),
        2 => (text(), any::<usize>()).prop_map(|(text, number)| Op::Write(text, number)),
        1 => (text(), any::<bool>()).prop_map(|(text, panic)| Op::WriteFails(text, panic)),
        3 => (place(), ch()).prop_map(|(at, ch)| Op::Insert(at, ch)),
        3 => (place(), text()).prop_map(|(at, text)| Op::InsertStr(at, text)),
        3 => place().prop_map(Op::Remove),
        3 => Just(Op::Pop),
        2 => place().prop_map(Op::Truncate),
        1 => Just(Op::Clear),
        3 => (any::<u32>(), prop::option::weighted(0.3, place()))
            .prop_map(|(keep, panic_at)| Op::Retain { keep, panic_at }),
        4 => (range(), 0..10usize, 0..10usize, prop::bool::weighted(0.2))
            .prop_map(|(range, front, back, forget)| Op::Drain { range, front, back, forget }),
        4 => (range(), text()).prop_map(|(range, text)| Op::Replace(range, text)),
        2 => (place(), any::<bool>()).prop_map(|(at, keep)| Op::SplitOff(at, keep)),
        2 => range().prop_map(Op::ExtendFromWithin),
        1 => (0..500usize, any::<bool>()).prop_map(|(more, exact)| Op::Reserve(more, exact)),
        2 => prop::option::of(0..200usize).prop_map(Op::Shrink),
        1 => text().prop_map(Op::CloneFrom),
        1 => Just(Op::Clone),
        2 => (text(), prop::option::weighted(0.3, 0..10usize))
            .prop_map(|(text, panic_at)| Op::Extend(text, panic_at)),
        1 => Just(Op::ThroughBytes),
        1 => Just(Op::ThroughBox),
        1 => Just(Op::Uppercase),
        2 => (0..40usize).prop_map(Op::Disturb),
        1 => Just(Op::Freeze),
        1 => (0..4usize, any::<bool>()).prop_map(|(after, on)| Op::BackingFails(after, on)),
        1 => Just(Op::BackingWorks),
    ]
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 0..if cfg!(miri) { 20 } else { 100 })
}

/// The byte at which the character of this number begins, or the text ends.
fn place(text: &str, at: usize) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    *places.get(at % (places.len() + 1)).unwrap_or(&text.len())
}

fn range(text: &str, (one, other): (usize, usize)) -> (usize, usize) {
    let (one, other) = (place(text, one), place(text, other));
    (one.min(other), one.max(other))
}

/// Writes, and then fails or panics.
struct Failing<'t>(&'t str, bool);

impl Display for Failing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        if self.1 {
            panic_quietly();
        }
        Err(fmt::Error)
    }
}

/// Whether memory may be short: then only `try_` forms are called.
struct Run<'a, const M: usize, A: Allocator> {
    arena: &'a Arena<M, A>,
    watch: Option<&'a Watch>,
    may_fail: bool,
    text: ArenaString<&'a Arena<M, A>>,
    model: String,
    /// What was frozen, with what it must be.
    kept: Vec<(&'a str, String)>,
}

impl<'a, const M: usize, A: Allocator> Run<'a, M, A> {
    /// Does the same with the model, unless there was no memory.
    fn follow(&mut self, done: Result<(), AllocError>, f: impl FnOnce(&mut String)) {
        match done {
            Ok(()) => f(&mut self.model),
            Err(AllocError) => assert!(self.may_fail, "there was memory enough"),
        }
    }

    fn run(&mut self, op: &Op) {
        let plain = !self.may_fail;
        let (arena, text) = (self.arena, &mut self.text);
        match op {
            Op::Push(ch) => {
                let done = match plain {
                    true => Ok(text.push(*ch)),
                    false => text.try_push(*ch),
                };
                self.follow(done, |model| model.push(*ch));
            }
            Op::PushStr(piece) => {
                let done = match plain {
                    true => Ok(text.push_str(piece)),
                    false => text.try_push_str(piece),
                };
                self.follow(done, |model| model.push_str(piece));
            }
            Op::PushFmt(piece, number) => {
                let done = match plain {
                    true => Ok(text.push_fmt(format_args!("{piece}{number:>5}{:?}", 'x'))),
                    false => text.try_push_fmt(format_args!("{piece}{number:>5}{:?}", 'x')),
                };
                self.follow(done, |model| {
                    write!(model, "{piece}{number:>5}{:?}", 'x').unwrap();
                });
            }
            Op::Write(piece, number) => {
                let done = match plain {
                    true => {
                        write!(text, "{number}{piece}").unwrap();
                        Ok(())
                    }
                    false => match arenula::string::String::try_from_fmt_in(
                        format_args!("{number}{piece}"),
                        arena,
                    ) {
                        Ok(formatted) => text.try_push_str(&formatted),
                        Err(error) => Err(error),
                    },
                };
                self.follow(done, |model| write!(model, "{number}{piece}").unwrap());
            }
            Op::WriteFails(piece, panic) => {
                let failing = Failing(piece, *panic);
                let mut done = Ok(());
                let panicked = panics(|| done = text.try_push_fmt(format_args!("+{failing}")));
                if panicked {
                    let model = format!("{}+{piece}", self.model);
                    assert!(*panic && *self.text == model);
                    self.model = model;
                } else {
                    assert_eq!(done, Err(AllocError));
                    assert!(!panic || self.may_fail);
                }
            }
            Op::Insert(at, ch) => {
                let at = place(text, *at);
                let done = match plain {
                    true => Ok(text.insert(at, *ch)),
                    false => text.try_insert(at, *ch),
                };
                self.follow(done, |model| model.insert(at, *ch));
            }
            Op::InsertStr(at, piece) => {
                let at = place(text, *at);
                let done = match plain {
                    true => Ok(text.insert_str(at, piece)),
                    false => text.try_insert_str(at, piece),
                };
                self.follow(done, |model| model.insert_str(at, piece));
            }
            Op::Remove(at) => {
                let at = place(text, *at);
                if at < text.len() {
                    assert_eq!(text.remove(at), self.model.remove(at));
                } else {
                    assert!(panics(|| _ = text.remove(at)));
                }
            }
            Op::Pop => assert_eq!(text.pop(), self.model.pop()),
            Op::Truncate(at) => {
                let at = place(text, *at);
                text.truncate(at);
                text.truncate(at + 100);
                self.model.truncate(at);
            }
            Op::Clear => {
                text.clear();
                self.model.clear();
            }
            Op::Retain { keep, panic_at } => {
                let judge = || {
                    let mut seen = 0;
                    move |_: char| {
                        if Some(seen) == *panic_at {
                            panic_quietly();
                        }
                        seen += 1;
                        keep >> (seen % 32) & 1 == 1
                    }
                };
                let panicked = panics(|| text.retain(judge()));
                assert_eq!(panicked, panics(|| self.model.retain(judge())));
            }
            Op::Drain {
                range: places,
                front,
                back,
                forget,
            } => {
                let (start, end) = range(text, *places);
                let mut drain = text.drain(start..end);
                let mut chars = self.model[start..end].chars();
                for _ in 0..*front {
                    assert_eq!(drain.next(), chars.next());
                    assert_eq!(drain.as_str(), chars.as_str());
                    assert_eq!(drain.size_hint(), chars.size_hint());
                }
                for _ in 0..*back {
                    assert_eq!(drain.next_back(), chars.next_back());
                }
                assert_eq!(drain.as_str(), chars.as_str());
                if *forget {
                    mem::forget(drain);
                } else {
                    drop(drain);
                    self.model.drain(start..end);
                }
            }
            Op::Replace(places, with) => {
                let (start, end) = range(text, *places);
                let done = match plain {
                    true => Ok(text.replace_range(start..end, with)),
                    false => text.try_replace_range(start..end, with),
                };
                self.follow(done, |model| model.replace_range(start..end, with));
            }
            Op::SplitOff(at, keep) => {
                let at = place(text, *at);
                let split = match plain {
                    true => Ok(text.split_off(at)),
                    false => text.try_split_off(at),
                };
                match split {
                    Ok(other) => {
                        let model = self.model.split_off(at);
                        assert_eq!(other, model);
                        if *keep {
                            self.kept.push((other.into_str(), model));
                        }
                    }
                    Err(AllocError) => assert!(self.may_fail),
                }
            }
            Op::ExtendFromWithin(places) => {
                let (start, end) = range(text, *places);
                let done = match plain {
                    true => Ok(text.extend_from_within(start..end)),
                    false => text.try_extend_from_within(start..end),
                };
                self.follow(done, |model| {
                    let piece = model[start..end].to_owned();
                    model.push_str(&piece);
                });
            }
            Op::Reserve(more, exact) => {
                let needed = text.len() + more;
                let done = match (plain, exact) {
                    (true, false) => Ok(text.reserve(*more)),
                    (true, true) => Ok(text.reserve_exact(*more)),
                    (false, false) => text.try_reserve(*more),
                    (false, true) => text.try_reserve_exact(*more),
                };
                match done {
                    Ok(()) => assert!(text.capacity() >= needed),
                    Err(_) => assert!(self.may_fail),
                }
            }
            Op::Shrink(None) => {
                text.shrink_to_fit();
                assert_eq!(text.capacity(), text.len());
            }
            Op::Shrink(Some(capacity)) => {
                let before = text.capacity();
                text.shrink_to(*capacity);
                assert_eq!(text.capacity(), before.min(text.len().max(*capacity)));
            }
            Op::CloneFrom(source) => {
                if let Ok(source) = ArenaString::try_from_str_in(source, arena) {
                    if plain || text.capacity() >= source.len() {
                        text.clone_from(&source);
                        self.model.clone_from(&source.to_string());
                    }
                } else {
                    assert!(self.may_fail);
                }
            }
            Op::Clone => match text.try_clone() {
                Ok(copy) => assert_eq!(copy, *text),
                Err(AllocError) => assert!(self.may_fail),
            },
            Op::Extend(more, panic_at) => {
                if text.try_reserve(4 * more.len()).is_err() {
                    return assert!(self.may_fail);
                }
                let chars = || {
                    let mut chars = more.chars().enumerate();
                    std::iter::from_fn(move || {
                        let (at, ch) = chars.next()?;
                        if Some(at) == *panic_at {
                            panic_quietly();
                        }
                        Some(ch)
                    })
                };
                let said = sayings(more.len())[more.len() % 6];
                // What was said and can't be had must do no harm; what was said is not much here.
                let said = if said > 1000 && said < usize::MAX {
                    0
                } else {
                    said
                };
                let panicked = panics(|| text.extend(Saying(said, chars())));
                assert_eq!(panicked, panics(|| self.model.extend(chars())));
            }
            Op::ThroughBytes => {
                let taken = mem::replace(text, ArenaString::new_in(arena));
                let mut bytes = taken.into_bytes();
                if bytes.capacity() > bytes.len() {
                    bytes.push(0xff);
                    let error = ArenaString::from_utf8(bytes).unwrap_err();
                    assert_eq!(error.utf8_error().valid_up_to(), self.model.len());
                    assert_eq!(error.as_bytes()[self.model.len()], 0xff);
                    bytes = error.into_bytes();
                    bytes.pop();
                }
                *text = ArenaString::from_utf8(bytes).unwrap();
            }
            Op::ThroughBox => {
                let taken = mem::replace(text, ArenaString::new_in(arena));
                let boxed = match plain {
                    true => taken.into_boxed_str(),
                    false => taken.try_into_boxed_str().unwrap(),
                };
                assert_eq!(*boxed, self.model[..]);
                *text = ArenaString::from(boxed);
                assert_eq!(text.capacity(), text.len());
            }
            Op::Uppercase => {
                text.make_ascii_uppercase();
                self.model.make_ascii_uppercase();
            }
            Op::Disturb(size) => {
                if let Ok(slice) = arena.try_alloc_slice_fill_copy(*size, b'!') {
                    let model = "!".repeat(*size);
                    self.kept.push((std::str::from_utf8(slice).unwrap(), model));
                }
            }
            Op::Freeze => {
                let taken = mem::replace(text, ArenaString::new_in(arena));
                self.kept
                    .push((taken.into_str(), mem::take(&mut self.model)));
            }
            Op::BackingFails(after, on) => {
                if let (Some(watch), true) = (self.watch, self.may_fail) {
                    watch.fail_after.set(Some(*after));
                    watch.fail_on.set(*on);
                }
            }
            Op::BackingWorks => {
                if let Some(watch) = self.watch {
                    watch.fail_after.set(None);
                }
            }
        }
    }

    fn check(&self) {
        assert_eq!(std::str::from_utf8(self.text.as_bytes()), Ok(&*self.model));
        assert!(self.text.capacity() >= self.text.len());
        for (text, model) in &self.kept {
            assert_eq!(std::str::from_utf8(text.as_bytes()), Ok(&**model));
        }
    }
}

fn run_in<const M: usize, A: Allocator>(
    arena: &Arena<M, A>,
    watch: Option<&Watch>,
    may_fail: bool,
    ops: &[Op],
) {
    let mut run = Run {
        arena,
        watch,
        may_fail,
        text: ArenaString::new_in(arena),
        model: String::new(),
        kept: Vec::new(),
    };
    for op in ops {
        run.run(op);
        run.check();
    }
}

/// Where memory comes from: as much as is wanted, up to a limit, with failures; or a small buffer.
#[derive(Clone, Debug)]
enum Backing {
    Plenty(usize),
    Limited(usize),
    Buffer(usize),
}

fn backing() -> impl Strategy<Value = Backing> {
    prop_oneof![
        3 => (0..2000usize).prop_map(Backing::Plenty),
        2 => (0..4000usize).prop_map(Backing::Limited),
        1 => (0..1000usize).prop_map(Backing::Buffer),
    ]
}

fn run<const M: usize>(backing: Backing, ops: &[Op]) {
    match backing {
        Backing::Plenty(capacity) => {
            let watch = Watch::default();
            let arena = Arena::<M, _>::with_min_align_in(Watched(&watch));
            arena.reserve(capacity);
            run_in(&arena, Some(&watch), false, ops);
            drop(arena);
            assert_eq!(watch.count(), 0);
        }
        Backing::Limited(limit) => {
            let watch = Watch::default();
            let arena = Arena::<M, _>::with_min_align_in(Watched(&watch));
            arena.set_limit(Some(limit));
            run_in(&arena, Some(&watch), true, ops);
            drop(arena);
            assert_eq!(watch.count(), 0);
        }
        Backing::Buffer(size) => {
            let mut buffer = vec![MaybeUninit::uninit(); size];
            let arena = Arena::<M, _>::with_min_align_in(FixedBuffer::new(&mut buffer));
            run_in(&arena, None, true, ops);
        }
    }
}

macro_rules! tests {
    ($($name:ident: $min_align:literal),*) => {
        proptest! {
            #![proptest_config(properties())]
            $(#[test]
            fn $name(backing in backing(), ops in ops()) {
                run::<$min_align>(backing, &ops);
            })*
        }
    };
}

tests! {
    a_string_behaves_like_the_standard_one_at_min_align_1: 1,
    a_string_behaves_like_the_standard_one_at_min_align_2: 2,
    a_string_behaves_like_the_standard_one_at_min_align_4: 4,
    a_string_behaves_like_the_standard_one_at_min_align_8: 8,
    a_string_behaves_like_the_standard_one_at_min_align_16: 16
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn bytes_and_units_become_the_same_text(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x7f..=0xffu8, Just(b'a')], 0..60),
        units in prop::collection::vec(prop_oneof![any::<u16>(), 0xd7ffu16..0xe001, Just(0x41)], 0..60),
    ) {
        let arena = Arena::<1>::with_min_align();
        let expected = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(ArenaString::from_utf8_lossy_in(&bytes, &arena), &*expected);
        prop_assert_eq!(ArenaString::try_from_utf8_lossy_in(&bytes, &arena).unwrap(), &*expected);
        let copy = ArenaVec::from_iter_in(bytes.iter().copied(), &arena);
        match (ArenaString::from_utf8(copy), String::from_utf8(bytes.clone())) {
            (Ok(text), Ok(expected)) => prop_assert_eq!(text, expected),
            (Err(error), Err(expected)) => {
                prop_assert_eq!(error.utf8_error(), expected.utf8_error());
                prop_assert_eq!(error.to_string(), expected.to_string());
                prop_assert_eq!(error.into_bytes(), &bytes[..]);
            }
            _ => panic!("one of them is text"),
        }
        let expected = String::from_utf16_lossy(&units);
        prop_assert_eq!(ArenaString::from_utf16_lossy_in(&units, &arena), &*expected);
        prop_assert_eq!(
            ArenaString::from_utf16_in(&units, &arena).ok().map(|text| text.to_string()),
            String::from_utf16(&units).ok()
        );
    }

    #[test]
    fn ranges_and_places_that_the_standard_string_refuses_are_refused(
        model in text(), start in 0..12usize, end in 0..12usize,
    ) {
        let arena = Arena::new();
        let new = || ArenaString::from_str_in(&model, &arena);
        let refused = model.get(start..end).is_none();
        prop_assert_eq!(refused, panics(|| drop(new().drain(start..end))));
        prop_assert_eq!(refused, panics(|| new().replace_range(start..end, "x")));
        prop_assert_eq!(refused, panics(|| new().extend_from_within(start..end)));
        let refused = !model.is_char_boundary(start);
        prop_assert_eq!(refused, panics(|| new().insert(start, 'x')));
        prop_assert_eq!(refused, panics(|| new().insert_str(start, "x")));
        prop_assert_eq!(refused, panics(|| drop(new().split_off(start))));
        prop_assert_eq!(refused && start < model.len(), panics(|| new().truncate(start)));
    }
}

#[test]
fn ranges_are_taken_in_all_forms() {
    let arena = Arena::new();
    let new = || ArenaString::from_str_in("aßc", &arena);
    let drained = |range: (Bound<usize>, Bound<usize>)| new().drain(range).collect::<String>();
    use Bound::*;
    assert_eq!(drained((Unbounded, Unbounded)), "aßc");
    assert_eq!(drained((Excluded(0), Included(2))), "ß");
    assert_eq!(drained((Included(1), Excluded(3))), "ß");
    for range in [
        (Excluded(usize::MAX), Unbounded),
        (Unbounded, Included(usize::MAX)),
        (Included(2), Unbounded),
        (Included(3), Excluded(1)),
        (Unbounded, Excluded(5)),
    ] {
        assert!(panics(|| drop(drained(range))), "{range:?}");
    }
}

/// A range that says something else whenever it is asked.
struct Fickle(Cell<usize>, usize, usize);

impl RangeBounds<usize> for Fickle {
    fn start_bound(&self) -> Bound<&usize> {
        self.0.set(self.0.get() + 1);
        match self.0.get() {
            1 | 2 => Bound::Included(&1),
            _ => Bound::Included(&self.1),
        }
    }

    fn end_bound(&self) -> Bound<&usize> {
        self.0.set(self.0.get() + 1);
        match self.0.get() {
            1 | 2 => Bound::Excluded(&3),
            _ => Bound::Excluded(&self.2),
        }
    }
}

#[test]
fn a_range_is_asked_once() {
    let arena = Arena::new();
    for (start, end) in [(2, 2), (0, 100), (2, usize::MAX), (100, 1)] {
        let range = || Fickle(Cell::new(0), start, end);
        let new = || ArenaString::from_str_in("aßc", &arena);
        assert_eq!(new().drain(range()).collect::<String>(), "ß");
        let mut text = new();
        text.replace_range(range(), "");
        assert_eq!(text, "ac");
        let mut text = new();
        text.extend_from_within(range());
        assert_eq!(text, "aßcß");
    }
}

#[test]
fn the_last_string_grows_without_being_copied() {
    let arena = Arena::with_capacity(1 << 16);
    let mut text = arena.string();
    text.push('a');
    let start = text.as_ptr();
    for _ in 0..1000 {
        text.push_str("to be ");
        text.push('ß');
        write!(text, "{}", 7).unwrap();
    }
    assert_eq!(text.as_ptr(), start);
    assert!(arena.allocated_bytes() <= text.capacity() + 8);
    let text = text.into_str();
    assert_eq!((text.as_ptr(), text.len()), (start, 9001));
    assert_eq!(arena.allocated_bytes(), 9008);

    let before = arena.allocated_bytes();
    let formatted = arenula::format!(in &arena, "{text}{}", 1);
    assert_eq!(formatted.as_ptr().addr(), start.addr() + before);
    drop(formatted);
    assert_eq!(arena.allocated_bytes(), before, "it was the last");
}

#[test]
fn a_panicking_backing_allocator_leaves_the_text() {
    for steps in 0..4 {
        let (watch, left) = (Watch::default(), Cell::new(None));
        let arena = Arena::new_in(Panicking(Watched(&watch), &left));
        let mut text = ArenaString::from_str_in("ß", &arena);
        let mut model = String::from("ß");
        left.set(Some(steps));
        for _ in 0..10 {
            if !panics(|| text.push_str(&"to be ".repeat(100))) {
                model.push_str(&"to be ".repeat(100));
            }
            if !panics(|| text.insert_str(2, &"ß".repeat(100))) {
                model.insert_str(2, &"ß".repeat(100));
            }
            assert_eq!(text, model);
        }
        drop(text);
        drop(arena);
        assert_eq!(watch.count(), 0);
    }
}

/// Writes on after it was told that there is no memory.
struct Stubborn;

impl Display for Stubborn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = f.write_str("a");
        let _ = f.write_str(&"x".repeat(1000));
        f.write_char('b')
    }
}

#[test]
fn formatting_leaves_no_gap() {
    let arena = Arena::new();
    arena.set_limit(Some(500));
    let mut text = arena.string();
    text.push_str("kept");
    assert_eq!(
        text.try_push_fmt(format_args!("{Stubborn}")),
        Err(AllocError)
    );
    assert_eq!(text, "kept");
    assert!(ArenaString::try_from_fmt_in(format_args!("{Stubborn}"), &arena).is_err());
}

#[allow(
    clippy::mutable_key_type,
    reason = "a key is equal to what it was, whatever its arena does"
)]
#[test]
fn a_string_is_text_like_any_other() {
    let arena = Arena::new();
    let other = Arena::<1>::with_min_align();
    let text = ArenaString::from_str_in("b", &arena);
    let copy = ArenaString::from_str_in("b", &other);
    assert_eq!(text, copy);
    assert_eq!(text, "b");
    assert_eq!("b", text);
    assert_eq!(*"b", text);
    assert_eq!(text, String::from("b"));
    assert_eq!(String::from("b"), text);
    assert_eq!(text, std::borrow::Cow::from("b"));
    let other_text = String::from("a");
    assert!(text < *"c" && "a" < text && copy > other_text);
    assert_eq!(format!("{text:>3}{text:?}"), "  b\"b\"");
    assert_eq!(text.cmp(&text.clone()), std::cmp::Ordering::Equal);
    #[cfg(feature = "std")]
    assert_eq!(std::path::Path::new(&text), std::path::Path::new("b"));

    let mut map = StdMap::new();
    map.insert(text.clone(), 1);
    assert_eq!(map["b"], 1);
    assert_eq!(text.clone() + "c", "bc");
    let mut sum = text.clone();
    sum += "d";
    sum.extend(["e", "f"]);
    sum.extend(['g', 'h']);
    sum.extend([&'i']);
    sum.extend([String::from("j")]);
    sum.extend([copy.clone()]);
    sum.extend([copy.into_boxed_str()]);
    sum.extend([std::borrow::Cow::from("k")]);
    assert_eq!(sum, "bdefghijbbk");
    assert_eq!(&sum[1..3], "de");
    assert_eq!(String::from(sum.clone()), "bdefghijbbk");
    assert_eq!(sum.to_string(), sum);

    let heap: ArenaString = "heap".parse().unwrap();
    assert_eq!(heap, ArenaString::from(String::from("heap")));
    assert_eq!(ArenaString::from('h'), "h");
    assert_eq!("heap".chars().collect::<ArenaString>(), heap);
    assert_eq!(ArenaString::<Global>::default(), "");
    let vec: allocator_api2::vec::Vec<u8> = heap.into();
    assert_eq!(vec, b"heap");
}

#[test]
fn macros_make_what_the_standard_ones_make() {
    let arena = Arena::new();
    let name = "x";
    assert_eq!(arenula::vec![in &arena; 1, 2, 3], [1, 2, 3]);
    assert_eq!(arenula::vec![in &arena; 1, 2, 3,], [1, 2, 3]);
    assert_eq!(arenula::vec![in &arena; 7; 3], [7; 3]);
    assert_eq!(arenula::vec![in Global; 7; 0], [0; 0]);
    assert_eq!(arenula::vec![in &arena; (); 5].len(), 5);
    assert_eq!(arenula::vec![in &arena; (), ()].len(), 2);
    let empty: ArenaVec<u8, &Arena> = arenula::vec![in &arena];
    assert!(empty.is_empty());
    assert_eq!(
        arenula::format!(in &arena, "{name}{}{n:>3}", 1, n = 2),
        "x1  2"
    );
    assert_eq!(arenula::format!(in Global, "plain"), "plain");
    let text = String::from("temporary");
    assert_eq!(
        arenula::format!(in &arena, "{}", text.to_uppercase()),
        "TEMPORARY"
    );

    let mut outer = Arena::<1>::with_min_align();
    outer.scope(|s| {
        let numbers = arenula::vec![in &*s; 1, 2];
        let text = arenula::format!(in &*s, "{numbers:?}");
        assert_eq!(text, "[1, 2]");
    });
}

/// An import takes the names of the standard macros and changes nothing.
mod imported {
    use arenula::{Arena, format, vec};

    #[test]
    fn standard_forms_are_the_standard_ones() {
        let numbers: std::vec::Vec<i32> = vec![1, 2, 3];
        let none: std::vec::Vec<i32> = vec![];
        let many: std::vec::Vec<i32> = vec![1; 3];
        let text: std::string::String = format!("{numbers:?}{}{none:?}", many.len());
        assert_eq!(text, "[1, 2, 3]3[]");
        let plain: String = String::from("std's");
        let list: Vec<String> = vec![plain];
        assert_eq!(list.len(), 1);
        let arena = Arena::new();
        assert_eq!(vec![in &arena; 1], [1]);
        assert_eq!(format!(in &arena, "{}", 1), "1");
    }
}

#[test]
fn elements_of_macros_are_dropped_once() {
    let arena = Arena::new();
    let log = Log::default();
    let value = || log.value();
    drop(arenula::vec![in &arena; value(), value(), value()]);
    assert_eq!(log.dropped(), [0, 1, 2]);
    let panicking = || match log.alive().len() {
        2 => panic_quietly(),
        _ => value(),
    };
    assert!(panics(|| drop(
        arenula::vec![in &arena; value(), value(), panicking()]
    )));
    assert!(log.alive().is_empty());

    let drops = Cell::new(0);
    #[derive(Clone)]
    struct Clonable<'c>(#[allow(dead_code)] std::rc::Rc<Counted<'c>>);
    let value = Clonable(std::rc::Rc::new(Counted(&drops)));
    let values = arenula::vec![in &arena; value; 3];
    assert_eq!(std::rc::Rc::strong_count(&values[0].0), 3);
    drop(values);
    assert_eq!(drops.get(), 1);
}

#[test]
fn frozen_values_are_not_dropped() {
    let arena = Arena::new();
    let log = Log::default();
    let mut values = arena.vec();
    for _ in 0..5 {
        values.push(log.value());
    }
    let start = values.as_ptr();
    let frozen = values.into_slice();
    assert_eq!((frozen.as_ptr(), frozen.len()), (start, 5));
    assert_eq!(log.alive().len(), 5);
    assert_eq!(support::values::numbers(frozen), [0, 1, 2, 3, 4]);
    let boxed = ArenaBox::new_in(log.value(), &arena);
    assert_eq!(ArenaBox::into_ref(boxed).number(), 5);
    assert_eq!(log.alive().len(), 6);
    assert!(log.dropped().is_empty());
}

fn frozen_slices_keep_their_place<const M: usize>() {
    let arena = Arena::<M>::with_min_align();
    for capacity in [0, 1, 5, 100, 3000] {
        for len in [0, 1, capacity / 2, capacity] {
            for is_last in [true, false] {
                let before = arena.allocated_bytes();
                let mut values = ArenaVec::with_capacity_in(capacity, &arena);
                values.extend((0..len.min(capacity)).map(|n| n as u16));
                let start = values.as_ptr();
                if !is_last {
                    arena.alloc(1_u16);
                }
                let frozen = values.into_slice();
                assert_eq!(frozen.as_ptr(), start);
                assert!(frozen.iter().enumerate().all(|(i, &n)| n == i as u16));
                if is_last && arena.stats().chunks == 1 {
                    let size = (2 * frozen.len()).next_multiple_of(M);
                    assert_eq!(arena.allocated_bytes(), before + size);
                }
            }
        }
    }
    let nothing = arenula::vec![in &arena; (); 7].into_slice();
    assert_eq!(nothing.len(), 7);
    assert_eq!(arena.vec::<u128>().into_slice(), []);
    assert_eq!(arena.string().into_str(), "");
}

#[test]
fn frozen_slices_give_their_spare_room_back() {
    frozen_slices_keep_their_place::<1>();
    frozen_slices_keep_their_place::<2>();
    frozen_slices_keep_their_place::<4>();
    frozen_slices_keep_their_place::<8>();
    frozen_slices_keep_their_place::<16>();
}

#[test]
fn what_is_frozen_in_a_scope_lives_until_its_end() {
    fn made<'s>(scope: &Scope<'s>, n: usize) -> (&'s mut [usize], &'s mut str, &'s mut usize) {
        let mut numbers = scope.vec();
        numbers.extend(0..n);
        let mut text = scope.string();
        text.extend((0..n).map(|_| 'x'));
        let boxed = ArenaBox::new_in(n, scope);
        (
            numbers.into_slice(),
            text.into_str(),
            ArenaBox::into_ref(boxed),
        )
    }
    let mut arena = Arena::new();
    arena.scope(|outer| {
        let (numbers, text, n) = made(outer, 100);
        for m in 0..3 {
            outer.scope(|inner| {
                let (inside, _, _) = made(inner, 1000);
                numbers[0] = inside[999] + m;
            });
            outer.alloc([0xFF_u8; 500]);
        }
        assert_eq!(
            (numbers[0], numbers[99], text.len(), *n),
            (1001, 99, 100, 100)
        );
    });
}

#[test]
fn collecting_believes_no_hint() {
    for count in [0, 1, 7, 100] {
        for said in sayings(count) {
            let arena = Arena::new();
            let values: ArenaVec<_, _> = Saying(said, 0..count).collect_in(&arena);
            assert!(values.iter().copied().eq(0..count));
            let boxed: ArenaBox<[usize], _> = Saying(said, 0..count).collect_in(&arena);
            assert_eq!(*boxed, values[..]);
            let text: ArenaString<_> = Saying(said, (0..count).map(|_| 'ß')).collect_in(&arena);
            assert_eq!(text, "ß".repeat(count));
            #[cfg(feature = "collections")]
            {
                use arenula::collections::{HashMap, HashSet};
                let set: HashSet<_, _> = Saying(said, 0..count).collect_in(&arena);
                assert_eq!(set.len(), count);
                let pairs = Saying(said, (0..count).map(|n| (n, 2 * n)));
                let map: HashMap<_, _, _> = pairs.try_collect_in(&arena).unwrap();
                assert!((0..count).all(|n| map[&n] == 2 * n));
            }
        }
    }
}

#[test]
fn collecting_ends_at_the_first_error() {
    let log = Log::default();
    let arena = Arena::new();
    for end in 0..10 {
        let mut asked = 0;
        let items = (0..10).map(|n| {
            asked += 1;
            if n == end { Err(n) } else { Ok(log.value()) }
        });
        let collected: Result<ArenaVec<_, _>, _> = items.collect_in(&arena);
        assert_eq!(collected.err(), Some(end));
        assert_eq!(asked, end + 1);
        assert!(log.alive().is_empty());
    }
    let all: Result<ArenaVec<_, _>, ()> = (0..10).map(Ok).collect_in(&arena);
    assert_eq!(all.unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let letters = |text: &str| -> Option<ArenaString<_>> {
        let letter = |c: char| c.is_alphabetic().then_some(c);
        text.chars().map(letter).try_collect_in(&arena).unwrap()
    };
    assert_eq!(letters("abc").unwrap(), "abc");
    assert_eq!(letters("a-c"), None);

    // An iterator that goes on after it has ended is not asked again.
    let mut given = 0;
    let restless = std::iter::from_fn(|| {
        given += 1;
        Some(if given % 3 == 0 {
            Err(given)
        } else {
            Ok(given)
        })
    });
    let collected: Result<ArenaBox<[_], _>, _> = restless.collect_in(&arena);
    assert_eq!(collected.err(), Some(3));
    assert_eq!(given, 3);

    // Where there is no memory, that is the error.
    arena.set_limit(Some(arena.capacity()));
    let endless = std::iter::repeat(Ok::<_, ()>([0_u8; 64]));
    assert!(
        endless
            .try_collect_in::<Result<ArenaVec<_, _>, ()>>(&arena)
            .is_err()
    );
}

#[test]
fn what_can_not_be_collected_is_dropped() {
    let log = Log::default();
    let arena = Arena::new();
    arena.set_limit(Some(1000));
    let values = || std::iter::repeat_with(|| log.value());
    assert!(values().try_collect_in::<ArenaVec<_, _>>(&arena).is_err());
    assert!(values().try_collect_in::<ArenaBox<[_], _>>(&arena).is_err());
    assert!(
        std::iter::repeat('x')
            .try_collect_in::<ArenaString<_>>(&arena)
            .is_err()
    );
    #[cfg(feature = "collections")]
    {
        use arenula::collections::HashMap;
        let pairs = values().enumerate();
        assert!(pairs.try_collect_in::<HashMap<_, _, _>>(&arena).is_err());
    }
    assert!(log.alive().is_empty());

    let mut left = 5;
    let panicking = values().inspect(|_| {
        left -= 1;
        if left == 0 {
            panic_quietly();
        }
    });
    assert!(panics(|| drop(
        panicking.collect_in::<ArenaVec<_, _>>(&arena)
    )));
    assert!(log.alive().is_empty());
}

#[cfg(feature = "collections")]
#[test]
fn short_forms_are_empty_containers_of_the_arena() {
    let mut arena = Arena::<16>::with_min_align();
    arena.scope(|s| {
        let mut map = s.hash_map();
        map.insert(s.string(), s.vec());
        map.get_mut("").unwrap().push(1);
        assert_eq!(map[""], [1]);
        let mut set = s.hash_set();
        set.insert(1);
        assert!(set.contains(&1));
    });
    assert_eq!(arena.allocated_bytes(), 0);
}

/// What is done with a vector whose values are watched.
#[derive(Clone, Debug)]
enum VecOp {
    Push,
    Pop,
    Insert(usize),
    Remove(usize),
    Truncate(usize),
    Reserve(usize),
    Shrink,
    /// Made anew: by the macro, of an iterator that may lie or panic, through a box.
    Macro,
    Collect {
        count: usize,
        lie: usize,
        panic_at: Option<usize>,
    },
    ThroughBox,
    Freeze,
    Disturb(usize),
}

fn vec_op() -> impl Strategy<Value = VecOp> {
    prop_oneof![
        8 => Just(VecOp::Push),
        2 => Just(VecOp::Pop),
        2 => (0..20usize).prop_map(VecOp::Insert),
        2 => (0..20usize).prop_map(VecOp::Remove),
        1 => (0..20usize).prop_map(VecOp::Truncate),
        1 => (0..60usize).prop_map(VecOp::Reserve),
        1 => Just(VecOp::Shrink),
        1 => Just(VecOp::Macro),
        2 => (0..20usize, 0..6usize, prop::option::weighted(0.3, 0..20usize))
            .prop_map(|(count, lie, panic_at)| VecOp::Collect { count, lie, panic_at }),
        1 => Just(VecOp::ThroughBox),
        2 => Just(VecOp::Freeze),
        1 => (0..40usize).prop_map(VecOp::Disturb),
    ]
}

/// A vector and a model of it, which holds the numbers of its values. Where there is no memory, a `try_` form
/// says so, and the rest goes on.
fn run_vec<const M: usize>(capacity: usize, limit: Option<usize>, ops: &[VecOp]) {
    let log = Log::default();
    let watch = Watch::default();
    let arena = Arena::<M, _>::with_min_align_in(Watched(&watch));
    arena.set_limit(limit);
    let refused = arena.try_reserve(capacity);
    assert!(refused.is_ok() || limit.is_some());

    let mut values = arena.vec();
    let mut model: Vec<u32> = Vec::new();
    let mut frozen: Vec<(&mut [_], Vec<u32>)> = Vec::new();
    for op in ops {
        match op {
            VecOp::Push | VecOp::Insert(_) => {
                if values.try_reserve(1).is_ok() {
                    let at = match op {
                        VecOp::Insert(at) => at % (model.len() + 1),
                        _ => model.len(),
                    };
                    let value = log.value();
                    model.insert(at, value.number());
                    values.insert(at, value);
                } else {
                    assert!(limit.is_some());
                }
            }
            VecOp::Pop => {
                let popped = values.pop().map(|value| value.number());
                assert_eq!(popped, model.pop());
            }
            VecOp::Remove(at) if *at < model.len() => {
                assert_eq!(values.remove(*at).number(), model.remove(*at));
            }
            VecOp::Remove(_) => {}
            VecOp::Truncate(len) => {
                values.truncate(*len);
                model.truncate(*len);
            }
            VecOp::Reserve(more) => {
                assert!(values.try_reserve(*more).is_ok() || limit.is_some());
            }
            VecOp::Shrink => values.shrink_to_fit(),
            VecOp::Macro if limit.is_none() => {
                values = arenula::vec![in &arena; log.value(), log.value()];
                model = values.iter().map(|value| value.number()).collect();
            }
            VecOp::Macro => {}
            VecOp::Collect {
                count,
                lie,
                panic_at,
            } => {
                let made = (0..*count).map(|at| {
                    if Some(at) == *panic_at {
                        panic_quietly();
                    }
                    log.value()
                });
                let before = log.alive();
                let mut collected = Err(AllocError);
                let panicked = panics(|| {
                    collected = Saying(sayings(*count)[*lie], made).try_collect_in(&arena);
                });
                match collected {
                    Ok(new) => {
                        values = new;
                        model = values.iter().map(|value| value.number()).collect();
                        assert_eq!(model.len(), *count);
                    }
                    Err(AllocError) => {
                        assert!(panicked || limit.is_some());
                        assert_eq!(log.alive(), before);
                    }
                }
            }
            VecOp::ThroughBox => {
                let taken = mem::replace(&mut values, arena.vec());
                values = taken.into_boxed_slice().into_vec();
                assert_eq!(values.capacity(), values.len());
            }
            VecOp::Freeze => {
                let (start, capacity) = (values.as_ptr(), values.capacity());
                let slice = mem::replace(&mut values, arena.vec()).into_slice();
                assert!(capacity == 0 || slice.as_ptr() == start);
                frozen.push((slice, mem::take(&mut model)));
            }
            VecOp::Disturb(size) => {
                let _ = arena.try_alloc_slice_fill_copy(*size, 0xEE_u8);
            }
        }
        assert!(values.iter().map(|value| value.number()).eq(model.clone()));
        for (slice, model) in &mut frozen {
            assert_eq!(support::values::numbers(slice.iter_mut()), *model);
        }
        let alive = log.alive().len();
        let kept: usize = frozen.iter().map(|(slice, _)| slice.len()).sum();
        assert_eq!(alive, model.len() + kept, "each is dropped, and once");
    }
}

macro_rules! vec_tests {
    ($($name:ident: $min_align:literal),*) => {
        proptest! {
            #![proptest_config(properties())]
            $(#[test]
            fn $name(
                capacity in 0..1000usize,
                limit in prop::option::weighted(0.3, 0..3000usize),
                ops in prop::collection::vec(vec_op(), 0..if cfg!(miri) { 20 } else { 80 }),
            ) {
                run_vec::<$min_align>(capacity, limit, &ops);
            })*
        }
    };
}

vec_tests! {
    a_vector_is_made_and_frozen_at_min_align_1: 1,
    a_vector_is_made_and_frozen_at_min_align_2: 2,
    a_vector_is_made_and_frozen_at_min_align_4: 4,
    a_vector_is_made_and_frozen_at_min_align_8: 8,
    a_vector_is_made_and_frozen_at_min_align_16: 16
}

// Memory that fails.

/// A text, and what is to happen to it.
type Edit = for<'w> fn(&mut ArenaString<Watched<'w>>) -> Result<(), AllocError>;

/// The same, to the standard library's.
type OfModel = fn(&mut String);

const EDITS: &[(Edit, OfModel)] = &[
    (
        |text| text.try_push_str("one two"),
        |model| model.push_str("one two"),
    ),
    (|text| text.try_push('ß'), |model| model.push('ß')),
    (
        |text| text.try_push_fmt(format_args!("{}{}", 1, "ß")),
        |model| model.push_str("1ß"),
    ),
    (|text| text.try_insert(2, 'ß'), |model| model.insert(2, 'ß')),
    (
        |text| text.try_insert_str(2, "one two"),
        |model| model.insert_str(2, "one two"),
    ),
    (
        |text| text.try_replace_range(..2, "one two"),
        |model| model.replace_range(..2, "one two"),
    ),
    (
        |text| text.try_extend_from_within(2..),
        |model| *model = format!("{model}{}", &model[2..]),
    ),
];

#[test]
fn each_try_form_fails_until_there_is_memory() {
    for (edit, of_model) in EDITS {
        let refused = until_there_is_memory(|watch| {
            let Ok(mut text) = ArenaString::try_from_str_in("ßa", Watched(watch)) else {
                return false;
            };
            let mut model = String::from("ßa");
            let mut has_all = true;
            for _ in 0..if cfg!(miri) { 10 } else { 20 } {
                match edit(&mut text) {
                    Ok(()) => of_model(&mut model),
                    Err(AllocError) => has_all = false,
                }
                assert_eq!(text, model);
            }
            has_all
        });
        assert!(refused > 1);
    }
    let units: Vec<u16> = "one two ß".encode_utf16().collect();
    let refused = until_there_is_memory(|watch| {
        let alloc = Watched(watch);
        let mut has_all = ArenaString::try_with_capacity_in(10, alloc).is_ok();
        has_all &= ArenaString::try_from_fmt_in(format_args!("{}{}", "one two", 1), alloc).is_ok();
        has_all &= ArenaString::try_from_utf8_lossy_in(b"one \xff two", alloc).is_ok();
        has_all &= ArenaString::try_from_utf16_lossy_in(&units, alloc).is_ok();
        has_all &= ArenaString::try_from_utf16_in(&units, alloc).is_ok();
        let Ok(mut text) = ArenaString::try_from_str_in("one two", alloc) else {
            return false;
        };
        has_all &= text.try_clone().is_ok_and(|clone| clone == text);
        match text.try_split_off(3) {
            Ok(rest) => assert_eq!((&*text, &*rest), ("one", " two")),
            Err(AllocError) => {
                assert_eq!(text, "one two");
                has_all = false;
            }
        }
        let model = text.to_string();
        has_all &= text.try_reserve(100).is_ok() & text.try_reserve_exact(1000).is_ok();
        assert_eq!(text, model);
        has_all & text.try_into_boxed_str().is_ok_and(|boxed| *boxed == model)
    });
    assert!(refused > 5);
}

#[test]
fn what_is_collected_fails_until_there_is_memory() {
    let refused = until_there_is_memory(|watch| {
        let (log, alloc) = (Log::default(), Watched(watch));
        let values = || (0..30).map(|_| log.value()).filter(|_| true);
        let mut has_all = values().try_collect_in::<ArenaVec<_, _>>(alloc).is_ok();
        has_all &= values().try_collect_in::<ArenaBox<[_], _>>(alloc).is_ok();
        has_all &= "one two"
            .chars()
            .try_collect_in::<ArenaString<_>>(alloc)
            .is_ok();
        #[cfg(feature = "collections")]
        {
            use arenula::collections::{HashMap, HashSet};
            let pairs = values().enumerate();
            has_all &= pairs.try_collect_in::<HashMap<usize, _, _>>(alloc).is_ok();
            has_all &= (0..30).try_collect_in::<HashSet<u8, _>>(alloc).is_ok();
        }
        assert!(log.alive().is_empty());
        has_all
    });
    assert!(refused > 5);
}

#[test]
fn impossible_sizes_are_refused() {
    for count in [
        usize::MAX,
        isize::MAX as usize,
        isize::MAX as usize + 1,
        usize::MAX - 1,
    ] {
        let arena = Arena::new();
        assert!(ArenaString::try_with_capacity_in(count, &arena).is_err());
        let mut text = ArenaString::from_str_in("text", &arena);
        let before = arena.allocated_bytes();
        assert!(text.try_reserve(count).is_err());
        assert!(text.try_reserve_exact(count).is_err());
        assert!(panics(|| text.reserve(count)));
        assert_eq!((&*text, arena.allocated_bytes()), ("text", before));
        let mut values = arena.vec::<u64>();
        assert!(values.try_reserve(count).is_err());
        assert!(panics(|| drop(arenula::vec![in &arena; 1_u64; count])));
        #[cfg(feature = "collections")]
        assert!(arena.hash_map::<u64, u64>().try_reserve(count).is_err());
    }
}
