//! Interners beside a model, and against each class of bug that they could have.
#![cfg(feature = "collections")]

mod support;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ptr;
use std::rc::Rc;

use allocator_api2::alloc::{AllocError, Allocator, Global, Layout};
use arenula::intern::{DefaultHasher, InternerOf, Local, Memory, Text};
use arenula::{Arena, BytesInterner, FixedBuffer, Interner, Symbol};
use proptest::prelude::*;
use support::properties::properties;
use support::values::{Calling, Leaked, Panicking};
use support::{Watch, Watched, panic_quietly, panics, until_there_is_memory};

#[cfg(all(feature = "std", target_has_atomic = "64"))]
use arenula::intern::Shared;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
use arenula::sync::{SyncBytesInterner, SyncInterner};

/// Hashes that are as bad as this says: the number of different ones.
#[derive(Clone, Copy)]
struct Weak(u64);

struct WeakHasher(u64, u64);

impl Hasher for WeakHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(byte.into());
        }
    }

    fn finish(&self) -> u64 {
        self.0 % self.1
    }
}

impl BuildHasher for Weak {
    type Hasher = WeakHasher;

    fn build_hasher(&self) -> WeakHasher {
        WeakHasher(7, self.0)
    }
}

/// Text number `n`: short ones and long ones.
fn text(n: usize) -> String {
    match n % 41 {
        0 => format!("{n:>253}"),
        1 => format!("{n:>254}"),
        2 => format!("{n:>255}"),
        3 => format!("{n:>1000}"),
        4 => format!("{n}{:width$}", "", width = n % 70),
        _ => n.to_string(),
    }
}

const STATIC: [&str; 5] = [
    "",
    "fn",
    "7",
    "let",
    "a text that is there for ever, and longer than most",
];

#[derive(Clone, Debug)]
enum Op {
    Intern(usize),
    Symbol(usize),
    Static(usize),
    SymbolStatic(usize),
    Get(usize),
    Resolve(usize),
    Reserve(usize, usize),
    Iterate,
    Reset,
    Freeze,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        30 => (0..400_usize).prop_map(Op::Intern),
        30 => (0..400_usize).prop_map(Op::Symbol),
        4 => (0..STATIC.len()).prop_map(Op::Static),
        4 => (0..STATIC.len()).prop_map(Op::SymbolStatic),
        20 => (0..500_usize).prop_map(Op::Get),
        10 => (0..500_usize).prop_map(Op::Resolve),
        2 => (0..200_usize, 0..5000_usize).prop_map(|(texts, bytes)| Op::Reserve(texts, bytes)),
        2 => Just(Op::Iterate),
        1 => Just(Op::Reset),
        1 => Just(Op::Freeze),
    ];
    prop::collection::vec(op, 0..if cfg!(miri) { 60 } else { 600 })
}

/// What a program of calls sees of an interner, beside a map and a list.
fn agree<M: Memory<Backing = Global>>(ops: &[Op], capacity: usize, hashes: u64) {
    let mut interner = InternerOf::<str, Weak, M>::with_capacity_and_hasher(capacity, Weak(hashes));
    assert!(interner.capacity() >= capacity);
    let mut numbers = HashMap::<String, usize>::new();
    let mut texts = Vec::<String>::new();
    let places = RefCell::new(Vec::<*const str>::new());
    let mut saw = |interner: &InternerOf<str, Weak, M>, text: &str, symbol, kept: Option<&str>| {
        let number = *numbers.entry(text.to_owned()).or_insert_with(|| {
            texts.push(text.to_owned());
            texts.len() - 1
        });
        let symbol: Symbol = symbol;
        assert_eq!(symbol.index(), number);
        let place = interner.resolve(symbol);
        assert_eq!(place, text);
        let mut places = places.borrow_mut();
        if places.len() == number {
            places.push(place);
        }
        // It never moves.
        assert!(ptr::eq(places[number], place));
        assert!(kept.is_none_or(|kept| ptr::eq(kept, place)));
        (interner.len(), texts.len())
    };
    for op in ops {
        let (len, model) = match *op {
            Op::Intern(n) => {
                let text = text(n);
                let kept = interner.intern(&text);
                saw(
                    &interner,
                    &text,
                    interner.get_symbol(&text).unwrap(),
                    Some(kept),
                )
            }
            Op::Symbol(n) => {
                let text = text(n);
                saw(
                    &interner,
                    &text,
                    interner.symbol(&text),
                    interner.get(&text),
                )
            }
            Op::Static(n) => {
                let is_new = interner.get(STATIC[n]).is_none();
                let kept = interner.intern_static(STATIC[n]);
                assert!(!is_new || ptr::eq(kept, STATIC[n]));
                saw(
                    &interner,
                    STATIC[n],
                    interner.get_symbol(STATIC[n]).unwrap(),
                    Some(kept),
                )
            }
            Op::SymbolStatic(n) => saw(
                &interner,
                STATIC[n],
                interner.symbol_static(STATIC[n]),
                None,
            ),
            _ => (0, 0),
        };
        assert_eq!(len, model);
        match *op {
            Op::Get(n) => {
                let text = text(n);
                let number = numbers_of(&interner).get(&text).copied();
                assert_eq!(interner.get_symbol(&text).map(Symbol::index), number);
                assert_eq!(interner.get(&text), number.map(|_| &*text));
            }
            Op::Resolve(n) => {
                let symbol = Symbol::from_index(n).unwrap();
                let kept = interner.iter().nth(n);
                assert_eq!(interner.get_text(symbol), kept.map(|(_, text)| text));
                assert!(kept.is_none_or(|(found, _)| found == symbol));
            }
            Op::Reserve(count, bytes) => {
                interner.reserve(count, bytes);
                assert!(interner.capacity() >= interner.len() + count);
            }
            Op::Iterate => {
                let all: Vec<_> = interner.iter().collect();
                assert_eq!(interner.iter().size_hint(), (all.len(), None));
                assert!(
                    all.iter()
                        .enumerate()
                        .all(|(n, (symbol, _))| symbol.index() == n)
                );
            }
            Op::Reset => {
                // The text's memory may become one chunk, which may be larger than those that there were.
                interner.reset();
                assert!(interner.is_empty());
                // Begin anew, with the memory that there is.
                return agree_on(interner, &ops[1..]);
            }
            Op::Freeze => {
                let before: Vec<_> = interner
                    .iter()
                    .map(|(symbol, text)| (symbol, text.to_owned()))
                    .collect();
                let frozen = interner.freeze();
                assert_eq!(
                    (frozen.len(), frozen.iter().len()),
                    (before.len(), before.len())
                );
                for ((symbol, text), (also, kept)) in before.iter().zip(&frozen) {
                    assert_eq!((*symbol, &**text), (also, kept));
                    assert_eq!(frozen.get_symbol(text), Some(*symbol));
                    assert!(ptr::eq(frozen.get(text).unwrap(), &frozen[*symbol]));
                }
                assert_eq!(frozen.get("not there at all"), None);
                assert_eq!(
                    Symbol::from_index(before.len()).and_then(|none| frozen.get_text(none)),
                    None
                );
                // Go on with another that has the same texts, elsewhere.
                interner = InternerOf::with_capacity_and_hasher(capacity, Weak(hashes));
                for (symbol, text) in &before {
                    assert_eq!(interner.symbol(text), *symbol);
                }
                let texts = interner.iter().map(|(_, text)| ptr::from_ref(text));
                *places.borrow_mut() = texts.collect();
            }
            _ => {}
        }
    }
}

