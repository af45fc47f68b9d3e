//! Who is compared, and how each does it.

use std::mem;

use arenula::{Arena, CovariantRoot, DoubleBuffer, Owned, Root};
use bumpalo::Bump;
use peers::{Column, Role};
use self_cell::self_cell;
use yoke::Yoke;

use crate::work::Node;

pub const COLUMNS: &[Column] = &[
    Column {
        name: "arenula",
        role: Role::Subject,
        note: "Owned; frames: DoubleBuffer",
    },
    Column {
        name: "arenula, else",
        role: Role::Variant,
        note: "lives: Owned, in the arena of the one before; frames: a new Owned each time",
    },
    Column {
        name: "self_cell",
        role: Role::Peer,
        note: "a self_cell over bumpalo's arena",
    },
    Column {
        name: "yoke",
        role: Role::Peer,
        note: "a Yoke to a box with bumpalo's arena",
    },
    Column {
        name: "no owner",
        role: Role::Limit,
        note: "lives: an Arena that is reset; frames: two vectors that are swapped",
    },
];

/// An owner of a tree.
pub trait Lives: Default + 'static {
    const NAME: &'static str;
    type Owner;

    fn make(count: usize) -> Self::Owner;
    fn read(owner: &Self::Owner) -> &Node<'_>;

    /// Makes an owner, reads it, and lets it go.
    #[inline(always)]
    fn life(&mut self, count: usize) -> u64 {
        Self::read(&Self::make(count)).sum()
    }
}

pub enum Tree {}

impl Root for Tree {
    type Of<'a> = &'a Node<'a>;
}

impl CovariantRoot for Tree {
    fn shrink<'short, 'long: 'short>(
        root: &'short &'long Node<'long>,
    ) -> &'short &'short Node<'short> {
        root
    }
}

#[inline(always)]
fn tree(arena: &Arena, count: usize) -> &Node<'_> {
    Node::build(count, |node| arena.alloc(node))
}

#[inline(always)]
fn bump_tree(bump: &Bump, count: usize) -> &Node<'_> {
    Node::build(count, |node| bump.alloc(node))
}

#[derive(Default)]
pub struct Fresh;

impl Lives for Fresh {
    const NAME: &'static str = "arenula";
    type Owner = Owned<Tree>;

    #[inline(always)]
    fn make(count: usize) -> Owned<Tree> {
        Owned::new(|arena| tree(arena, count))
    }

    #[inline(always)]
    fn read(owner: &Owned<Tree>) -> &Node<'_> {
        owner.get()
    }
}

#[derive(Default)]
pub struct Warm(Arena);

impl Lives for Warm {
    const NAME: &'static str = "arenula, else";
    type Owner = Owned<Tree>;

    fn make(count: usize) -> Owned<Tree> {
        Fresh::make(count)
    }

    #[inline(always)]
    fn read(owner: &Owned<Tree>) -> &Node<'_> {
        owner.get()
    }

    #[inline(always)]
    fn life(&mut self, count: usize) -> u64 {
        let owner = Owned::<Tree>::new_in(mem::take(&mut self.0), |arena| tree(arena, count));
        let sum = Self::read(&owner).sum();
        self.0 = owner.into_arena();
        sum
    }
}

type TreeOf<'a> = &'a Node<'a>;

self_cell! {
    pub struct TreeCell {
        owner: Bump,
        #[covariant]
        dependent: TreeOf,
    }
}

#[derive(Default)]
pub struct Cell;

impl Lives for Cell {
    const NAME: &'static str = "self_cell";
    type Owner = TreeCell;

    #[inline(always)]
    fn make(count: usize) -> TreeCell {
        TreeCell::new(Bump::new(), |bump| bump_tree(bump, count))
    }

    #[inline(always)]
    fn read(owner: &TreeCell) -> &Node<'_> {
        owner.borrow_dependent()
    }
}

#[derive(yoke::Yokeable)]
pub struct YokedTree<'a>(&'a Node<'a>);

#[derive(Default)]
pub struct Yoked;

