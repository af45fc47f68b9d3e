//! Interners beside a map: of one thread and of many, with hashers that collide or panic, limits, and memory that runs out.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use arenula::intern::{InternerOf, Local, Memory, Shared, Symbol};

use crate::backing::Backing;
use crate::bytes::Bytes;
use crate::support::{panic_quietly, panics};

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let backing = Backing::default();
    let fuse = AtomicUsize::new(usize::MAX);
    let hasher = Masked {
        mask: [u64::MAX, 0, 0x7, 0xff << 56][usize::from(bytes.next() % 4)],
        fuse: &fuse,
    };
    if bytes.flag() {
        let interner = InternerOf::<str, _, Local<&Backing>>::with_hasher_in(hasher, &backing);
        drive(&mut bytes, interner, &backing, &fuse, Model::call);
    } else {
        let interner = InternerOf::<str, _, Shared<&Backing>>::with_hasher_in(hasher, &backing);
        drive(
            &mut bytes,
            interner,
            &backing,
            &fuse,
            |model, bytes, interner| {
                std::thread::scope(|scope| {
                    scope.spawn(|| model.call(bytes, interner));
                });
            },
        );
    }
}

/// Hashes, but for all bits that are not in the mask. Panics when the fuse has burnt down.
#[derive(Clone, Copy)]
struct Masked<'f> {
    mask: u64,
    fuse: &'f AtomicUsize,
}

struct Hashing(u64, u64);