fn numbers_of<M: Memory>(interner: &InternerOf<str, Weak, M>) -> HashMap<String, usize> {
    interner
        .iter()
        .map(|(symbol, text)| (text.to_owned(), symbol.index()))
        .collect()
}

/// An interner that was used before gives numbers from 0 on.
fn agree_on<M: Memory>(interner: InternerOf<str, Weak, M>, ops: &[Op]) {
    let mut numbers = HashMap::new();
    for op in ops {
        if let Op::Intern(n) | Op::Symbol(n) = *op {
            let next = numbers.len();
            let number = *numbers.entry(n).or_insert(next);
            // Some of the texts are the same.
            let symbol = interner.symbol(&format!("{n}!"));
            assert_eq!(symbol.index(), number);
            assert_eq!(interner[symbol], format!("{n}!"));
        }
    }
    assert_eq!(interner.len(), numbers.len());
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn an_interner_agrees_with_a_model(
        ops in ops(),
        capacity in prop_oneof![Just(0_usize), 1..500_usize],
        hashes in prop_oneof![Just(1_u64), 2..20_u64, Just(u64::MAX)],
    ) {
        agree::<Local>(&ops, capacity, hashes);
        #[cfg(all(feature = "std", target_has_atomic = "64"))]
        agree::<Shared>(&ops, capacity, hashes);
    }
}

