//! Threads that meet in an interner, in every order.

use crate::intern::{Symbol, SyncInterner};
use core::hash::{BuildHasher, Hasher};
use loom::sync::Arc;
use loom::thread;

/// Texts of the same first byte have the same hash.
#[derive(Clone, Copy)]
struct First;

struct FirstHasher(u64);

impl Hasher for FirstHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first().copied().unwrap_or_default().into();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl BuildHasher for First {
    type Hasher = FirstHasher;

    fn build_hasher(&self) -> FirstHasher {
        FirstHasher(0)
    }
}

fn with(texts: &[&str]) -> Arc<SyncInterner<First>> {
    let interner = SyncInterner::with_hasher(First);
    for text in texts {
        interner.symbol(text);
    }
    Arc::new(interner)
}

/// What holds of an interner whenever nobody uses it.
fn check(interner: &SyncInterner<First>, texts: &[&str]) {
    assert_eq!(interner.len(), texts.len());
    for text in texts {
        let symbol = interner.get_symbol(text).expect("no text is lost");
        assert_eq!(interner.resolve(symbol), *text);
    }
    assert_eq!(interner.iter().count(), texts.len());
}

#[test]
fn insert_against_insert_of_the_same() {
    loom::model(|| {
        let interner = with(&[]);
        let other = interner.clone();
        let thread = thread::spawn(move || other.symbol("a"));
        let symbol = interner.symbol("a");
        assert_eq!(thread.join().unwrap(), symbol);
        check(&interner, &["a"]);
    });
}

#[test]
fn insert_against_insert_of_another_in_the_same_place() {
    loom::model(|| {
        let interner = with(&[]);
        let other = interner.clone();
        let thread = thread::spawn(move || (other.symbol("ab"), other.symbol("a")));
        let symbol = interner.symbol("a");
        assert_eq!(thread.join().unwrap().1, symbol);
        check(&interner, &["a", "ab"]);
    });
}

// Of the two that meet, the one that reads is the thread that is started: so it finds all that was ever
// written, from the oldest on.

#[test]
fn insert_against_resolve() {
    loom::model(|| {
        let interner = with(&[]);
        let other = interner.clone();
        let first = Symbol::from_index(0).unwrap();
        let thread = thread::spawn(move || {
            // There is no telling whether it is there, but if so, it is whole, and stays.
            if let Some(text) = other.get_text(first) {
                assert_eq!(text, "a");
                assert_eq!(other.get_text(first), Some("a"));
            }
        });
        assert_eq!(interner.symbol("a"), first);
        thread.join().unwrap();
        check(&interner, &["a"]);
    });
}

#[test]
fn insert_against_len() {
    loom::model(|| {
        let interner = with(&["a"]);
        let other = interner.clone();
        let thread = thread::spawn(move || {
            // What is counted is there.
            let last = Symbol::from_index(other.len() - 1).unwrap();
            other.resolve(last).len()
        });
        interner.symbol("ab");
        assert!(thread.join().unwrap() <= 2);
        check(&interner, &["a", "ab"]);
    });
}

#[test]
fn insert_against_symbol_and_len() {
    loom::model(|| {
        let interner = with(&["a"]);
        let other = interner.clone();
        let thread = thread::spawn(move || {
            // What was seen is counted.
            if let Some(symbol) = other.get_symbol("ab") {
                assert!(other.len() > symbol.index());
            }
        });
        interner.symbol("ab");
        thread.join().unwrap();
        check(&interner, &["a", "ab"]);
    });
}

#[test]
fn insert_against_iteration() {
    loom::model(|| {
        let interner = with(&["a"]);
        let other = interner.clone();
        let thread = thread::spawn(move || {
            let mut iter = other.iter();
            while let Some((symbol, _)) = iter.next() {
                assert!(iter.size_hint().0 <= 1 - symbol.index());
            }
            // There are never three.
            assert!(other.iter().nth(2).is_none());
        });
        interner.symbol("ab");
        thread.join().unwrap();
        check(&interner, &["a", "ab"]);
    });
}

#[test]
fn insert_against_look_up() {
    loom::model(|| {
        let interner = with(&[]);
        let other = interner.clone();
        let thread = thread::spawn(move || {
            if let Some(symbol) = other.get_symbol("a") {
                assert_eq!((symbol.index(), other.resolve(symbol)), (0, "a"));
            }
        });
        interner.symbol("a");
        thread.join().unwrap();
        check(&interner, &["a"]);
    });
}

#[test]
fn growth_against_look_up() {
    loom::model(|| {
        let texts = ["a", "b", "c", "d"];
        // One more is too many for the first table.
        assert_eq!(super::table::TAKEN, 3);
        let interner = with(&texts[..3]);
        let other = interner.clone();
        let thread = thread::spawn(move || {
            // Either table has what was there before.
            assert_eq!(other.get_symbol("c").map(Symbol::index), Some(2));
            if let Some(symbol) = other.get_symbol("d") {
                assert_eq!((symbol.index(), other.resolve(symbol)), (3, "d"));
            }
        });
        assert_eq!(interner.symbol("d").index(), 3);
        thread.join().unwrap();
        check(&interner, &texts);
    });
}

#[test]
fn growth_against_insert() {
    loom::model(|| {
        let interner = with(&["a", "b", "c"]);
        let other = interner.clone();
        let thread = thread::spawn(move || other.symbol("d"));
        let symbol = interner.symbol("e");
        assert_ne!(thread.join().unwrap(), symbol);
        check(&interner, &["a", "b", "c", "d", "e"]);
    });
}
