//! The tree on the heap: nodes own other nodes by `Box` and `Vec`, and their names by `String`.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::vec::Drain;

use super::error::Error;
use super::parser;
use super::tree::{
    Conditional, Element, EnumMember, File, Import, Many, Mapped, Member, One, Parameter,
    Signature, Span, Statement, Tree, Type, TypeParameter,
};

/// What a source declares, on the heap.
pub struct Parsed {
    file: File<Heap>,
}

pub fn parse(source: &str) -> Result<Parsed, Error> {
    let file = parser::parse(source, &Heap)?;
    Ok(Parsed { file })
}

impl Parsed {
    pub fn file(&self) -> &File<Heap> {
        &self.file
    }
}

pub struct Heap;

impl Tree for Heap {
    type Name = String;

    type Type = Owner<Type<Self>>;
    type Conditional = Owner<Conditional<Self>>;
    type Import = Owner<Import<Self>>;
    type Mapped = Owner<Mapped<Self>>;
    type Signature = Owner<Signature<Self>>;

    type Types = Owners<Type<Self>>;
    type Elements = Owners<Element<Self>>;
    type Spans = Owners<Span<Self>>;
    type Members = Owners<Member<Self>>;
    type Parameters = Owners<Parameter<Self>>;
    type TypeParameters = Owners<TypeParameter<Self>>;
    type EnumMembers = Owners<EnumMember<Self>>;
    type Statements = Owners<Statement<Self>>;

    #[inline]
    fn name(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// A `Box`, whose destructor is not called too deep.
pub struct Owner<X: 'static>(ManuallyDrop<Box<X>>);

impl<X> One<X, Heap> for Owner<X> {
    #[inline]
    fn new(node: X, _: &Heap) -> Self {
        Owner(ManuallyDrop::new(Box::new(node)))
    }
}

impl<X> Deref for Owner<X> {
    type Target = X;

    #[inline]
    fn deref(&self) -> &X {
        &self.0
    }
}

impl<X> Drop for Owner<X> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is dropped once, here, and nobody sees it after.
        drop_in_reach(unsafe { ManuallyDrop::take(&mut self.0) });
    }
}

/// A `Vec`, likewise.
pub struct Owners<X: 'static>(Vec<X>);

impl<X> Many<X, Heap> for Owners<X> {
    #[inline]
    fn new(nodes: Drain<'_, X>, _: &Heap) -> Self {
        Owners(nodes.collect())
    }
}

impl<X> Deref for Owners<X> {
    type Target = [X];

    #[inline]
    fn deref(&self) -> &[X] {
        &self.0
    }
}

impl<X> Drop for Owners<X> {
    #[inline]
    fn drop(&mut self) {
        if self.0.capacity() > 0 {
            drop_in_reach(mem::take(&mut self.0));
        }
    }
}

/// How many destructors run inside of each other.
const REACH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether there is something in `BEYOND`, which costs more to ask.
    static WAITS: Cell<bool> = const { Cell::new(false) };
    /// What is to be dropped when the destructors that run now are done.
    static BEYOND: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Drops some nodes, which would overflow the stack if they were nested deep and each dropped the next one: what is too
/// far down waits for its turn. (A tree in an arena has no destructors.)
#[inline]
fn drop_in_reach<X: 'static>(nodes: X) {
    let depth = DEPTH.get();
    if depth == REACH {
        WAITS.set(true);
        return BEYOND.with_borrow_mut(|beyond| beyond.push(Box::new(nodes)));
    }
    DEPTH.set(depth + 1);
    drop(nodes);
    if depth == 0 && WAITS.get() {
        while let Some(nodes) = BEYOND.with_borrow_mut(Vec::pop) {
            drop(nodes);
        }
        WAITS.set(false);
    }
    DEPTH.set(depth);
}