/// Runs a test for the memory of one thread and that of many.
macro_rules! for_both {
    ($($(#[$meta:meta])* fn $name:ident<$M:ident>() $body:block)+) => {$(
        mod $name {
            use super::*;

            fn test<$M: Backed>() $body

            #[test]
            fn for_one_thread() {
                test::<One>();
            }

            #[cfg(all(feature = "std", target_has_atomic = "64"))]
            #[test]
            fn for_many_threads() {
                test::<Many>();
            }
        }
    )+};
}

/// Memory of any backing allocator.
trait Backed {
    type Over<A: Allocator>: Memory<Backing = A>;
    type Usual: Memory<Backing = Global> + 'static;
}

struct One;

impl Backed for One {
    type Over<A: Allocator> = Local<A>;
    type Usual = Local;
}

#[cfg(all(feature = "std", target_has_atomic = "64"))]
struct Many;

#[cfg(all(feature = "std", target_has_atomic = "64"))]
impl Backed for Many {
    type Over<A: Allocator> = Shared<A>;
    type Usual = Shared;
}

type Texts<B, S = DefaultHasher, A = Global> = InternerOf<str, S, <B as Backed>::Over<A>>;

/// Checks that an interner has just these texts.
fn check<T, S: BuildHasher, M: Memory>(interner: &InternerOf<T, S, M>, texts: &[&T])
where
    T: Text + std::fmt::Debug + ?Sized,
{
    assert_eq!(interner.len(), texts.len());
    for (index, (symbol, kept)) in interner.iter().enumerate() {
        assert_eq!(symbol.index(), index);
        assert_eq!(kept, texts[index]);
        assert!(ptr::eq(interner.resolve(symbol), kept));
        assert_eq!(interner.get_symbol(kept), Some(symbol));
    }
}

for_both! {
    fn texts_of_every_length_are_kept<B>() {
        let interner = Texts::<B>::new();
        let long = "x".repeat(2000);
        // Some of them, and those about where what is noted of a length ends.
        let is_tried = |len: &usize| !cfg!(miri) || len % 29 == 0 || (252..258).contains(len);
        let all: Vec<&str> = (0..1200).filter(is_tried).map(|len| &long[..len]).collect();
        let kept: Vec<&str> = all.iter().map(|text| interner.intern(text)).collect();
        assert_eq!(all, kept);
        check(&interner, &all);
        let bytes = InternerOf::<[u8], DefaultHasher, B::Over<Global>>::new();
        for (index, len) in (0..600).filter(is_tried).enumerate() {
            let text: Vec<u8> = (0..len).map(|n| (n * 7 % 256) as u8).collect();
            assert_eq!(bytes.intern(&text), text);
            assert_eq!(bytes.symbol(&text).index(), index);
        }
    }

    fn what_is_static_is_not_copied<B>() {
        let interner = Texts::<B>::new();
        let huge: &'static str = "a text that is longer than what is held for it";
        let texts = [huge, "", "x"];
        for text in texts {
            assert!(ptr::eq(interner.intern_static(text), text));
            assert!(ptr::eq(interner.intern(&String::from(text)), text));
            assert!(ptr::eq(interner.resolve(interner.symbol_static(text)), text));
        }
        // What was copied first stays where it is.
        let copied = interner.intern(&String::from("fn"));
        assert!(ptr::eq(interner.intern_static("fn"), copied));
        assert_eq!(interner.try_symbol_static("fn"), Ok(interner.symbol("fn")));
        check(&interner, &[huge, "", "x", "fn"]);
    }

    fn what_is_added_while_it_is_iterated_is_seen<B>() {
        let interner = Texts::<B>::new();
        interner.intern("0");
        let mut seen = 0;
        for (symbol, text) in &interner {
            assert_eq!(symbol.index().to_string(), text);
            seen += 1;
            if interner.len() < 500 {
                interner.intern(&interner.len().to_string());
            }
        }
        assert_eq!(seen, 500);
        let mut ended = interner.iter();
        assert_eq!((ended.by_ref().count(), ended.next()), (500, None));
        interner.intern("more");
        assert_eq!(ended.next().map(|(_, text)| text), Some("more"));
    }

    fn a_symbol_of_another_interner_leads_to_nothing_else<B>() {
        let (one, other) = (Texts::<B>::new(), Texts::<B>::new());
        let symbols: Vec<_> = (0..300).map(|n| one.symbol(&text(n))).collect();
        other.symbol("first");
        assert_eq!(other.get_text(symbols[0]), Some("first"));
        for symbol in symbols[1..].iter().step_by(if cfg!(miri) { 23 } else { 1 }) {
            assert_eq!(other.get_text(*symbol), None);
            assert!(panics(|| _ = other.resolve(*symbol)));
        }
        for index in [1, 63, 64, 65, 1 << 20, u32::MAX as usize - 66, u32::MAX as usize - 65, u32::MAX as usize - 1] {
            assert_eq!(other.get_text(Symbol::from_index(index).unwrap()), None);
            assert_eq!(Texts::<B>::new().get_text(Symbol::from_index(index).unwrap()), None);
        }
        assert_eq!(Symbol::from_index(u32::MAX as usize), None);
        assert_eq!(Symbol::from_index(usize::MAX), None);
    }

    fn interners_can_be_swapped_and_replaced<B>() {
        let (mut one, mut other) = (Texts::<B>::new(), Texts::<B>::new());
        let symbol = one.symbol("one");
        other.symbol("other");
        std::mem::swap(&mut one, &mut other);
        assert_eq!((&one[symbol], &other[symbol]), ("other", "one"));
        let old = std::mem::replace(&mut one, Texts::<B>::new());
        assert_eq!((&old[symbol], one.len()), ("other", 0));
        let moved = Box::new(old);
        assert_eq!(moved.intern("other"), &moved[symbol]);
    }

    fn no_failing_call_to_the_backing_allocator_loses_anything<B>() {
        let count = if cfg!(miri) { 120 } else { 800 };
        for n in 0.. {
            let mut failed = false;
            // Where it fails for good, nothing is added until there is memory again.
            for stays_off in [false, true] {
                let watch = Watch::default();
                let interner = Texts::<B, _, _>::with_hasher_in(Weak(900), Watched(&watch));
                watch.fail_after.set(Some(n));
                watch.fail_on.set(stays_off);
                let mut texts = Vec::<String>::new();
                for number in 0..count {
                    let text = text(number);
                    if interner.try_symbol(&text).is_err() {
                        failed = true;
                        assert_eq!(interner.get(&text), None);
                        assert_eq!(interner.len(), texts.len());
                        if stays_off {
                            // Whatever is asked for meanwhile, what is there is not disturbed.
                            for _ in 0..3 {
                                assert!(interner.try_intern(&text).is_err());
                                assert!(interner.try_reserve(10_000, 10_000).is_err());
                                assert_eq!((interner.len(), interner.get(&text)), (texts.len(), None));
                            }
                            assert!(texts.iter().all(|text| interner.get(text).is_some()));
                        }
                        watch.fail_after.set(None);
                        assert_eq!(interner.symbol(&text).index(), texts.len());
                    }
                    texts.push(text);
                }
                let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
                check(&interner, &texts);
                assert_eq!(interner.held_bytes(), watch.bytes());
                watch.fail_after.set(Some(0));
                let Err(interner) = interner.try_freeze() else { panic!("there is no memory") };
                check(&interner, &texts);
                watch.fail_after.set(None);
                let frozen = interner.try_freeze().unwrap_or_else(|_| panic!("there is memory"));
                assert_eq!((watch.count(), watch.bytes()), (1, frozen.held_bytes()));
                assert!(frozen.iter().map(|(_, text)| text).eq(texts.iter().copied()));
                drop(frozen);
                assert_eq!(watch.count(), 0);
            }
            if !failed {
                assert!(n > 8);
                break;
            }
        }
    }

    fn each_try_form_fails_until_there_is_memory<B>() {
        let refused = until_there_is_memory(|watch| {
            let interner = Texts::<B, _, _>::with_hasher_in(Weak(900), Watched(watch));
            let long = "a text that is longer than what is left of the first chunk".repeat(20);
            let has_room = interner.try_reserve(20, 100).is_ok();
            let made = [
                interner.try_intern(&long).is_ok_and(|kept| kept == long),
                interner.try_intern_static("static").is_ok_and(|kept| kept == "static"),
                interner.try_symbol_static("also").is_ok(),
                interner.try_symbol("text").is_ok(),
            ];
            let texts = [&*long, "static", "also", "text"].into_iter().zip(made);
            let texts: Vec<_> = texts.filter(|(_, made)| *made).map(|(text, _)| text).collect();
            check(&interner, &texts);
            let has_all = has_room && texts.len() == 4;
            assert_eq!(interner.held_bytes(), watch.bytes());
            has_all
        });
        assert!(refused > 2);
    }

    fn no_panic_of_the_backing_allocator_loses_anything<B>() {
        let count = if cfg!(miri) { 120 } else { 800 };
        for n in 0.. {
            let (watch, left) = (Watch::default(), Cell::new(None));
            let backing = Panicking(Watched(&watch), &left);
            let interner = Texts::<B, _, _>::with_hasher_in(Weak(900), backing);
            left.set(Some(n));
            let (mut texts, mut panicked) = (Vec::new(), false);
            for number in 0..count {
                let text = text(number);
                let mut symbol = None;
                if panics(|| symbol = Some(interner.symbol(&text))) {
                    panicked = true;
                    // It may have panicked when what was in the way had been taken out.
                    symbol = Some(interner.symbol(&text));
                }
                assert_eq!(symbol.unwrap().index(), texts.len());
                texts.push(text);
            }
            let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
            check(&interner, &texts);
            assert_eq!(interner.held_bytes(), watch.bytes());
            left.set(None);
            drop(interner);
            assert_eq!(watch.count(), 0);
            if !panicked {
                assert!(n > 8);
                break;
            }
        }
    }

    fn a_panic_while_it_is_dropped_reset_or_frozen_loses_no_memory<B>() {
        let count = if cfg!(miri) { 140 } else { 900 };
        for what in 0..3 {
            let mut n = 0;
            loop {
                let (watch, left) = (Watch::default(), Cell::new(None));
                let backing = Panicking(Watched(&watch), &left);
                let mut interner = Texts::<B, _, _>::with_hasher_in(Weak(900), backing);
                (0..count).for_each(|number| _ = interner.symbol(&text(number)));
                left.set(Some(n));
                let panicked = match what {
                    0 => panics(|| drop(interner)),
                    1 => {
                        let panicked = panics(|| interner.reset());
                        left.set(None);
                        assert!(interner.is_empty());
                        assert_eq!(interner.symbol("anew").index(), 0);
                        assert_eq!(interner.held_bytes(), watch.bytes());
                        drop(interner);
                        panicked
                    }
                    _ => panics(|| {
                        let frozen = interner.freeze();
                        left.set(None);
                        assert_eq!((frozen.len(), watch.count()), (count, 1));
                    }),
                };
                assert_eq!(watch.count(), 0, "{n} {what}");
                if !panicked {
                    break;
                }
                n += 1;
            }
            // Nothing that resets has much to give back.
            assert!(n >= if what == 1 { 0 } else { 5 }, "{n} {what}");
        }
    }

    fn a_hasher_may_use_its_interner_and_panic<B>() {
        let state = Leaked::new(HasherState::default());
        // SAFETY: the interner is taken apart before.
        let busy = Busy(unsafe { state.get() });
        let interner = Rc::new(InternerOf::<str, _, B::Usual>::with_hasher(busy));
        let inner = Rc::downgrade(&interner);
        *busy.0.callback.borrow_mut() = Some(Box::new(move || {
            if let Some(interner) = inner.upgrade() {
                // As many as make the index grow, and the very text that is being interned.
                for n in 0..40 + interner.len() {
                    interner.symbol(&n.to_string());
                }
            }
        }));
        // Each hash makes it grow by forty texts, and goes through all.
        for n in 0..if cfg!(miri) { 8 } else { 300 } {
            let text = n.to_string();
            let symbol = interner.symbol(&text);
            assert_eq!(&interner[symbol], text);
            assert_eq!(interner.get_symbol(&text), Some(symbol));
        }
        *busy.0.callback.borrow_mut() = Some(Box::new(|| panic_quietly()));
        let before = interner.len();
        assert!(panics(|| _ = interner.symbol("7")));
        assert!(panics(|| _ = interner.get("7")));
        assert!(panics(|| _ = interner.try_intern("new")));
        *busy.0.callback.borrow_mut() = None;
        assert_eq!(interner.len(), before);
        let texts: Vec<String> = interner.iter().map(|(_, text)| text.to_owned()).collect();
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        check(&interner, &texts);
        drop(interner);
    }

    fn limits_are_exact<B>() {
        let peak = Cell::new(0);
        let step = if cfg!(miri) { 307 } else { 13 };
        for limit in (0..6000).step_by(step).chain([20_000, 50_000]) {
            let watch = Watch::default();
            let backing = Peak(Watched(&watch), &peak);
            let interner = Texts::<B, _, _>::with_hasher_in(RandomState::new(), backing);
            peak.set(0);
            interner.set_limit(Some(limit));
            assert_eq!(interner.limit(), Some(limit));
            let mut texts = Vec::new();
            let refused = loop {
                let text = text(texts.len());
                if interner.try_symbol(&text).is_err() {
                    break text;
                }
                texts.push(text);
            };
            assert!(peak.get() <= limit, "{} of {limit}", peak.get());
            assert_eq!(interner.held_bytes(), watch.bytes());
            assert_eq!(interner.get(&refused), None);
            // What is there is found, and is no matter of memory.
            for text in &texts {
                assert_eq!(interner.try_intern(text), Ok(&**text));
            }
            interner.set_limit(None);
            assert_eq!(interner.limit(), None);
            assert_eq!(interner.symbol(&refused).index(), texts.len());
        }
    }

    fn impossible_sizes_are_refused<B>() {
        let interner = Texts::<B>::new();
        for (texts, bytes) in [(usize::MAX, 0), (0, usize::MAX), (usize::MAX, usize::MAX), (1, usize::MAX)] {
            assert!(interner.try_reserve(texts, bytes).is_err());
            assert!(panics(|| interner.reserve(texts, bytes)));
        }
        assert!(Texts::<B>::try_with_capacity(usize::MAX).is_err());
        assert!(Texts::<B>::try_with_capacity(usize::try_from(1_u64 << 33).unwrap_or(usize::MAX)).is_err());
        assert_eq!(interner.symbol("text").index(), 0);
    }

    fn what_was_reserved_is_there<B>() {
        let watch = Watch::default();
        let interner = Texts::<B, _, _>::with_hasher_in(RandomState::new(), Watched(&watch));
        for (count, bytes) in [(10, 100), (1000, 5000), (500, 90_000)] {
            interner.reserve(count, bytes);
            let (asked, before) = (watch.asked.get(), interner.len());
            for n in 0..count {
                interner.symbol(&format!("{:>width$}", before + n, width = bytes / count));
            }
            assert_eq!((watch.asked.get(), interner.len()), (asked, before + count));
        }
    }

    fn as_many_texts_are_taken_as_the_capacity_says<B>() {
        let all = [0, 1, 32, 33, 47, 48, 49, 64, 65, 1000, 3000];
        for reserved in all.into_iter().filter(|&reserved| !cfg!(miri) || reserved < 1000) {
            let interner = Texts::<B>::new();
            interner.reserve(reserved, 0);
            for _ in 0..3 {
                // The index alone is asked: there is text memory enough.
                interner.reserve(0, 100_000);
                let (capacity, held) = (interner.capacity(), interner.held_bytes());
                for n in interner.len()..capacity {
                    interner.symbol(&n.to_string());
                }
                assert_eq!((interner.len(), interner.capacity()), (capacity, capacity));
                assert_eq!(interner.held_bytes(), held);
                interner.symbol(&capacity.to_string());
                assert!(interner.held_bytes() > held && interner.capacity() > capacity);
            }
        }
    }

    fn a_doubling_that_is_refused_is_not_if_it_was_reserved<B>() {
        let fill = |interner: &Texts<B>| {
            let refused = (0..).find(|n: &usize| interner.try_symbol(&n.to_string()).is_err());
            assert_eq!(Some(interner.len()), refused);
            interner.len()
        };
        let (least, step) = if cfg!(miri) { (5_000, 1_000) } else { (20_000, 3_000) };
        let gains = (least..4 * least).step_by(step).filter(|&limit| {
            let (usual, reserved) = (Texts::<B>::new(), Texts::<B>::new());
            usual.set_limit(Some(limit));
            reserved.set_limit(Some(limit));
            let before = fill(&usual);
            assert_eq!(usual.get("0"), Some("0"));
            let has_room = reserved.try_reserve(before + 1, 5 * (before + 1)).is_ok();
            // It has no old index.
            has_room && fill(&reserved) > before
        });
        assert!(gains.count() > 3);
    }

    fn whatever_has_texts_can_be_collected<B>() {
        let all = ["a", "b", "a", "c"];
        let mut interner: InternerOf<str, DefaultHasher, B::Usual> = all.into_iter().collect();
        check(&interner, &["a", "b", "c"]);
        interner.extend(all.map(|text| format!("{text}{text}")));
        interner.extend([Box::<str>::from("a"), "d".into()]);
        check(&interner, &["a", "b", "c", "aa", "bb", "cc", "d"]);
        let mut bytes: InternerOf<[u8], DefaultHasher, B::Usual> = [b"a", b"b"].into_iter().collect();
        bytes.extend(["b", "c"]);
        check(&bytes, &[b"a", b"b", b"c"]);
        // What has the text may use the interner, or panic.
        struct Has<'f>(&'f dyn Fn());
        impl AsRef<str> for Has<'_> {
            fn as_ref(&self) -> &str {
                (self.0)();
                "had"
            }
        }
        assert!(panics(|| interner.extend([Has(&|| ()), Has(&|| panic_quietly())])));
        check(&interner, &["a", "b", "c", "aa", "bb", "cc", "d", "had"]);
    }

    fn a_reset_interner_keeps_its_memory_and_settles<B>() {
        let watch = Watch::default();
        let mut interner = Texts::<B, _, _>::with_hasher_in(RandomState::new(), Watched(&watch));
        for round in 0..20 {
            let asked = watch.asked.get();
            for n in 0..if cfg!(miri) { 100 } else { 500 } {
                assert_eq!(interner.symbol(&(n + round).to_string()).index(), n);
            }
            assert!(round < 10 || watch.asked.get() == asked);
            interner.reset();
            assert_eq!((interner.len(), interner.iter().next()), (0, None));
            assert_eq!(interner.get("7"), None);
            assert_eq!(interner.get_text(Symbol::from_index(0).unwrap()), None);
        }
    }
}

