//! The columns, and the contenders of each row, of what other benchmarks have behind their interfaces.

use arenula::TypedArena;
use arenula::pool::{Pool, Slots};
use blink_alloc::Blink;
use bump_scope::Bump;
use peers::{Column, Role};
use slotmap::{DefaultKey, DenseSlotMap, SlotMap};
use stable_arena::DroplessArena;

use crate::others::arenas::Arena;
use crate::others::interners::{Buckets, Lexicon, Ours, ParaCord, Rodeo, Strings, Texts};
use crate::others::pools::{self, DENSE, Lasting, PLURALITY, SLAB, SLOTMAP, THUNDERDOME, Value};
use crate::others::typed::{ARENULA, BOXES, STABLE_ARENA, TYPED_ARENA};
use crate::work::{
    Node, State, names_in_interner, nodes_in_arena, nodes_in_boxes, nodes_in_typed,
    values_in_store, words_in_arena, words_in_boxes,
};

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: ARENULA,
        role: Role::Subject,
        note: "Arena, TypedArena, Pool, Slots or Interner, as the row begins",
    },
    Column {
        name: <arenula::Arena<1> as Arena>::NAME,
        role: Role::Variant,
        note: "Arena<1>, which pads no texts",
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
        name: <Blink as Arena>::NAME,
        role: Role::Peer,
        note: "Blink",
    },
    Column {
        name: <multitude::Arena as Arena>::NAME,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: STABLE_ARENA,
        role: Role::Peer,
        note: "DroplessArena, which cannot be emptied but by making a new one, or TypedArena",
    },
    Column {
        name: TYPED_ARENA,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: PLURALITY,
        role: Role::Peer,
        note: "Pool",
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
        name: DENSE,
        role: Role::Peer,
        note: "DenseSlotMap, whose values move when others are removed",
    },
    Column {
        name: THUNDERDOME,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: <Strings as Texts>::NAME,
        role: Role::Peer,
        note: "string-interner, its default backend (text moves)",
    },
    Column {
        name: <Buckets as Texts>::NAME,
        role: Role::Peer,
        note: "string-interner, BucketBackend",
    },
    Column {
        name: <Lexicon as Texts>::NAME,
        role: Role::Peer,
        note: "internity::LocalLexicon (text moves)",
    },
    Column {
        name: <Rodeo as Texts>::NAME,
        role: Role::Peer,
        note: "lasso::Rodeo",
    },
    Column {
        name: <ParaCord as Texts>::NAME,
        role: Role::Peer,
        note: "ParaCord",
    },
    Column {
        name: BOXES,
        role: Role::Peer,
        note: "boxes by the system's allocator, without the pointers to them",
    },
];

/// The name of a column, and what tells the bytes that are held for a number of objects.
pub type Contender = (&'static str, fn(usize, State) -> usize);

pub const ARENAS_OF_NODES: &[Contender] = &[
    (ARENULA, nodes_in_arena::<arenula::Arena>),
    (
        <arenula::Arena<1> as Arena>::NAME,
        nodes_in_arena::<arenula::Arena<1>>,
    ),
    (
        <stumpalo::Arena as Arena>::NAME,
        nodes_in_arena::<stumpalo::Arena>,
    ),
    (<Bump as Arena>::NAME, nodes_in_arena::<Bump>),
    (
        <bumpalo::Bump as Arena>::NAME,
        nodes_in_arena::<bumpalo::Bump>,
    ),
    (<Blink as Arena>::NAME, nodes_in_arena::<Blink>),
    (
        <multitude::Arena as Arena>::NAME,
        nodes_in_arena::<multitude::Arena>,
    ),
    (STABLE_ARENA, nodes_in_arena::<DroplessArena>),
    (BOXES, nodes_in_boxes),
];

pub const ARENAS_OF_WORDS: &[Contender] = &[
    (ARENULA, words_in_arena::<arenula::Arena>),
    (
        <arenula::Arena<1> as Arena>::NAME,
        words_in_arena::<arenula::Arena<1>>,
    ),
    (
        <stumpalo::Arena as Arena>::NAME,
        words_in_arena::<stumpalo::Arena>,
    ),
    (<Bump as Arena>::NAME, words_in_arena::<Bump>),
    (
        <bumpalo::Bump as Arena>::NAME,
        words_in_arena::<bumpalo::Bump>,
    ),
    (<Blink as Arena>::NAME, words_in_arena::<Blink>),
    (
        <multitude::Arena as Arena>::NAME,
        words_in_arena::<multitude::Arena>,
    ),
    (STABLE_ARENA, words_in_arena::<DroplessArena>),
    (BOXES, words_in_boxes),
];

pub const TYPED_ARENAS: &[Contender] = &[
    (ARENULA, nodes_in_typed::<TypedArena<Node>>),
    (TYPED_ARENA, nodes_in_typed::<typed_arena::Arena<Node>>),
    (
        STABLE_ARENA,
        nodes_in_typed::<stable_arena::TypedArena<Node>>,
    ),
    (BOXES, nodes_in_boxes),
];

pub const POOLS: &[Contender] = &[
    (ARENULA, values_in_store::<Lasting<Pool<Value>>>),
    (
        PLURALITY,
        values_in_store::<Lasting<plurality::Pool<Value>>>,
    ),
    (BOXES, values_in_store::<pools::Boxes>),
];

pub const SLOTS: &[Contender] = &[
    (ARENULA, values_in_store::<Slots<Value>>),
    (SLAB, values_in_store::<slab::Slab<Value>>),
    (SLOTMAP, values_in_store::<SlotMap<DefaultKey, Value>>),
    (DENSE, values_in_store::<DenseSlotMap<DefaultKey, Value>>),
    (THUNDERDOME, values_in_store::<thunderdome::Arena<Value>>),
    (BOXES, values_in_store::<pools::Boxes>),
];

pub const INTERNERS: &[Contender] = &[
    (<Ours as Texts>::NAME, names_in_interner::<Ours>),
    (<Strings as Texts>::NAME, names_in_interner::<Strings>),
    (<Buckets as Texts>::NAME, names_in_interner::<Buckets>),
    (<Lexicon as Texts>::NAME, names_in_interner::<Lexicon>),
    (<Rodeo as Texts>::NAME, names_in_interner::<Rodeo>),
    (<ParaCord as Texts>::NAME, names_in_interner::<ParaCord>),
];
