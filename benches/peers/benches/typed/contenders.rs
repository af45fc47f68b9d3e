//! What owns values, behind one interface for each kind of work.
//!
//! Every method is a thin, always inlined shell, so that the bodies in `work` compile to the same
//! loops around what the contenders themselves do. All are used by shared reference, those too that
//! would rather be borrowed mutably: so everyone's state is found in memory.

use std::any::Any;
use std::cell::UnsafeCell;
use std::mem::{needs_drop, transmute};

use arenula::{DropArena, FrozenArena, Id, TypedArena};
use blink_alloc::Blink;
use bump_scope::{BumpBox, unsize_bump_box};
use bumpalo::Bump;
use elsa::FrozenVec;
use peers::{Column, Role};

pub const ARENULA: &str = "arenula";
pub const TYPED_ARENA: &str = "typed-arena";
pub const STABLE_ARENA: &str = "stable-arena";
pub const BUMPALO: &str = "bumpalo";
pub const BUMP_SCOPE: &str = "bump-scope";
pub const BLINK_ALLOC: &str = "blink-alloc";
pub const ELSA: &str = "elsa";
pub const BOXES: &str = "boxes";
pub const LIMIT: &str = "limit";

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: ARENULA,
        role: Role::Subject,
        note: "TypedArena; FrozenArena in the rows that begin with frozen, DropArena in those that \
               begin with any",
    },
    Column {
        name: TYPED_ARENA,
        role: Role::Peer,
        note: "Arena; indexed through a vector of references, and iterated mutably",
    },
    Column {
        name: STABLE_ARENA,
        role: Role::Peer,
        note: "TypedArena; cannot be asked for a capacity, so that it grows where the others are \
               prepared, and is iterated through a vector of references",
    },
    Column {
        name: BUMPALO,
        role: Role::Peer,
        note: "Bump, and where there are destructors a vector of pointers by which they are called \
               by hand; iterated through a vector of references; in the rows of any a vector of \
               its boxes of dyn Any",
    },
    Column {
        name: BUMP_SCOPE,
        role: Role::Peer,
        note: "Bump, and a vector of its boxes of dyn Any",
    },
    Column {
        name: BLINK_ALLOC,
        role: Role::Peer,
        note: "Blink, which calls destructors by itself",
    },
    Column {
        name: ELSA,
        role: Role::Peer,
        note: "FrozenVec of boxes",
    },
    Column {
        name: BOXES,
        role: Role::Peer,
        note: "Vec of boxes, in the rows of any of boxes of dyn Any",
    },
    Column {
        name: LIMIT,
        role: Role::Limit,
        note: "plain writes one after another into a Vec that has the room, unchecked; iterated and \
               indexed as a Vec",
    },
];

// ---------------------------------------------------------------------------------------------
// Values of one type

/// Owns values of one type.
pub trait Arena<T>: 'static {
    const NAME: &'static str;

    fn new() -> Self;

    /// With room for so many values, where one can ask for that.
    fn with_capacity(count: usize) -> Self;

    fn alloc(&self, value: T) -> *mut T;
}

/// Puts the values of an iterator side by side.
pub trait AllocIter<T>: Arena<T> {
    fn alloc_iter(&self, values: impl Iterator<Item = T>) -> *mut T;

    /// What is known about the number of values may be used.
    #[inline(always)]
    fn alloc_exact(&self, values: impl ExactSizeIterator<Item = T>) -> *mut T {
        self.alloc_iter(values)
    }
}

/// Has values that can be iterated.
pub trait Iterate<T: 'static>: Arena<T> {
    fn values(&mut self) -> impl Iterator<Item = &mut T>;
}

impl<T: 'static> Arena<T> for TypedArena<T> {
    const NAME: &'static str = ARENULA;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_capacity(count: usize) -> Self {
        Self::with_capacity(count)
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        self.alloc(value)
    }
}

impl<T: 'static> AllocIter<T> for TypedArena<T> {
    #[inline(always)]
    fn alloc_iter(&self, values: impl Iterator<Item = T>) -> *mut T {
        self.alloc_iter(values).as_mut_ptr()
    }
}