/// A backing allocator that notes the most that was ever out.
struct Peak<'w>(Watched<'w>, &'w Cell<usize>);

// SAFETY: it hands on what the other one does.
unsafe impl Allocator for Peak<'_> {
    fn allocate(&self, layout: Layout) -> Result<ptr::NonNull<[u8]>, AllocError> {
        let block = self.0.allocate(layout)?;
        self.1.set(self.1.get().max(self.0.0.bytes()));
        Ok(block)
    }

    unsafe fn deallocate(&self, block: ptr::NonNull<u8>, layout: Layout) {
        // SAFETY: the block came from there.
        unsafe { self.0.deallocate(block, layout) }
    }
}

/// A hasher that calls back whenever it is used, unless it is already doing so.
#[derive(Default)]
struct HasherState {
    callback: RefCell<Option<Box<dyn Fn()>>>,
    busy: Cell<bool>,
}

#[derive(Clone, Copy)]
struct Busy(&'static HasherState);

impl BuildHasher for Busy {
    type Hasher = WeakHasher;

    fn build_hasher(&self) -> WeakHasher {
        struct NotBusy<'b>(&'b Cell<bool>);
        impl Drop for NotBusy<'_> {
            fn drop(&mut self) {
                self.0.set(false);
            }
        }
        if !self.0.busy.replace(true) {
            let _not_busy = NotBusy(&self.0.busy);
            if let Some(callback) = &*self.0.callback.borrow() {
                callback();
            }
        }
        WeakHasher(7, u64::MAX)
    }
}

