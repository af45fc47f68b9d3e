//! Strings in an arena beside the standard library's.

use arenula::string::String as Tested;
use arenula::{AllocOrInitError, Arena};

use crate::bytes::Bytes;
use crate::support::{Watch, Watched, panic_quietly, panics};

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let watch = Watch::default();
    let arena = Arena::<1, _>::with_min_align_in(Watched(&watch));
    // Several, so that it is not always the same one that can grow in place.
    let mut pairs: Vec<_> = (0..3)
        .map(|_| (Tested::new_in(&arena), String::new()))
        .collect();
    let mut may_refuse = false;
    for _ in 0..200 {
        if bytes.0.is_empty() {
            break;
        }
        match bytes.next() % 16 {
            0 => {
                watch.fail_after.set(bytes.nth());
                watch.fail_on.set(true);
                may_refuse |= watch.fail_after.get().is_some();
            }
            1 => {
                let limit = bytes.one_in(4).then(|| bytes.size() * 16);
                may_refuse |= limit.is_some();
                arena.set_limit(limit);
            }
            _ => {
                let (tested, model) = &mut pairs[usize::from(bytes.next() % 3)];
                if model.len() < 20_000 {
                    call(&mut bytes, &arena, tested, model, may_refuse);
                } else {
                    tested.clear();
                    model.clear();
                }
            }
        }
        for (tested, model) in &pairs {
            assert_eq!(tested.as_str(), model);
            assert!(tested.capacity() >= model.len());
        }
    }
}

/// A text: one character so often, or the bytes of the input as they are.
fn text(bytes: &mut Bytes<'_>) -> String {
    const CHARS: [char; 6] = ['a', '\u{e9}', '\u{20ac}', '\u{1d11e}', '\0', '\u{10ffff}'];
    match usize::from(bytes.next()) % 8 {
        kind @ 0..6 => {
            let len = bytes.size() % 300;
            std::iter::repeat_n(CHARS[kind], len).collect()
        }
        _ => String::from_utf8_lossy(raw(bytes)).into_owned(),
    }
}

/// The next few bytes of the input.
fn raw<'a>(bytes: &mut Bytes<'a>) -> &'a [u8] {
    let len = bytes.up_to(20).min(bytes.0.len());
    let (raw, rest) = bytes.0.split_at(len);
    bytes.0 = rest;
    raw
}