impl BuildHasher for Masked<'_> {
    type Hasher = Hashing;

    fn build_hasher(&self) -> Hashing {
        match self.fuse.load(Ordering::Relaxed) {
            usize::MAX => {}
            0 => {
                self.fuse.store(usize::MAX, Ordering::Relaxed);
                panic_quietly();
            }
            left => self.fuse.store(left - 1, Ordering::Relaxed),
        }
        Hashing(self.mask, 0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Hashing {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.1 = (self.1 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.1.wrapping_mul(0x9e37_79b9_7f4a_7c15) & self.0
    }
}

#[derive(Default)]
struct Model {
    texts: Vec<(String, *const u8)>,
    symbols: HashMap<String, Symbol>,
    may_refuse: bool,
}

// SAFETY: the addresses are only compared.
unsafe impl Send for Model {}

const STATIC: [&str; 4] = ["", "static", "another that is static", "a"];

fn text(bytes: &mut Bytes<'_>) -> String {
    match bytes.next() {
        // Those around the longest that keep their length in a byte.
        edge @ 248.. => "e".repeat(usize::from(edge - 248) + 250),
        wide @ 224.. => "\u{e9}".repeat(usize::from(wide)) + "x",
        kind => {
            let len = bytes.size() % 40;
            format!(
                "{}{}",
                kind % 16,
                "abcd".repeat(len / 8).as_str().get(..len / 2).unwrap_or("")
            )
        }
    }
}

impl Model {
    /// What interning a text has answered, if it was not refused.
    fn interned(&mut self, text: &str, symbol: Option<Symbol>, at: &str) {
        assert_eq!(at, text);
        match self.symbols.get(text) {
            Some(known) => {
                assert!(symbol.is_none_or(|symbol| symbol == *known));
                assert_eq!(
                    self.texts[known.index()].1,
                    at.as_ptr(),
                    "one text, two places"
                );
            }
            None => {
                let symbol = symbol.or(Symbol::from_index(self.texts.len())).unwrap();
                assert_eq!(symbol.index(), self.texts.len(), "symbols have gaps");
                self.texts.push((text.to_owned(), at.as_ptr()));
                self.symbols.insert(text.to_owned(), symbol);
            }
        }
    }

    fn refused(&self, text: &str) {
        assert!(
            !self.symbols.contains_key(text),
            "what is there needs no memory"
        );
        assert!(self.may_refuse, "refused without a reason");
    }

    fn call<M: Memory>(
        &mut self,
        bytes: &mut Bytes<'_>,
        interner: &InternerOf<str, Masked<'_>, M>,
    ) {
        match bytes.next() % 8 {
            0 | 1 => {
                let text = text(bytes);
                match interner.try_intern(&text) {
                    Ok(at) => self.interned(&text, None, at),
                    Err(_) => self.refused(&text),
                }
            }
            2 | 3 => {
                let text = text(bytes);
                match interner.try_symbol(&text) {
                    Ok(symbol) => self.interned(&text, Some(symbol), interner.resolve(symbol)),
                    Err(_) => self.refused(&text),
                }
            }
            4 => {
                let text = STATIC[usize::from(bytes.next()) % STATIC.len()];
                if bytes.flag() {
                    match interner.try_intern_static(text) {
                        Ok(at) => self.interned(text, None, at),
                        Err(_) => self.refused(text),
                    }
                } else {
                    match interner.try_symbol_static(text) {
                        Ok(symbol) => self.interned(text, Some(symbol), &interner[symbol]),
                        Err(_) => self.refused(text),
                    }
                }
            }
            5 => {
                let text = text(bytes);
                let known = self.symbols.get(&text).copied();
                assert_eq!(interner.get_symbol(&text), known);
                assert_eq!(interner.get(&text), known.map(|_| text.as_str()));
            }
            6 => {
                let any = Symbol::from_index(bytes.size()).unwrap();
                let known = self.texts.get(any.index()).map(|(text, _)| text.as_str());
                assert_eq!(interner.get_text(any), known);
            }
            _ => {
                let (texts, room) = (bytes.size() % 1000, bytes.size());
                let done = interner.try_reserve(texts, room).is_ok();
                assert!(done || self.may_refuse, "refused without a reason");
            }
        }
    }

    fn check<M: Memory>(&self, interner: &InternerOf<str, Masked<'_>, M>) {
        assert_eq!(interner.len(), self.texts.len());
        let mut known = self.texts.iter().enumerate();
        for (symbol, text) in interner {
            let (index, (known, at)) = known.next().unwrap();
            assert_eq!(
                (symbol.index(), text, text.as_ptr()),
                (index, known.as_str(), *at)
            );
        }
        assert!(known.next().is_none());
    }
}

/// Drives an interner. What is called elsewhere may be so on another thread.
fn drive<'f, M: Memory>(
    bytes: &mut Bytes<'_>,
    mut interner: InternerOf<str, Masked<'f>, M>,
    backing: &Backing,
    fuse: &AtomicUsize,
    elsewhere: impl Fn(&mut Model, &mut Bytes<'_>, &InternerOf<str, Masked<'f>, M>),
) {
    let mut model = Model::default();
    for _ in 0..120 {
        if bytes.0.is_empty() {
            break;
        }
        match bytes.next() % 32 {
            0 => {
                let limit = bytes.flag().then(|| bytes.size() * 4);
                model.may_refuse |= limit.is_some();
                interner.set_limit(limit);
                assert_eq!(interner.limit(), limit);
            }
            1 | 2 => {
                let nth = bytes.nth();
                model.may_refuse |= nth.is_some();
                backing.fail_after(nth);
            }
            3 => {
                fuse.store(bytes.up_to(3), Ordering::Relaxed);
                let panicked = panics(|| model.call(bytes, &interner));
                assert!(!panicked || fuse.load(Ordering::Relaxed) == usize::MAX);
                fuse.store(usize::MAX, Ordering::Relaxed);
            }
            4 => {
                interner.reset();
                model.texts.clear();
                model.symbols.clear();
            }
            5 => elsewhere(&mut model, bytes, &interner),
            _ => model.call(bytes, &interner),
        }
        model.check(&interner);
        assert_eq!(interner.held_bytes(), backing.bytes());
    }
    match interner.try_freeze() {
        Ok(frozen) => {
            assert_eq!(frozen.len(), model.texts.len());
            for (text, symbol) in &model.symbols {
                assert_eq!(
                    (frozen.get_symbol(text), frozen.resolve(*symbol)),
                    (Some(*symbol), text.as_str())
                );
            }
            assert_eq!(frozen.get("not there at all"), None);
        }
        Err(interner) => {
            assert!(model.may_refuse, "refused without a reason");
            model.check(&interner);
        }
    }
}