/// A text of each kind, most of which are short.
fn some(interner: &Interner<impl BuildHasher, impl Allocator>, count: usize) -> Vec<String> {
    (0..count).for_each(|n| _ = interner.symbol(&text(n)));
    STATIC
        .iter()
        .for_each(|text| _ = interner.symbol_static(text));
    interner.iter().map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn a_clone_has_the_same_texts_and_symbols_and_its_own_memory() {
    for count in [0, 1, 31, 32, 33, 500] {
        let state = Leaked::new(HasherState::default());
        // SAFETY: the interners are gone before.
        let busy = Busy(unsafe { state.get() });
        let interner = Interner::with_hasher(busy);
        let mut texts = some(&interner, count);
        let lent = STATIC.map(|text| (text, ptr::eq(interner.get(text).unwrap(), text)));
        interner.set_limit(Some(1 << 20));
        *busy.0.callback.borrow_mut() = Some(Box::new(|| panic!("nothing is hashed")));
        let copy = interner.clone();
        assert!(copy == interner && copy.limit() == Some(1 << 20));
        assert!(copy.held_bytes() <= interner.held_bytes());
        let frozen = interner.freeze();
        let frozen_copy = frozen.clone();
        assert!(frozen == frozen_copy && frozen.held_bytes() == frozen_copy.held_bytes());
        *busy.0.callback.borrow_mut() = None;
        for ((symbol, text), (frozen, kept)) in copy.iter().zip(&frozen_copy) {
            assert_eq!((symbol, text), (frozen, kept));
            assert!(!ptr::eq(text, kept) || text.is_empty());
            assert_eq!(frozen_copy.get_symbol(text), Some(symbol));
        }
        drop(frozen);
        // What was lent is lent again.
        for (text, is_lent) in lent {
            assert_eq!(ptr::eq(copy.get(text).unwrap(), text), is_lent);
        }
        copy.intern("of the copy alone");
        texts.push("of the copy alone".to_owned());
        check(&copy, &texts.iter().map(|text| &**text).collect::<Vec<_>>());
        assert_eq!(frozen_copy.get("of the copy alone"), None);
        assert!(copy.freeze() != frozen_copy);
    }
}

#[test]
fn interners_are_equal_if_their_texts_have_the_same_symbols() {
    let of = |texts: &[&str]| {
        let interner = Interner::with_hasher(Weak(3));
        texts.iter().for_each(|text| _ = interner.symbol(text));
        interner
    };
    let all: [&[&str]; 6] = [
        &[],
        &["a"],
        &["a", "b"],
        &["b", "a"],
        &["a", "bb"],
        &["ab", "b"],
    ];
    for (n, one) in all.into_iter().enumerate() {
        for (m, other) in all.into_iter().enumerate() {
            assert_eq!(of(one) == of(other), n == m);
            assert_eq!(of(one).freeze() == of(other).freeze(), n == m);
        }
    }
    // Where one has more and begins alike.
    assert!(of(&["a", "b"]).freeze() != of(&["a"]).freeze());
}

#[test]
fn a_clone_keeps_to_the_limit_of_its_original() {
    for limit in (600..20_000).step_by(if cfg!(miri) { 1999 } else { 97 }) {
        let interner = Interner::new();
        interner.set_limit(Some(limit));
        let mut count = 0;
        while interner.try_symbol(&text(count)).is_ok() {
            count += 1;
        }
        let copy = interner.clone();
        assert!(copy == interner && copy.limit() == Some(limit));
        assert!(copy.held_bytes() <= interner.held_bytes());
        // What is held already may be held twice.
        interner.set_limit(Some(1));
        assert!(interner.clone() == interner);
    }
}

#[test]
fn a_clone_has_the_same_symbols_whatever_the_hasher_says() {
    /// Says something else each time.
    #[derive(Clone, Default)]
    struct Fickle(Cell<u64>);
    impl BuildHasher for Fickle {
        type Hasher = std::hash::DefaultHasher;
        fn build_hasher(&self) -> Self::Hasher {
            let mut hasher = std::hash::DefaultHasher::new();
            self.0.set(self.0.get() + 1);
            hasher.write_u64(self.0.get());
            hasher
        }
    }

    let interner = Interner::with_hasher(Fickle::default());
    interner.reserve(100_000, 0);
    for n in 0..3000 {
        interner.symbol(["0", "1"][n % 2]);
    }
    assert!(interner.len() > 2, "texts came in twice");
    let copy = interner.clone();
    assert!(copy == interner && copy.iter().eq(interner.iter()));
}

#[test]
fn a_clone_that_fails_or_panics_loses_nothing() {
    let refused = until_there_is_memory(|watch| {
        let first = watch.fail_after.take();
        let interner = Interner::with_hasher_in(Weak(900), Watched(watch));
        some(&interner, if cfg!(miri) { 120 } else { 400 });
        let (count, bytes) = (watch.count(), watch.bytes());
        watch.fail_after.set(first);
        let copy = interner.try_clone();
        let done = copy.is_ok();
        assert!(copy.is_ok_and(|copy| copy == interner) == done);
        assert_eq!((watch.count(), watch.bytes()), (count, bytes));
        watch.fail_after.set(None);
        let frozen = interner.freeze();
        watch.fail_after.set(first.filter(|_| !done));
        let copy = frozen.try_clone();
        assert_eq!(copy.is_err(), !done && first == Some(0));
        assert!(copy.is_err() || copy == Ok(frozen));
        done
    });
    assert!(refused > 2);

    /// Counts its clones down, and panics at the last.
    struct Fragile<'w>(Watched<'w>, &'w Cell<usize>);
    impl Clone for Fragile<'_> {
        fn clone(&self) -> Self {
            if self.1.get() == 0 {
                panic_quietly();
            }
            self.1.set(self.1.get() - 1);
            Fragile(self.0, self.1)
        }
    }
    // SAFETY: it hands on what the other one does, which all clones share.
    unsafe impl Allocator for Fragile<'_> {
        fn allocate(&self, layout: Layout) -> Result<ptr::NonNull<[u8]>, AllocError> {
            self.0.allocate(layout)
        }

        unsafe fn deallocate(&self, block: ptr::NonNull<u8>, layout: Layout) {
            // SAFETY: the block came from there.
            unsafe { self.0.deallocate(block, layout) }
        }
    }
    let (watch, left) = (Watch::default(), Cell::new(0));
    let interner = Interner::with_hasher_in(Weak(900), Fragile(Watched(&watch), &left));
    some(&interner, 100);
    assert!(panics(|| _ = interner.clone()));
    left.set(1);
    assert!(interner.clone() == interner);
    let frozen = interner.freeze();
    assert!(panics(|| _ = frozen.clone()));
    left.set(1);
    assert!(frozen.clone() == frozen);
    drop(frozen);
    assert_eq!(watch.count(), 0);
}