impl Lives for Yoked {
    const NAME: &'static str = "yoke";
    type Owner = Yoke<YokedTree<'static>, Box<Bump>>;

    #[inline(always)]
    fn make(count: usize) -> Self::Owner {
        Yoke::attach_to_cart(Box::new(Bump::new()), |bump| {
            YokedTree(bump_tree(bump, count))
        })
    }

    #[inline(always)]
    fn read(owner: &Self::Owner) -> &Node<'_> {
        owner.get().0
    }
}

#[derive(Default)]
pub struct Plain(Arena);

impl Lives for Plain {
    const NAME: &'static str = "no owner";
    type Owner = &'static Node<'static>;

    fn make(_: usize) -> Self::Owner {
        &Node {
            number: 0,
            below: None,
        }
    }

    #[inline(always)]
    fn read(owner: &Self::Owner) -> &Node<'_> {
        owner
    }

    #[inline(always)]
    fn life(&mut self, count: usize) -> u64 {
        let sum = tree(&self.0, count).sum();
        self.0.reset();
        sum
    }
}

/// Values of which each frame has as many.
pub trait Frames {
    const NAME: &'static str;
    fn make(count: usize) -> Self;
    fn advance(&mut self);
    fn first(&self) -> u64;
}

#[inline(always)]
fn changed(last: &[u64]) -> impl ExactSizeIterator<Item = u64> {
    last.iter().map(|value| value.wrapping_mul(3) ^ 1)
}

pub struct Buffer(DoubleBuffer<&'static [u64]>);

impl Frames for Buffer {
    const NAME: &'static str = "arenula";

    fn make(count: usize) -> Self {
        Buffer(DoubleBuffer::<&[u64]>::new(|arena| {
            arena.alloc_slice_fill_copy(count, 1)
        }))
    }

    #[inline(always)]
    fn advance(&mut self) {
        (self.0).advance(|last, arena| arena.alloc_slice_fill_iter(changed(last)));
    }

    fn first(&self) -> u64 {
        self.0.get()[0]
    }
}

/// A new owner for each frame.
pub struct Again(Owned<&'static [u64]>);

impl Frames for Again {
    const NAME: &'static str = "arenula, else";

    fn make(count: usize) -> Self {
        Again(Owned::<&[u64]>::new(|arena| {
            arena.alloc_slice_fill_copy(count, 1)
        }))
    }

    #[inline(always)]
    fn advance(&mut self) {
        let last = *self.0.get();
        self.0 = Owned::<&[u64]>::new(|arena| arena.alloc_slice_fill_iter(changed(last)));
    }

    fn first(&self) -> u64 {
        self.0.get()[0]
    }
}

type Values<'a> = &'a [u64];

self_cell! {
    pub struct ValuesCell {
        owner: Bump,
        #[covariant]
        dependent: Values,
    }
}

/// A new cell for each frame.
pub struct CellAgain(ValuesCell);

impl Frames for CellAgain {
    const NAME: &'static str = "self_cell";

    fn make(count: usize) -> Self {
        CellAgain(ValuesCell::new(Bump::new(), |bump| {
            bump.alloc_slice_fill_copy(count, 1)
        }))
    }

    #[inline(always)]
    fn advance(&mut self) {
        let last = *self.0.borrow_dependent();
        let next = ValuesCell::new(Bump::new(), |bump| {
            bump.alloc_slice_fill_iter(changed(last))
        });
        self.0 = next;
    }

    fn first(&self) -> u64 {
        self.0.borrow_dependent()[0]
    }
}

pub struct Vecs([Vec<u64>; 2]);

impl Frames for Vecs {
    const NAME: &'static str = "no owner";

    fn make(count: usize) -> Self {
        Vecs([vec![1; count], Vec::with_capacity(count)])
    }

    #[inline(always)]
    fn advance(&mut self) {
        let [last, next] = &mut self.0;
        next.clear();
        next.extend(changed(last));
        mem::swap(last, next);
    }

    fn first(&self) -> u64 {
        self.0[0][0]
    }
}