impl<T: 'static> Iterate<T> for TypedArena<T> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &mut T> {
        self.iter_mut()
    }
}

impl<T: 'static> Arena<T> for typed_arena::Arena<T> {
    const NAME: &'static str = TYPED_ARENA;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_capacity(count: usize) -> Self {
        Self::with_capacity(count)
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        self.alloc(value)
    }
}

impl<T: 'static> AllocIter<T> for typed_arena::Arena<T> {
    #[inline(always)]
    fn alloc_iter(&self, values: impl Iterator<Item = T>) -> *mut T {
        self.alloc_extend(values).as_mut_ptr()
    }
}

impl<T: 'static> Iterate<T> for typed_arena::Arena<T> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &mut T> {
        self.iter_mut()
    }
}

impl<T: 'static> Arena<T> for stable_arena::TypedArena<T> {
    const NAME: &'static str = STABLE_ARENA;

    #[inline(always)]
    fn new() -> Self {
        Self::default()
    }

    fn with_capacity(_: usize) -> Self {
        Self::default()
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        self.alloc(value)
    }
}

impl<T: 'static> AllocIter<T> for stable_arena::TypedArena<T> {
    #[inline(always)]
    fn alloc_iter(&self, values: impl Iterator<Item = T>) -> *mut T {
        self.alloc_from_iter(values).as_mut_ptr()
    }
}

/// A [`Bump`] and the values in it whose destructors are to be called.
pub struct ByHand<T> {
    bump: Bump,
    values: UnsafeCell<Vec<*mut T>>,
}

impl<T: 'static> Arena<T> for ByHand<T> {
    const NAME: &'static str = BUMPALO;

    #[inline(always)]
    fn new() -> Self {
        Self {
            bump: Bump::new(),
            values: UnsafeCell::default(),
        }
    }

    fn with_capacity(count: usize) -> Self {
        let pointers = if needs_drop::<T>() { count } else { 0 };
        Self {
            bump: Bump::with_capacity(count * size_of::<T>()),
            values: UnsafeCell::new(Vec::with_capacity(pointers)),
        }
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        let place: *mut T = self.bump.alloc(value);
        if needs_drop::<T>() {
            // SAFETY: there is no other reference to the vector.
            unsafe { (*self.values.get()).push(place) };
        }
        place
    }
}

impl<T: Copy + 'static> AllocIter<T> for ByHand<T> {
    #[inline(always)]
    fn alloc_iter(&self, values: impl Iterator<Item = T>) -> *mut T {
        bumpalo::collections::Vec::from_iter_in(values, &self.bump)
            .into_bump_slice_mut()
            .as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_exact(&self, values: impl ExactSizeIterator<Item = T>) -> *mut T {
        self.bump.alloc_slice_fill_iter(values).as_mut_ptr()
    }
}

impl<T> Drop for ByHand<T> {
    #[inline(always)]
    fn drop(&mut self) {
        for &value in &*self.values.get_mut() {
            // SAFETY: each value is there once, and nobody uses it after this.
            unsafe { value.drop_in_place() };
        }
    }
}

/// A contender with references to its values, for those that cannot be iterated or indexed.
pub struct Referred<A, T> {
    references: UnsafeCell<Vec<*mut T>>,
    arena: A,
}

impl<A: Arena<T>, T: 'static> Arena<T> for Referred<A, T> {
    const NAME: &'static str = A::NAME;

    fn new() -> Self {
        Self {
            references: UnsafeCell::default(),
            arena: A::new(),
        }
    }

    fn with_capacity(count: usize) -> Self {
        Self {
            references: UnsafeCell::new(Vec::with_capacity(count)),
            arena: A::with_capacity(count),
        }
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        let place = self.arena.alloc(value);
        // SAFETY: there is no other reference to the vector.
        unsafe { (*self.references.get()).push(place) };
        place
    }
}