#[test]
fn an_allocator_that_adds_while_its_interner_is_cloned_disturbs_nobody() {
    /// All clones hand on to one, which calls back.
    #[derive(Clone)]
    struct Shares(Rc<Calling>);
    // SAFETY: it hands on what the other one does, which all clones share.
    unsafe impl Allocator for Shares {
        fn allocate(&self, layout: Layout) -> Result<ptr::NonNull<[u8]>, AllocError> {
            self.0.allocate(layout)
        }

        unsafe fn deallocate(&self, block: ptr::NonNull<u8>, layout: Layout) {
            // SAFETY: the block came from there.
            unsafe { self.0.deallocate(block, layout) }
        }
    }
    let calling = Rc::new(Calling::default());
    let interner = Rc::new(Interner::with_hasher_in(
        Weak(u64::MAX),
        Shares(calling.clone()),
    ));
    some(&interner, 200);
    let inner = Rc::downgrade(&interner);
    *calling.callback.borrow_mut() = Some(Box::new(move || {
        if let Some(interner) = inner.upgrade().filter(|interner| interner.len() < 3000) {
            // As many as make the index grow.
            let from = interner.len();
            (from..from + 300).for_each(|n| _ = interner.symbol(&format!("{n}!")));
        }
    }));
    let before = interner.len();
    let copy = Interner::clone(&interner);
    *calling.callback.borrow_mut() = None;
    assert!(copy.len() == before && interner.len() > 500);
    for (symbol, text) in &copy {
        assert_eq!(
            (interner.get_symbol(text), copy.get_symbol(text)),
            (Some(symbol), Some(symbol))
        );
    }
}

#[test]
fn a_backing_allocator_that_uses_its_interner_disturbs_nobody() {
    let leaked = Leaked::new(Interner::with_hasher_in(Weak(u64::MAX), Calling::default()));
    // SAFETY: what holds the reference is taken out at the end.
    let interner: &'static Interner<Weak, Calling> = unsafe { leaked.get() };
    let made = Rc::new(RefCell::new(Vec::new()));
    let inner = made.clone();
    *interner.allocator().callback.borrow_mut() = Some(Box::new(move || {
        // The texts that are being added, and as many as make the index grow.
        for n in 0..interner.len() + 100 {
            let text = text(n);
            let symbol = interner.symbol(&text);
            inner.borrow_mut().push((symbol, text));
        }
    }));
    for n in 0..700 {
        let text = text(n);
        let symbol = interner.symbol(&text);
        made.borrow_mut().push((symbol, text));
    }
    *interner.allocator().callback.borrow_mut() = None;
    for (symbol, text) in &*made.borrow() {
        assert_eq!(interner.resolve(*symbol), text);
        assert_eq!(interner.get_symbol(text), Some(*symbol));
    }
    let mut all: Vec<&str> = interner.iter().map(|(_, text)| text).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), interner.len());
    drop(leaked);
}

