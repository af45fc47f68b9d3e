//! The tree in an arena: nodes refer to other nodes by `&'ast T` and `&'ast [T]`, and to names by `&'ast str`.
//!
//! Names are interned: each text is there once, however often it stands in the source. The interner is in the arena
//! too, with the room that it needs to find them, so that they live as long as the tree. The source is not kept.

use std::vec::Drain;

use arenula::intern::{DefaultHasher, InternerOf, Local};
use arenula::{Arena, Owned, Root, Stats};

use super::error::Error;
use super::parser;
use super::tree::{
    Conditional, Element, EnumMember, File, Import, Many, Mapped, Member, One, Parameter,
    Signature, Span, Statement, Tree, Type, TypeParameter,
};

/// What a source declares, with the arena that all of it lies in.
///
/// It borrows nothing from the source, and can be sent to other threads.
pub struct Parsed {
    root: Owned<File<InArena<'static>>>,
}

impl Root for File<InArena<'_>> {
    type Of<'ast> = File<InArena<'ast>>;
}

pub fn parse(source: &str) -> Result<Parsed, Error> {
    parse_in(Arena::new(), source).map_err(|(error, _)| error)
}

/// [`parse`], in memory that is there already, from [`Parsed::into_arena`].
pub fn parse_in(arena: Arena, source: &str) -> Result<Parsed, (Error, Arena)> {
    let outcome = Owned::try_new_in(arena, |arena| parser::parse(source, &InArena::new(arena)));
    match outcome {
        Ok(root) => Ok(Parsed { root }),
        Err((arenula::AllocOrInitError::Init(error), arena)) => Err((error, arena)),
        Err((arenula::AllocOrInitError::Alloc(error), _)) => panic!("{error}"),
    }
}

impl Parsed {
    /// Shows the tree to a function, which must not ask how long it lives.
    pub fn with<R>(&self, f: impl for<'ast> FnOnce(&File<InArena<'ast>>) -> R) -> R {
        self.root.with(f)
    }

    /// The arena, empty, with the memory that it has.
    pub fn into_arena(self) -> Arena {
        self.root.into_arena()
    }

    pub fn stats(&mut self) -> Stats {
        self.root.stats()
    }
}

/// Keeps each text once. It needs no destructor: all its memory is the arena's.
type Names<'ast> = InternerOf<str, DefaultHasher, Local<&'ast Arena>>;

pub struct InArena<'ast> {
    arena: &'ast Arena,
    names: &'ast Names<'ast>,
}

impl<'ast> InArena<'ast> {
    pub fn new(arena: &'ast Arena) -> Self {
        let names = arena.alloc(Names::new_in(arena));
        InArena { arena, names }
    }
}

impl<'ast> Tree for InArena<'ast> {
    type Name = &'ast str;

    type Type = &'ast Type<Self>;
    type Conditional = &'ast Conditional<Self>;
    type Import = &'ast Import<Self>;
    type Mapped = &'ast Mapped<Self>;
    type Signature = &'ast Signature<Self>;

    type Types = &'ast [Type<Self>];
    type Elements = &'ast [Element<Self>];
    type Spans = &'ast [Span<Self>];
    type Members = &'ast [Member<Self>];
    type Parameters = &'ast [Parameter<Self>];
    type TypeParameters = &'ast [TypeParameter<Self>];
    type EnumMembers = &'ast [EnumMember<Self>];
    type Statements = &'ast [Statement<Self>];

    #[inline]
    fn name(&self, text: &str) -> &'ast str {
        self.names.intern(text)
    }
}

impl<'ast, X> One<X, InArena<'ast>> for &'ast X {
    #[inline]
    fn new(node: X, tree: &InArena<'ast>) -> Self {
        tree.arena.alloc(node)
    }
}

impl<'ast, X> Many<X, InArena<'ast>> for &'ast [X] {
    #[inline]
    fn new(nodes: Drain<'_, X>, tree: &InArena<'ast>) -> Self {
        tree.arena.alloc_slice_fill_iter(nodes)
    }
}