impl<A: Arena<T>, T: 'static> Iterate<T> for Referred<A, T> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &mut T> {
        // SAFETY: each value is there once, and nobody else uses it.
        (self.references.get_mut().iter()).map(|&value| unsafe { &mut *value })
    }
}

/// A vector of boxes.
pub struct Boxes<T: ?Sized>(UnsafeCell<Vec<Box<T>>>);

impl<T: 'static> Arena<T> for Boxes<T> {
    const NAME: &'static str = BOXES;

    #[inline(always)]
    fn new() -> Self {
        Self(UnsafeCell::default())
    }

    fn with_capacity(count: usize) -> Self {
        Self(UnsafeCell::new(Vec::with_capacity(count)))
    }

    #[inline(always)]
    fn alloc(&self, value: T) -> *mut T {
        let mut value = Box::new(value);
        let place: *mut T = &mut *value;
        // SAFETY: there is no other reference to the vector.
        unsafe { (*self.0.get()).push(value) };
        place
    }
}

impl<T: 'static> Iterate<T> for Boxes<T> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.get_mut().iter_mut().map(|value| &mut **value)
    }
}

// ---------------------------------------------------------------------------------------------
// Values of one type, read while they become more

/// Owns values of one type, and gives something by which one finds them.
pub trait Frozen<T>: 'static {
    const NAME: &'static str;
    type Key: Copy + 'static;

    fn new() -> Self;

    /// With room for so many values, by whatever way there is to have it.
    fn with_room(count: usize) -> Self
    where
        T: Default;

    fn push(&self, value: T) -> Self::Key;
}

/// Finds values.
pub trait Get<T: 'static>: Frozen<T> {
    fn get(&self, key: Self::Key) -> &T;
}

/// Iterates while values are pushed.
pub trait Values<T: 'static>: Frozen<T> {
    fn values(&mut self) -> impl Iterator<Item = &T>;
}

impl<T: 'static> Frozen<T> for FrozenArena<T> {
    const NAME: &'static str = ARENULA;
    type Key = Id<T>;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_room(count: usize) -> Self
    where
        T: Default,
    {
        let mut arena = Self::new();
        arena.extend((0..count).map(|_| T::default()));
        arena.reset();
        arena
    }

    #[inline(always)]
    fn push(&self, value: T) -> Id<T> {
        self.push(value)
    }
}

impl<T: 'static> Get<T> for FrozenArena<T> {
    #[inline(always)]
    fn get(&self, id: Id<T>) -> &T {
        &self[id]
    }
}

impl<T: 'static> Values<T> for FrozenArena<T> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &T> {
        self.iter()
    }
}

impl<T: 'static> Frozen<T> for FrozenVec<Box<T>> {
    const NAME: &'static str = ELSA;
    type Key = usize;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_room(count: usize) -> Self {
        Self::from(Vec::with_capacity(count))
    }

    #[inline(always)]
    fn push(&self, value: T) -> usize {
        let index = self.len();
        self.push(Box::new(value));
        index
    }
}

impl<T: 'static> Get<T> for FrozenVec<Box<T>> {
    #[inline(always)]
    fn get(&self, index: usize) -> &T {
        &self[index]
    }
}

impl<T: 'static> Values<T> for FrozenVec<Box<T>> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &T> {
        self.iter()
    }
}

impl<T: 'static> Frozen<T> for typed_arena::Arena<T> {
    const NAME: &'static str = TYPED_ARENA;
    type Key = *mut T;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_room(count: usize) -> Self {
        Self::with_capacity(count)
    }

    #[inline(always)]
    fn push(&self, value: T) -> *mut T {
        self.alloc(value)
    }
}

impl<T: 'static> Values<T> for typed_arena::Arena<T> {
    #[inline(always)]
    fn values(&mut self) -> impl Iterator<Item = &T> {
        self.iter_mut().map(|value| &*value)
    }
}