#[cfg(all(feature = "std", target_has_atomic = "64"))]
#[test]
fn a_backing_allocator_of_a_shared_interner_may_look_and_is_told_if_it_adds() {
    for adds in [false, true] {
        let calling = Rc::new(Calling::default());
        let slot = Rc::new(RefCell::new(None::<Box<dyn Fn()>>));
        let inner = slot.clone();
        *calling.callback.borrow_mut() = Some(Box::new(move || {
            if let Some(callback) = &*inner.borrow() {
                callback();
            }
        }));
        struct ByRc(Rc<Calling>);
        // SAFETY: it hands on what the other one does.
        unsafe impl Allocator for ByRc {
            fn allocate(&self, layout: Layout) -> Result<ptr::NonNull<[u8]>, AllocError> {
                self.0.allocate(layout)
            }
            unsafe fn deallocate(&self, block: ptr::NonNull<u8>, layout: Layout) {
                // SAFETY: the block came from there.
                unsafe { self.0.deallocate(block, layout) }
            }
        }
        let interner = Rc::new(SyncInterner::with_hasher_in(
            Weak(u64::MAX),
            ByRc(calling.clone()),
        ));
        let weak = Rc::downgrade(&interner);
        let (looked, refused) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let counts = (looked.clone(), refused.clone());
        *slot.borrow_mut() = Some(Box::new(move || {
            let Some(interner) = weak.upgrade() else {
                return;
            };
            for (symbol, text) in &*interner {
                // Also such as are there, which need no lock.
                assert_eq!(
                    (interner.get_symbol(text), interner.symbol(text)),
                    (Some(symbol), symbol)
                );
                counts.0.set(counts.0.get() + 1);
            }
            if adds {
                let message = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    interner.symbol("one more")
                }));
                assert!(message.is_err());
                counts.1.set(counts.1.get() + 1);
            }
        }));
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        for n in 0..300 {
            assert_eq!(interner.symbol(&text(n)).index(), n);
        }
        std::panic::set_hook(quiet);
        assert!(looked.get() > 300 && (refused.get() > 3) == adds);
        assert_eq!(interner.get("one more"), None);
        slot.borrow_mut().take();
        drop(interner);
    }
}

#[test]
fn memory_on_the_stack_and_in_an_arena_will_do() {
    let mut buffer = [std::mem::MaybeUninit::uninit(); 3000];
    let interner = Interner::new_in(FixedBuffer::new(&mut buffer));
    let count = (0..)
        .take_while(|n| interner.try_symbol(&text(*n + 50)).is_ok())
        .count();
    assert!(count > 10 && count == interner.len());

    let arena = Arena::new();
    let interner = BytesInterner::new_in(&arena);
    let kept = interner.intern(b"bytes");
    assert!(arena.contains(kept.as_ptr()));
    let frozen = interner.freeze();
    assert!(arena.contains(frozen.get(b"bytes").unwrap().as_ptr()));
}

#[test]
fn texts_and_bytes_share_nothing_but_their_code() {
    let (texts, bytes) = (Interner::new(), BytesInterner::new());
    assert_eq!(texts.intern("a").as_bytes(), bytes.intern(b"a"));
    assert_eq!(bytes.intern(b"\xFF\xFE\0"), b"\xFF\xFE\0");
    assert_eq!(
        format!("{texts:?} {bytes:?}"),
        "{Symbol(0): \"a\"} {Symbol(0): [97], Symbol(1): [255, 254, 0]}"
    );
}

#[test]
fn growing_hashes_no_text_again() {
    let count = Rc::new(Cell::new(0));
    struct Counting(Rc<Cell<usize>>);
    impl BuildHasher for Counting {
        type Hasher = std::hash::DefaultHasher;
        fn build_hasher(&self) -> Self::Hasher {
            self.0.set(self.0.get() + 1);
            Self::Hasher::new()
        }
    }
    let interner = Interner::with_hasher(Counting(count.clone()));
    for n in 0..5000 {
        interner.symbol(&text(n));
    }
    assert_eq!(count.get(), 5000);
    let frozen = interner.freeze();
    assert_eq!((count.get(), frozen.len()), (5000, 5000));
}