/// A place between two characters.
fn place(bytes: &mut Bytes<'_>, text: &str) -> usize {
    let mut at = bytes.index(text.len() + 1).unwrap();
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn range(bytes: &mut Bytes<'_>, text: &str) -> std::ops::Range<usize> {
    let (a, b) = (place(bytes, text), place(bytes, text));
    a.min(b)..a.max(b)
}

type TestedIn<'a, 'w> = Tested<&'a Arena<1, Watched<'w>>>;

fn call<'a, 'w>(
    bytes: &mut Bytes<'_>,
    arena: &'a Arena<1, Watched<'w>>,
    tested: &mut TestedIn<'a, 'w>,
    model: &mut String,
    may_refuse: bool,
) {
    // What is refused changes nothing.
    let done = |is_ok: bool| {
        assert!(is_ok || may_refuse, "refused without a reason");
        is_ok
    };
    match bytes.next() % 28 {
        0 | 1 => {
            let text = text(bytes);
            if done(tested.try_push_str(&text).is_ok()) {
                model.push_str(&text);
            }
        }
        2 => {
            let ch = text(bytes).chars().next().unwrap_or('x');
            if done(tested.try_push(ch).is_ok()) {
                model.push(ch);
            }
        }
        3 => {
            let (at, ch) = (
                place(bytes, model),
                text(bytes).chars().next().unwrap_or('y'),
            );
            if done(tested.try_insert(at, ch).is_ok()) {
                model.insert(at, ch);
            }
        }
        4 | 5 => {
            let (at, text) = (place(bytes, model), text(bytes));
            if done(tested.try_insert_str(at, &text).is_ok()) {
                model.insert_str(at, &text);
            }
        }
        6 | 7 => {
            let (range, text) = (range(bytes, model), text(bytes));
            if done(tested.try_replace_range(range.clone(), &text).is_ok()) {
                model.replace_range(range, &text);
            }
        }
        8 => {
            let at = place(bytes, model);
            if at < model.len() {
                assert_eq!(tested.remove(at), model.remove(at));
            }
        }
        9 => assert_eq!(tested.pop(), model.pop()),
        10 => {
            let at = place(bytes, model);
            tested.truncate(at);
            model.truncate(at);
        }
        11 => {
            tested.clear();
            model.clear();
        }
        12 => {
            let keep = bytes.next();
            let bomb = bytes.nth();
            let predicate = || {
                let mut seen = 0;
                move |ch: char| {
                    if bomb == Some(seen) {
                        panic_quietly();
                    }
                    seen += 1;
                    (ch as usize + seen) % (usize::from(keep % 4) + 2) != 0
                }
            };
            let panicked = panics(|| tested.retain(predicate()));
            assert_eq!(panics(|| model.retain(predicate())), panicked);
        }
        13 | 14 => {
            let range = range(bytes, model);
            let (mut a, mut b) = (tested.drain(range.clone()), model.drain(range));
            for _ in 0..bytes.up_to(8) {
                assert_eq!(a.as_str(), b.as_str());
                if bytes.flag() {
                    assert_eq!(a.next(), b.next());
                } else {
                    assert_eq!(a.next_back(), b.next_back());
                }
            }
        }
        15 => {
            let at = place(bytes, model);
            if let Ok(tail) = tested.try_split_off(at) {
                assert_eq!(tail, model.split_off(at));
            } else {
                done(false);
            }
        }
        16 => {
            let range = range(bytes, model);
            if done(tested.try_extend_from_within(range.clone()).is_ok()) {
                let again = model[range].to_owned();
                model.push_str(&again);
            }
        }
        17 => {
            let text = text(bytes);
            let number = bytes.size();
            if done(
                tested
                    .try_push_fmt(format_args!("{text:>9}-{number:#x}{text}"))
                    .is_ok(),
            ) {
                use std::fmt::Write;
                write!(model, "{text:>9}-{number:#x}{text}").unwrap();
            }
        }
        18 => {
            let more = bytes.size();
            if done(tested.try_reserve(more).is_ok()) {
                assert!(tested.capacity() >= model.len() + more);
            }
        }
        19 => {
            if done(tested.try_reserve_exact(bytes.size()).is_ok()) {
                assert!(tested.capacity() >= model.len());
            }
        }
        20 => tested.shrink_to_fit(),
        21 => {
            let to = bytes.size();
            tested.shrink_to(to);
        }
        22 => match tested.try_clone() {
            Ok(clone) => *tested = clone,
            Err(_) => _ = done(false),
        },
        23 => {
            let raw = raw(bytes);
            if let Ok(lossy) = Tested::try_from_utf8_lossy_in(raw, arena) {
                *tested = lossy;
                *model = String::from_utf8_lossy(raw).into_owned();
            } else {
                done(false);
            }
        }
        24 => {
            let units: Vec<u16> = (raw(bytes).chunks_exact(2))
                .map(|two| u16::from_le_bytes([two[0], two[1]]))
                .collect();
            if let Ok(lossy) = Tested::try_from_utf16_lossy_in(&units, arena) {
                *tested = lossy;
                *model = String::from_utf16_lossy(&units);
            } else {
                done(false);
            }
            match Tested::try_from_utf16_in(&units, arena) {
                Ok(exact) => assert_eq!(exact, String::from_utf16(&units).unwrap()),
                Err(AllocOrInitError::Init(_)) => assert!(String::from_utf16(&units).is_err()),
                Err(_) => _ = done(false),
            }
        }
        25 => {
            let whole = std::mem::replace(tested, Tested::new_in(arena));
            let kept = std::mem::take(model);
            if bytes.flag() {
                assert_eq!(*whole.into_str(), *kept);
            } else if let Ok(boxed) = whole.try_into_boxed_str() {
                assert_eq!(*boxed, *kept);
                *tested = boxed.into();
                *model = kept;
            } else {
                done(false);
            }
        }
        26 => {
            let raw = raw(bytes);
            let mut vec = allocator_api2::vec::Vec::new_in(arena);
            if vec.try_reserve(raw.len()).is_ok() {
                vec.extend_from_slice(raw);
                match (Tested::from_utf8(vec), String::from_utf8(raw.to_vec())) {
                    (Ok(a), Ok(b)) => (*tested, *model) = (a, b),
                    (Err(a), Err(b)) => assert_eq!(a.utf8_error(), b.utf8_error()),
                    _ => panic!("only one of them is UTF-8"),
                }
            }
        }
        _ => {
            tested.make_ascii_uppercase();
            model.make_ascii_uppercase();
        }
    }
}