impl<T: 'static> Frozen<T> for Referred<typed_arena::Arena<T>, T> {
    const NAME: &'static str = TYPED_ARENA;
    type Key = usize;

    fn new() -> Self {
        Arena::new()
    }

    fn with_room(count: usize) -> Self {
        Arena::with_capacity(count)
    }

    #[inline(always)]
    fn push(&self, value: T) -> usize {
        // SAFETY: there is no other reference to the vector.
        let index = unsafe { (*self.references.get()).len() };
        Arena::alloc(self, value);
        index
    }
}

impl<T: 'static> Get<T> for Referred<typed_arena::Arena<T>, T> {
    #[inline(always)]
    fn get(&self, index: usize) -> &T {
        // SAFETY: the references are to values of the arena, and nobody changes these or the vector.
        unsafe { &*(&*self.references.get())[index] }
    }
}

// ---------------------------------------------------------------------------------------------
// Values of any type, with destructors

/// Owns values of any type, and calls their destructors.
pub trait Anything: 'static {
    const NAME: &'static str;

    fn new() -> Self;

    fn alloc<T: 'static>(&self, value: T) -> *mut T;

    /// Calls all destructors, and keeps the memory where that can be.
    fn reset(&mut self);
}

impl Anything for DropArena<'static> {
    const NAME: &'static str = ARENULA;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    #[inline(always)]
    fn alloc<T: 'static>(&self, value: T) -> *mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }
}

impl Anything for Blink {
    const NAME: &'static str = BLINK_ALLOC;

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    #[inline(always)]
    fn alloc<T: 'static>(&self, value: T) -> *mut T {
        self.put(value)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }
}

/// A [`Bump`] and its boxes, which are said to live forever, but go before it.
pub struct BumpaloBoxes {
    boxes: UnsafeCell<Vec<bumpalo::boxed::Box<'static, dyn Any>>>,
    bump: Bump,
}

impl Anything for BumpaloBoxes {
    const NAME: &'static str = BUMPALO;

    #[inline(always)]
    fn new() -> Self {
        Self {
            boxes: UnsafeCell::default(),
            bump: Bump::new(),
        }
    }

    #[inline(always)]
    fn alloc<T: 'static>(&self, value: T) -> *mut T {
        let place: *mut T = self.bump.alloc(value);
        // SAFETY: the value is in the box alone, which is gone before the memory; there is no other
        // reference to the vector.
        unsafe {
            let boxed = bumpalo::boxed::Box::from_raw(place as *mut dyn Any);
            (*self.boxes.get()).push(boxed);
        }
        place
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.boxes.get_mut().clear();
        self.bump.reset();
    }
}

/// The same of bump-scope.
pub struct BumpScopeBoxes {
    boxes: UnsafeCell<Vec<BumpBox<'static, dyn Any>>>,
    bump: bump_scope::Bump,
}

impl Anything for BumpScopeBoxes {
    const NAME: &'static str = BUMP_SCOPE;

    #[inline(always)]
    fn new() -> Self {
        Self {
            boxes: UnsafeCell::default(),
            bump: bump_scope::Bump::new(),
        }
    }

    #[inline(always)]
    fn alloc<T: 'static>(&self, value: T) -> *mut T {
        let mut boxed = self.bump.alloc(value);
        let place: *mut T = &mut *boxed;
        let boxed: BumpBox<dyn Any> = unsize_bump_box!(boxed);
        // SAFETY: the box is gone before the memory; there is no other reference to the vector.
        unsafe {
            let boxed = transmute::<BumpBox<'_, dyn Any>, BumpBox<'static, dyn Any>>(boxed);
            (*self.boxes.get()).push(boxed);
        }
        place
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.boxes.get_mut().clear();
        self.bump.reset();
    }
}

impl Anything for Boxes<dyn Any> {
    const NAME: &'static str = BOXES;

    #[inline(always)]
    fn new() -> Self {
        Self(UnsafeCell::default())
    }

    #[inline(always)]
    fn alloc<T: 'static>(&self, value: T) -> *mut T {
        let mut value = Box::new(value);
        let place: *mut T = &mut *value;
        // SAFETY: there is no other reference to the vector.
        unsafe { (*self.0.get()).push(value) };
        place
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.0.get_mut().clear();
    }
}
