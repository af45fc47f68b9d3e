//! The columns, of what other benchmarks have behind their interfaces, and the one contender that none of them has.

use std::cell::UnsafeCell;

use bump_scope::Bump;
use peers::{Column, Role};

use crate::others::arenas::Arena;
use crate::others::interners::{Buckets, Lexicon, Rodeo, Texts};
use crate::others::pools::{SLAB, SLOTMAP, THUNDERDOME};
use crate::others::typed::{self, ARENULA, BOXES, STABLE_ARENA, TYPED_ARENA};

const VEC: &str = "Vec";

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: ARENULA,
        role: Role::Subject,
        note: "Arena, TypedArena, Slots or Interner, as the row begins",
    },
    Column {
        name: <stumpalo::Arena as Arena>::NAME,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: <Bump as Arena>::NAME,
        role: Role::Peer,
        note: "Bump",
    },
    Column {
        name: <bumpalo::Bump as Arena>::NAME,
        role: Role::Peer,
        note: "Bump",
    },
    Column {
        name: TYPED_ARENA,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: STABLE_ARENA,
        role: Role::Peer,
        note: "TypedArena",
    },
    Column {
        name: SLAB,
        role: Role::Peer,
        note: "Slab, whose keys have no generations",
    },
    Column {
        name: SLOTMAP,
        role: Role::Peer,
        note: "SlotMap",
    },
    Column {
        name: THUNDERDOME,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: <Buckets as Texts>::NAME,
        role: Role::Peer,
        note: "string-interner, BucketBackend",
    },
    Column {
        name: <Lexicon as Texts>::NAME,
        role: Role::Peer,
        note: "internity::LocalLexicon, whose text moves; with the hasher that all have here",
    },
    Column {
        name: <Rodeo as Texts>::NAME,
        role: Role::Peer,
        note: "lasso::Rodeo, with the hasher that all have here",
    },
    Column {
        name: BOXES,
        role: Role::Peer,
        note: "Vec of boxes",
    },
    Column {
        name: VEC,
        role: Role::Peer,
        note: "Vec of the values, which moves them where it grows, so that nobody can keep a reference",
    },
];

/// A vector of values, which move.
pub struct Growing<T>(UnsafeCell<Vec<T>>);

impl<T: 'static> typed::Arena<T> for Growing<T> {
    const NAME: &'static str = VEC;

    #[inline(always)]
    fn new() -> Self {
        Self(UnsafeCell::default())
    }

    fn with_capacity(count: usize) -> Self {
        Self(UnsafeCell::new(Vec::with_capacity(count)))
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        // SAFETY: there is no other reference to the vector.
        let vec = unsafe { &mut *self.0.get() };
        vec.push(value);
        // SAFETY: the last one is there.
        unsafe { vec.as_mut_ptr().add(vec.len() - 1) }
    }
}