#[cfg(all(feature = "std", target_has_atomic = "64"))]
mod threads {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Barrier, mpsc};
    use std::thread;

    #[test]
    fn all_threads_agree_on_all_symbols() {
        let (threads, texts) = if cfg!(miri) { (3, 100) } else { (4, 6000) };
        for round in 0..if cfg!(miri) { 1 } else { 8 } {
            let interner =
                SyncInterner::with_hasher(Weak(if round % 2 == 0 { u64::MAX } else { 500 }));
            let barrier = Barrier::new(threads);
            let seen: Vec<Vec<Symbol>> = thread::scope(|scope| {
                let all: Vec<_> = (0..threads)
                    .map(|thread| {
                        let (interner, barrier) = (&interner, &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            let mut symbols = vec![None; texts];
                            for n in 0..texts {
                                // Each in an order of its own, half of them from where the others are.
                                let n = (n + thread % 2 * texts / 2) % texts;
                                let text = text(n);
                                let symbol = interner.symbol(&text);
                                assert_eq!(interner.resolve(symbol), text);
                                assert!(ptr::eq(interner.intern(&text), interner.resolve(symbol)));
                                symbols[n] = Some(symbol);
                            }
                            symbols.into_iter().flatten().collect()
                        })
                    })
                    .collect();
                all.into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
            let mut indices: Vec<usize> = seen[0].iter().map(|symbol| symbol.index()).collect();
            indices.sort_unstable();
            assert!(indices.into_iter().eq(0..texts));
            assert_eq!((interner.len(), interner.iter().count()), (texts, texts));
        }
    }

    #[test]
    fn what_another_thread_tells_of_is_there() {
        let interner = Arc::new(SyncBytesInterner::new());
        let (tell, told) = mpsc::channel::<(Vec<u8>, Symbol)>();
        let other = interner.clone();
        let count = if cfg!(miri) { 50 } else { 20_000_u32 };
        let thread = thread::spawn(move || {
            for (text, symbol) in told {
                assert_eq!(other.resolve(symbol), text);
                assert_eq!(other.get_symbol(&text), Some(symbol));
                assert_eq!(other.symbol(&text), symbol);
                assert!(other.len() > symbol.index());
            }
        });
        for n in 0..count {
            let text = n.to_le_bytes().to_vec();
            let symbol = interner.symbol(&text);
            tell.send((text, symbol)).unwrap();
        }
        drop(tell);
        thread.join().unwrap();
        assert_eq!(interner.len(), count as usize);
    }

    #[test]
    fn guessed_symbols_lead_to_whole_texts_or_to_none() {
        let interner = SyncInterner::new();
        let done = AtomicBool::new(false);
        let count = if cfg!(miri) { 50 } else { 30_000 };
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut found = 0;
                while found < count {
                    let is_done = done.load(Ordering::Acquire);
                    match interner.get_text(Symbol::from_index(found).unwrap()) {
                        Some(text) => {
                            assert_eq!(text, found.to_string());
                            found += 1;
                        }
                        None if is_done => panic!("{found} is lost"),
                        None => {
                            assert_eq!(interner.get_text(Symbol::from_index(count).unwrap()), None)
                        }
                    }
                }
            });
            for n in 0..count {
                interner.symbol(&n.to_string());
            }
            done.store(true, Ordering::Release);
        });
    }

    #[test]
    fn what_was_seen_is_counted() {
        let interner = SyncInterner::new();
        let count = if cfg!(miri) { 50 } else { 300_000 };
        thread::scope(|scope| {
            scope.spawn(|| (0..count).for_each(|n| _ = interner.symbol(&n.to_string())));
            let mut iter = interner.iter();
            let mut seen = 0;
            while seen < count {
                let (rest, all) = (iter.clone(), interner.iter());
                if let Some((symbol, _)) = iter.next() {
                    seen += 1;
                    assert_eq!(symbol.index(), seen - 1);
                    assert!(interner.len() >= seen);
                    assert!(iter.size_hint().0 <= count - seen);
                    // Whoever passes some over comes to the same one, and never to one before.
                    assert_eq!(
                        all.clone().nth(seen - 1).map(|(symbol, _)| symbol),
                        Some(symbol)
                    );
                } else {
                    let (ahead, far) = (rest.clone().nth(2), all.clone().nth(seen + 2));
                    assert!(ahead.is_none_or(|(symbol, _)| symbol.index() == seen + 2));
                    assert!(far.is_none_or(|(symbol, _)| symbol.index() == seen + 2));
                }
            }
        });
    }

    #[test]
    fn texts_outlive_the_threads_that_added_them() {
        let interner = SyncInterner::new();
        let kept: Vec<&str> = thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|thread| {
                    let interner = &interner;
                    scope.spawn(move || interner.intern(&format!("of thread {thread}")))
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for (thread, text) in kept.iter().enumerate() {
            assert_eq!(*text, format!("of thread {thread}"));
        }
        let frozen = thread::spawn(move || interner.freeze()).join().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| assert!(frozen.get("of thread 1").is_some()));
            assert_eq!(frozen.len(), 3);
        });
    }
}

#[cfg(feature = "serde")]
mod documents {
    use super::*;
    use arenula::intern::{FrozenBytesInterner, FrozenInterner};
    use serde::Deserialize;
    use serde::de::value::{Error, SeqDeserializer};

    #[test]
    fn symbols_stay_what_they_are() {
        let interner: Interner = ["b", "a", "", "b\"\n"].into_iter().collect();
        let symbol = interner.symbol("a");
        let json = serde_json::to_string(&(&interner, symbol)).unwrap();
        assert_eq!(json, r#"[["b","a","","b\"\n"],1]"#);
        let (read, also): (Interner, Symbol) = serde_json::from_str(&json).unwrap();
        assert_eq!(&read[also], "a");
        check(&read, &["b", "a", "", "b\"\n"]);
        let (frozen, also): (FrozenInterner, Symbol) = serde_json::from_str(&json).unwrap();
        assert_eq!((&frozen[also], frozen.len()), ("a", 4));
        assert_eq!(serde_json::to_string(&(&frozen, symbol)).unwrap(), json);
        #[cfg(all(feature = "std", target_has_atomic = "64"))]
        {
            let (shared, also): (SyncInterner, Symbol) = serde_json::from_str(&json).unwrap();
            assert_eq!(&shared[also], "a");
            assert_eq!(serde_json::to_string(&(&shared, also)).unwrap(), json);
        }
    }

    #[test]
    fn bytes_stay_what_they_are() {
        let interner = BytesInterner::new();
        let texts: [&[u8]; 3] = [b"\xFF", b"", b"abc"];
        texts.iter().for_each(|text| _ = interner.symbol(text));
        let json = serde_json::to_string(&interner).unwrap();
        assert_eq!(json, "[[255],[],[97,98,99]]");
        check(
            &serde_json::from_str::<BytesInterner>(&json).unwrap(),
            &texts,
        );
        let frozen: FrozenBytesInterner = serde_json::from_str(&json).unwrap();
        assert_eq!(frozen.get(b"abc"), Some(&b"abc"[..]));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for json in [
            r#"["a","b","a"]"#,
            r#"["",""]"#,
            r#"["a",1]"#,
            r#"{"a":1}"#,
            r#"["a"#,
            "7",
        ] {
            assert!(serde_json::from_str::<Interner>(json).is_err(), "{json}");
            assert!(
                serde_json::from_str::<FrozenInterner>(json).is_err(),
                "{json}"
            );
        }
        let message = serde_json::from_str::<Interner>(r#"["a","b","a"]"#).unwrap_err();
        assert!(
            message
                .to_string()
                .contains("text 2 of an interner comes twice")
        );
        for json in ["[[256]]", "[[1],[1]]", "[[-1]]", "[1]"] {
            assert!(
                serde_json::from_str::<BytesInterner>(json).is_err(),
                "{json}"
            );
        }
        for json in ["4294967295", "-1", "4294967296", "\"a\"", "null"] {
            assert!(serde_json::from_str::<Symbol>(json).is_err(), "{json}");
        }
        assert_eq!(
            serde_json::from_str::<Symbol>("4294967294")
                .unwrap()
                .index(),
            4294967294
        );
    }

    #[test]
    fn lengths_that_are_claimed_reserve_nothing() {
        struct Claiming(std::array::IntoIter<&'static str, 2>);
        impl Iterator for Claiming {
            type Item = &'static str;
            fn next(&mut self) -> Option<&'static str> {
                self.0.next()
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                (usize::MAX, Some(usize::MAX))
            }
        }
        let deserializer = SeqDeserializer::<_, Error>::new(Claiming(["a", "b"].into_iter()));
        let interner = Interner::<RandomState>::deserialize(deserializer).unwrap();
        check(&interner, &["a", "b"]);
        assert!(interner.held_bytes() < 4096);
    }
}
