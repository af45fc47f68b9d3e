//! What the public types promise at compile time: markers, variance, sizes, constness, traits.
//!
//! A promise that is broken is a compile error of this file. What must *not* compile is in `tests/ui`.
#![cfg_attr(std_allocator, feature(allocator_api))]

use std::alloc::Layout;
use std::borrow::Borrow;
use std::cell::Cell;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::hash::Hash;
use std::iter::FusedIterator;
use std::ops::{Deref, DerefMut, IndexMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;
use arenula::collections::{CollectIn, FromIteratorIn};
use arenula::string::{self, FromUtf8Error, FromUtf16Error};
use arenula::{
    AllocOrInitError, AnyValue, Arena, ArenaRef, Checkpoint, ChunkMap, Drain, DropArena,
    FixedBuffer, FrozenArena, FrozenIter, Id, IntoIter, IterMut, Retain, Scope, SendDropArena,
    SendValue, Stats, Takes, TypedArena, rc,
};

/// `is!(Type: Trait, Trait)`
macro_rules! is {
    ($type:ty: $($trait:path),+) => {$(
        const _: fn() = || {
            fn implements<T: ?Sized + $trait>() {}
            implements::<$type>();
        };
    )+};
}

/// `is_not!(Type: Trait, Trait)`
macro_rules! is_not {
    ($type:ty: $($trait:path),+) => {$(
        const _: fn() = || {
            // For a type with the trait both impls apply, and `_` could be either.
            trait Ambiguous<Which> {
                fn pick() {}
            }
            struct WithTrait;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $trait> Ambiguous<WithTrait> for T {}
            let _ = <$type as Ambiguous<_>>::pick;
        };
    )+};
}

#[cfg(all(feature = "frame", target_has_atomic = "64"))]
mod frame;
#[cfg(feature = "collections")]
mod intern;
mod owned;
mod pool;
mod sync;

/// Markers: what may go to another thread, be seen from there, or be used after a panic.
mod markers {
    use super::*;

    // One thread at a time, whichever it is.
    is!(Arena: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(Arena: Sync, Clone);
    is!(&'static mut Arena: Send);
    is_not!(&'static Arena: Send, Sync);

    // It goes where its backing allocator may go.
    is!(Arena<8, FixedBuffer<'static>>: Send, Unpin);
    is_not!(Arena<8, FixedBuffer<'static>>: Sync, UnwindSafe, RefUnwindSafe);
    is_not!(Arena<8, &'static Arena>: Send, Sync);
    is!(Arena<8, &'static Arena>: UnwindSafe, RefUnwindSafe);
    is_not!(Arena<8, &'static Scope<'static>>: Send, Sync);

    const _: fn() = for_each_min_align_and_backing::<8, Global>;
    fn for_each_min_align_and_backing<const MIN_ALIGN: usize, A>()
    where
        A: Allocator + Send + Unpin + UnwindSafe + RefUnwindSafe,
    {
        fn has_markers<T: Send + Unpin + UnwindSafe + RefUnwindSafe>() {}
        has_markers::<Arena<MIN_ALIGN, A>>();
    }

    // Another thread could use it while an arena's box or vector is dropped in this one.
    is_not!(Scope<'static>: Send, Sync, Clone, Default);
    is_not!(&'static mut Scope<'static>: Send, Sync);
    is!(Scope<'static>: Unpin, UnwindSafe, RefUnwindSafe);

    // What lies in an arena is as free as what it holds, what gives memory back to it is not.
    is!(&'static mut u8: Send, Sync);
    is_not!(Box<u8, &'static Arena>: Send, Sync);
    is_not!(Vec<u8, &'static Arena>: Send, Sync);
    is_not!(Box<u8, &'static Scope<'static>>: Send, Sync);
    is_not!(Vec<u8, &'static Scope<'static>>: Send, Sync);

    // A string is as a vector of bytes.
    type ArenaString<A = Global> = string::String<A>;
    is!(ArenaString: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(ArenaString<&'static Arena>: Send, Sync);
    is_not!(ArenaString<&'static Scope<'static>>: Send, Sync);
    is!(ArenaString<&'static Arena>: Unpin, UnwindSafe, RefUnwindSafe);
    is!(string::Drain<'static>: Send, Sync, Unpin, RefUnwindSafe);
    is_not!(string::Drain<'static, &'static Arena>: Send, Sync);
    is_not!(string::Drain<'static>: Clone, UnwindSafe);
    is!(FromUtf8Error: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(FromUtf8Error<&'static Arena>: Send, Sync);
    is!(FromUtf16Error: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);

    is!(FixedBuffer<'static>: Send, Unpin);
    is_not!(FixedBuffer<'static>: Sync, Clone, UnwindSafe, RefUnwindSafe);

    is_not!(ChunkMap<'static, 8, Global>: Send, Sync);
    is!(ChunkMap<'static, 8, Global>: Unpin, UnwindSafe, RefUnwindSafe);

    // An arena that owns its values goes where they and its backing allocator may go.
    is!(TypedArena<String>: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is!(FrozenArena<String>: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(TypedArena<u8>: Sync, Clone);
    is_not!(FrozenArena<u8>: Sync, Clone);
    is_not!(&'static TypedArena<u8>: Send, Sync);
    is_not!(&'static FrozenArena<u8>: Send, Sync);
    is_not!(TypedArena<Rc<u8>>: Send, Sync);
    is_not!(FrozenArena<Rc<u8>>: Send, Sync);
    is_not!(TypedArena<u8, &'static Arena>: Send, Sync);
    is_not!(FrozenArena<u8, &'static Arena>: Send, Sync);
    // What can be sent, but not shared, is sent.
    is!(TypedArena<Cell<u8>>: Send);
    is!(FrozenArena<Cell<u8>>: Send);
    // What can be shared, but not sent, is not dropped elsewhere.
    is_not!(TypedArena<MutexGuard<'static, u8>>: Send, Sync);
    is_not!(FrozenArena<MutexGuard<'static, u8>>: Send, Sync);
    is_not!(TypedArena<&'static mut u8>: UnwindSafe);
    is_not!(FrozenArena<&'static mut u8>: UnwindSafe);
    is_not!(TypedArena<Cell<u8>>: RefUnwindSafe);
    is_not!(FrozenArena<Cell<u8>>: RefUnwindSafe);

    // As good as the slices and vectors of these values.
    is!(IterMut<'static, u8>: Send, Sync, Unpin, RefUnwindSafe);
    is!(IterMut<'static, Cell<u8>>: Send);
    is!(IterMut<'static, MutexGuard<'static, u8>>: Sync);
    is_not!(IterMut<'static, Cell<u8>>: Sync);
    is_not!(IterMut<'static, MutexGuard<'static, u8>>: Send);
    is_not!(IterMut<'static, Rc<u8>>: Send, Sync);
    is_not!(IterMut<'static, u8>: Clone, UnwindSafe);
    is!(Drain<'static, u8>: Send, Sync, Unpin, RefUnwindSafe);
    is!(Drain<'static, Cell<u8>>: Send);
    is_not!(Drain<'static, MutexGuard<'static, u8>>: Send);
    is_not!(Drain<'static, Rc<u8>>: Send, Sync);
    is_not!(Drain<'static, u8>: Clone, UnwindSafe);
    is!(IntoIter<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is!(IntoIter<Cell<u8>>: Send, UnwindSafe);
    is_not!(IntoIter<MutexGuard<'static, u8>>: Send);
    is_not!(IntoIter<Rc<u8>>: Send, Sync);
    is_not!(IntoIter<u8, &'static Arena>: Send, Sync);
    is_not!(IntoIter<u8>: Clone);

    // It reads an arena to which others add.
    is_not!(FrozenIter<'static, u8>: Send, Sync);
    is!(FrozenIter<'static, u8>: Clone, Unpin, UnwindSafe, RefUnwindSafe);
    // A number, of whatever it is.
    is!(Id<Rc<Cell<u8>>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);

    is!(SendDropArena<'static>: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is!(DropArena<'static>: Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(SendDropArena<'static>: Sync, Clone);
    is_not!(DropArena<'static>: Send, Sync, Clone);
    is_not!(&'static SendDropArena<'static>: Send, Sync);
    is_not!(SendDropArena<'static, &'static Arena>: Send, Sync);
    // Only the two that the crate names say what may be sent.
    is_not!(DropArena<'static, ()>: Send, Sync);
    is!(AnyValue: Takes<Rc<u8>>, Takes<str>);
    is!(SendValue: Takes<String>, Takes<str>, Takes<Cell<u8>>);
    is_not!(SendValue: Takes<Rc<u8>>, Takes<MutexGuard<'static, u8>>, Takes<*const u8>);
    is_not!((): Takes<u8>);

    const _: fn() = for_each_value_and_backing::<u8, Global>;
    fn for_each_value_and_backing<T, A>()
    where
        T: Send + Unpin + UnwindSafe + RefUnwindSafe,
        A: Allocator + Send + Unpin + UnwindSafe + RefUnwindSafe,
    {
        fn has_markers<T: Send + Unpin + UnwindSafe + RefUnwindSafe>() {}
        has_markers::<TypedArena<T, A>>();
        has_markers::<FrozenArena<T, A>>();
        has_markers::<IntoIter<T, A>>();
        has_markers::<SendDropArena<'static, A>>();
    }

    // Its counts are one thread's, whatever it holds.
    is_not!(rc::Rc<u8>: Send, Sync);
    is_not!(rc::Weak<u8>: Send, Sync);
    is_not!(rc::Rc<u8, &'static Arena>: Send, Sync);
    is_not!(rc::Weak<u8, &'static Arena>: Send, Sync);
    is!(rc::Rc<u8, &'static Arena>: UnwindSafe, RefUnwindSafe);
    is!(rc::Weak<str>: UnwindSafe, RefUnwindSafe);
    is_not!(rc::Rc<Cell<u8>>: UnwindSafe, RefUnwindSafe);
    // A handle that moves does not move the value.
    is!(rc::Rc<std::marker::PhantomPinned>: Unpin);
    is!(rc::Weak<std::marker::PhantomPinned, &'static Arena>: Unpin);

    is!(Checkpoint: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is!(Stats: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is!(Retain: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is!(AllocError: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is!(AllocOrInitError<u8>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(AllocOrInitError<*const u8>: Send, Sync);
}

/// Traits that people look for.
mod traits {
    use super::*;

    is!(Arena: Default, Debug);
    is!(Arena<1>: Default, Debug);
    is_not!(Arena<8, FixedBuffer<'static>>: Default);
    // Neither needs anything of its values; what shows them needs that they can be shown.
    struct Opaque;
    is!(TypedArena<Opaque>: Default, Debug, Extend<Opaque>, FromIterator<Opaque>, IntoIterator<Item = Opaque>);
    is!(FrozenArena<Opaque>: Default, Extend<Opaque>, FromIterator<Opaque>, IntoIterator<Item = Opaque>);
    is!(FrozenArena<u8>: Debug, IndexMut<Id<u8>, Output = u8>);
    is_not!(FrozenArena<Opaque>: Debug);
    is!(&'static FrozenArena<Opaque>: IntoIterator<Item = &'static Opaque>);
    is!(&'static mut TypedArena<Opaque>: IntoIterator<Item = &'static mut Opaque>);
    // Beside the references that it gave out there is no way to its values.
    is_not!(&'static TypedArena<Opaque>: IntoIterator);
    is!(IterMut<'static, Opaque>: Debug, ExactSizeIterator, FusedIterator);
    is!(Drain<'static, Opaque>: Debug, ExactSizeIterator, FusedIterator);
    is!(IntoIter<Opaque>: Debug, ExactSizeIterator, FusedIterator);
    // Its arena may grow, also after the end.
    is!(FrozenIter<'static, Opaque>: Iterator);
    is_not!(FrozenIter<'static, Opaque>: ExactSizeIterator, FusedIterator);
    is!(FrozenIter<'static, u8>: Debug);
    is!(Id<Opaque>: Copy, Ord, Hash, Debug);
    // To make one up would lead nowhere.
    is_not!(Id<Opaque>: Default, From<u32>);
    is!(DropArena<'static>: Default, Debug);
    is!(SendDropArena<'static>: Default, Debug);
    is!(Scope<'static>: Debug);
    is!(FixedBuffer<'static>: Debug, Allocator);
    is!(ChunkMap<'static, 8, Global>: Debug, Display);
    is!(Checkpoint: Copy, Eq, Debug);
    // To make one up would be of no use but to break the promise of `rewind`.
    is_not!(Checkpoint: Default);
    is!(Stats: Copy, Eq, Default, Debug, Display, Hash);
    is!(Retain: Copy, Eq, Debug, Hash);
    is!(AllocError: Copy, Eq, Debug, Display);

    // All that the standard library's string is, but for what needs an allocator out of nothing.
    type ArenaString<A = Global> = string::String<A>;
    is!(ArenaString<&'static Arena>: Clone, Ord, Hash, Debug, Display, std::fmt::Write);
    is!(ArenaString<&'static Arena>: AsRef<str>, AsRef<[u8]>, AsMut<str>, std::borrow::BorrowMut<str>);
    is!(ArenaString<&'static Arena>: PartialEq<str>, PartialEq<&'static str>, PartialEq<ArenaString>);
    is!(ArenaString<&'static Arena>: PartialOrd<str>, PartialOrd<String>, PartialOrd<ArenaString>);
    is!(ArenaString<&'static Arena>: Extend<char>, Extend<&'static str>, Extend<String>);
    is!(ArenaString<&'static Arena>: FromIteratorIn<char>, From<Box<str, &'static Arena>>);
    is_not!(ArenaString<&'static Arena>: Default, From<&'static str>, FromIterator<char>);
    // A borrow of the scope can't be told apart from another one of it: it can be cloned, the scope not.
    is!(ArenaString<&'static Scope<'static>>: Clone);
    is_not!(ArenaString<FixedBuffer<'static>>: Clone);
    is!(ArenaString: Default, std::str::FromStr, From<&'static str>, From<char>, FromIterator<char>);
    is!(ArenaString: std::ops::Add<&'static str>, std::ops::AddAssign<&'static str>);
    is!(string::Drain<'static>: Debug, DoubleEndedIterator, FusedIterator);
    is!(FromUtf8Error<&'static Arena>: Clone, Eq, Debug, Display, Error);
    is!(FromUtf16Error: Clone, Eq, Debug, Display, Error);
    is!(Vec<u8, &'static Arena>: FromIteratorIn<u8>);
    is!(Box<[u8], &'static Arena>: FromIteratorIn<u8>);
    is!(std::vec::IntoIter<u8>: CollectIn);
    is!(AllocOrInitError<u8>: Copy, Eq, Debug, Display, Error, From<AllocError>);

    is!(rc::Rc<Opaque, Uncloned>: Clone);
    is!(rc::Weak<Opaque, Uncloned>: Clone, Debug, Default);
    is!(rc::Rc<str>: Clone, Debug, Display, fmt::Pointer, Hash, Ord, AsRef<str>, Borrow<str>, Default);
    is!(rc::Rc<str>: Deref<Target = str>, From<&'static str>, From<Box<str>>);
    is!(rc::Rc<[u8]>: From<rc::Rc<str>>, From<Vec<u8>>, From<Box<[u8]>>, From<[u8; 2]>, FromIterator<u8>);
    is!(rc::Rc<[u8; 2]>: TryFrom<rc::Rc<[u8]>, Error = rc::Rc<[u8]>>);
    is!(rc::Rc<fmt::Error, &'static Arena>: Error, From<Box<fmt::Error, &'static Arena>>);
    is_not!(rc::Rc<u8>: DerefMut);
    is_not!(rc::Rc<f32>: Eq, Ord, Hash);

    /// An allocator of which there is one only.
    struct Uncloned;
    // SAFETY: it hands on what the global allocator does.
    unsafe impl Allocator for Uncloned {
        fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
            Global.allocate(layout)
        }
        unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
            // SAFETY: as promised.
            unsafe { Global.deallocate(block, layout) }
        }
    }

    #[cfg(feature = "serde")]
    mod serde {
        use super::*;
        use ::serde::{Serialize, de::DeserializeOwned};
        use arenula::serde::{DeserializeIn, In, Pairs, Plain};

        is!(rc::Rc<u8>: Serialize, DeserializeOwned);
        is!(rc::Rc<str, &'static Arena>: Serialize);
        is_not!(rc::Rc<Opaque>: Serialize);
        is!(FrozenArena<u8, &'static Arena>: Serialize);
        is!(Pairs<'static, u8, Opaque>: Copy, Default);
        is!(Pairs<'static, u8, u8>: Serialize, Eq, Debug);
        is!(In<Opaque, &'static Arena>: Copy, Debug);
        is!(&'static str: DeserializeIn<'static, &'static Arena>);
        is!(&'static [Option<(u8, &'static str)>]: DeserializeIn<'static, &'static Scope<'static>>);
        is!(Box<u8, &'static Arena>: DeserializeIn<'static, &'static Arena>);
        is!(Plain<String>: DeserializeIn<'static, &'static Arena>, Serialize);
        // What does not live as long as the arena is borrowed.
        is_not!(&'static str: DeserializeIn<'static, Global>);
        is_not!(Box<u8>: DeserializeIn<'static, &'static Arena>);

        is!(Stats: Serialize, DeserializeOwned);
        is!(Retain: Serialize, DeserializeOwned);
    }
}

/// `&Arena` and `&Scope` as allocators.
mod allocators {
    use super::*;

    // An arena by value is none: one that moves, or is reset, would take the blocks along.
    is_not!(Arena: Allocator);
    is_not!(&'static mut Arena: ArenaRef<'static>);
    is_not!(Scope<'static>: Allocator);
    // One reference only: its target is what may be borrowed too shortly.
    is_not!(&'static &'static Arena: ArenaRef<'static>);
    is_not!(Global: ArenaRef<'static>);
    is_not!(FixedBuffer<'static>: ArenaRef<'static>);

    const _: fn() = for_each_min_align_and_backing::<8, Global>;
    fn for_each_min_align_and_backing<'a: 'a, const MIN_ALIGN: usize, A: Allocator + 'a>() {
        // Containers clone their allocators.
        fn allocates<T: Allocator + Copy>() {}
        allocates::<&'a Arena<MIN_ALIGN, A>>();
        allocates::<&'a Scope<'a, MIN_ALIGN, A>>();
        lends_for::<'a, &'a Arena<MIN_ALIGN, A>>();
        lends_for::<'a, &'a Scope<'a, MIN_ALIGN, A>>();
    }

    fn lends_for<'a, R: ArenaRef<'a>>() {}

    // A scope lends for its own life, however short it is borrowed itself.
    const _: fn(&Scope<'static>) = a_scope_lends_for_its_life;
    fn a_scope_lends_for_its_life<'s>(scope: &Scope<'s>) {
        fn lent<'a>(_: impl ArenaRef<'a>, _: &'a ()) {}
        fn the_life_of<'s>(_: &Scope<'s>) -> &'s () {
            &()
        }
        lent::<'s>(scope, the_life_of(scope));
    }

    #[cfg(feature = "allocator-api2-03")]
    mod version_03 {
        use super::*;
        is!(&'static Arena: allocator_api2_03::alloc::Allocator);
        is!(&'static Scope<'static>: allocator_api2_03::alloc::Allocator);
    }

    #[cfg(feature = "allocator-api2-04")]
    mod version_04 {
        use super::*;
        is!(&'static Arena: allocator_api2_04::alloc::Allocator);
        is!(&'static Scope<'static>: allocator_api2_04::alloc::Allocator);
    }

    #[cfg(std_allocator)]
    mod standard {
        use super::*;
        is!(&'static Arena: std::alloc::Allocator);
        is!(&'static Scope<'static>: std::alloc::Allocator);
    }
}

/// Lifetimes that may be shortened. Those that may not be lengthened are in `tests/ui`.
#[allow(dead_code, reason = "it is enough that they compile")]
mod variance {
    use super::*;

    fn scope<'long: 'short, 'short>(long: Scope<'long>) -> Scope<'short> {
        long
    }

    fn scope_reference<'x, 'long: 'short, 'short>(long: &'x Scope<'long>) -> &'x Scope<'short> {
        long
    }

    fn scope_backing<'s, 'long: 'short, 'short>(
        long: Scope<'s, 8, FixedBuffer<'long>>,
    ) -> Scope<'s, 8, FixedBuffer<'short>> {
        long
    }

    fn arena_backing<'long: 'short, 'short>(
        long: Arena<8, FixedBuffer<'long>>,
    ) -> Arena<8, FixedBuffer<'short>> {
        long
    }

    fn fixed_buffer<'long: 'short, 'short>(long: FixedBuffer<'long>) -> FixedBuffer<'short> {
        long
    }

    fn chunk_map<'long: 'short, 'short>(
        long: ChunkMap<'long, 8, FixedBuffer<'long>>,
    ) -> ChunkMap<'short, 8, FixedBuffer<'short>> {
        long
    }

    // The arenas that own their values, and what borrows them, are invariant in these; so is a `DropArena`
    // in what its values live for.

    fn typed_arena_backing<'long: 'short, 'short>(
        long: TypedArena<u8, FixedBuffer<'long>>,
    ) -> TypedArena<u8, FixedBuffer<'short>> {
        long
    }

    fn frozen_arena_backing<'long: 'short, 'short>(
        long: FrozenArena<u8, FixedBuffer<'long>>,
    ) -> FrozenArena<u8, FixedBuffer<'short>> {
        long
    }

    fn drop_arena_backing<'d, 'long: 'short, 'short>(
        long: DropArena<'d, AnyValue, FixedBuffer<'long>>,
    ) -> DropArena<'d, AnyValue, FixedBuffer<'short>> {
        long
    }

    fn iter_mut<'long: 'short, 'short>(long: IterMut<'long, u8>) -> IterMut<'short, u8> {
        long
    }

    fn drain<'long: 'short, 'short>(long: Drain<'long, u8>) -> Drain<'short, u8> {
        long
    }

    fn into_iter_backing<'long: 'short, 'short>(
        long: IntoIter<u8, FixedBuffer<'long>>,
    ) -> IntoIter<u8, FixedBuffer<'short>> {
        long
    }

    fn frozen_iter<'long: 'short, 'short>(long: FrozenIter<'long, u8>) -> FrozenIter<'short, u8> {
        long
    }

    fn string<'long: 'short, 'short>(
        long: string::String<&'long Arena>,
    ) -> string::String<&'short Arena> {
        long
    }

    fn id<'long: 'short, 'short>(long: Id<&'long u8>) -> Id<&'short u8> {
        long
    }

    fn rc<'long: 'short, 'short>(
        long: rc::Rc<&'long u8, FixedBuffer<'long>>,
    ) -> rc::Rc<&'short u8, FixedBuffer<'short>> {
        long
    }

    fn weak<'long: 'short, 'short>(
        long: rc::Weak<&'long u8, &'long Arena>,
    ) -> rc::Weak<&'short u8, &'short Arena> {
        long
    }

    fn scope_lends_for_its_life<'s>(scope: &Scope<'s>) -> &'s mut u8 {
        scope.alloc(0)
    }

    /// Through `Deref` it is a borrow of the scope that counts.
    fn arena_of_scope_lends_for_the_borrow<'x>(scope: &'x Scope<'_>) -> &'x mut u8 {
        let arena: &'x Arena = scope;
        arena.alloc(0)
    }

    /// Inside a scope, what the outer scopes lent stays in use.
    fn references_outlive_inner_scopes<'s>(scope: &mut Scope<'s>) -> &'s mut u8 {
        let kept = scope.alloc(1);
        scope.scope(|inner| *kept += *inner.alloc(2));
        kept
    }
}

/// Sizes, in bytes of a 64-bit machine or in words.
mod sizes {
    use super::*;

    const WORD: usize = size_of::<usize>();

    const _: () = assert!(size_of::<Arena>() <= 48);
    const _: () = assert!(size_of::<Arena<1>>() == size_of::<Arena>());
    const _: () = assert!(size_of::<Arena<16>>() == size_of::<Arena>());
    const _: () = assert!(size_of::<Arena<8, &Arena>>() == size_of::<Arena>() + WORD);
    // An `Option<Arena>` needs a word more: a `Cell` hides that the pointer in it is never null.

    const _: () = assert!(size_of::<Checkpoint>() <= 16);
    const _: () = assert!(size_of::<Scope<'_>>() == WORD);
    const _: () = assert!(size_of::<&Scope<'_>>() == WORD);
    const _: () = assert!(size_of::<Option<Scope<'_>>>() == WORD);
    const _: () = assert!(size_of::<ChunkMap<'_, 8, Global>>() == WORD);
    const _: () = assert!(size_of::<FixedBuffer<'_>>() <= 4 * WORD);
    const _: () = assert!(size_of::<Stats>() <= 5 * WORD);
    const _: () = assert!(size_of::<Retain>() <= 2 * WORD);

    const _: () = assert!(size_of::<Id<[u64; 9]>>() == 4);
    const _: () = assert!(size_of::<Option<Id<[u64; 9]>>>() == 4);
    const _: () = assert!(size_of::<TypedArena<u64>>() <= 6 * WORD);
    const _: () = assert!(size_of::<TypedArena<u64, &Arena>>() <= 7 * WORD);
    const _: () = assert!(size_of::<FrozenArena<u64>>() <= 34 * WORD);
    const _: () = assert!(size_of::<DropArena<'_>>() == size_of::<Arena>() + 2 * WORD);
    const _: () = assert!(size_of::<SendDropArena<'_>>() == size_of::<DropArena<'_>>());
    const _: () = assert!(size_of::<FrozenIter<'_, u64>>() <= 4 * WORD);
    const _: () = assert!(size_of::<IterMut<'_, u64>>() <= 7 * WORD);
    const _: () = assert!(size_of::<Drain<'_, u64>>() <= 7 * WORD);

    // Handles are as large over every allocator.
    const _: () = assert!(size_of::<rc::Rc<[u64; 9]>>() == WORD);
    const _: () = assert!(size_of::<rc::Rc<u8, &Arena>>() == WORD);
    const _: () = assert!(size_of::<rc::Weak<u8, &Arena>>() == WORD);
    const _: () = assert!(size_of::<Option<rc::Rc<u8, FixedBuffer<'_>>>>() == WORD);
    const _: () = assert!(size_of::<Option<rc::Weak<u8, &Arena>>>() == WORD);
    const _: () = assert!(size_of::<rc::Rc<str, &Arena>>() == 2 * WORD);
    const _: () = assert!(size_of::<Option<rc::Rc<dyn Debug, &Arena>>>() == 2 * WORD);

    // An error costs nothing beside a reference, nor beside another error.
    const _: () = assert!(size_of::<AllocError>() == 0);
    const _: () = assert!(size_of::<Result<&mut u8, AllocError>>() == WORD);
    const _: () = assert!(size_of::<AllocOrInitError<&u8>>() == WORD);

    const _: () = assert!(size_of::<Box<u8, &Arena>>() == 2 * WORD);
    const _: () = assert!(size_of::<Option<Box<u8, &Arena>>>() == 2 * WORD);
    const _: () = assert!(size_of::<Vec<u8, &Arena>>() == 4 * WORD);
    const _: () = assert!(size_of::<string::String<&Arena>>() == 4 * WORD);
    const _: () = assert!(size_of::<Option<string::String<&Arena>>>() == 4 * WORD);
    const _: () = assert!(size_of::<string::String>() == 3 * WORD);
}

/// Arenas that are made when the program is compiled.
mod constants {
    use super::*;

    const EMPTY_TEXT: string::String = string::String::new();

    // A constant is a template, of which each use is a new arena.
    #[allow(clippy::declare_interior_mutable_const, reason = "that is meant here")]
    const EMPTY: Arena = Arena::new();
    #[allow(clippy::declare_interior_mutable_const, reason = "that is meant here")]
    const PACKED: Arena<1> = Arena::with_min_align();
    #[allow(clippy::declare_interior_mutable_const, reason = "that is meant here")]
    const OVER_GLOBAL: Arena<16, Global> = Arena::with_min_align_in(Global);

    static SHARED: Mutex<Arena> = Mutex::new(Arena::new());

    static TYPED: Mutex<TypedArena<String>> = Mutex::new(TypedArena::new());
    static FROZEN: Mutex<FrozenArena<String>> = Mutex::new(FrozenArena::new_in(Global));
    static DROPPING: Mutex<SendDropArena<'static>> = Mutex::new(DropArena::sendable());

    thread_local! {
        static OWN: Arena = const { Arena::new() };
    }

    #[test]
    fn constant_arenas_are_made_anew() {
        let (first, second) = (EMPTY, EMPTY);
        first.alloc(1);
        assert_ne!(first.allocated_bytes(), 0);
        assert_eq!(second.allocated_bytes(), 0);

        let [third, fourth] = [const { Arena::new_in(Global) }; 2];
        third.alloc(1);
        assert_eq!(fourth.capacity(), 0);

        let (packed, over_global) = (PACKED, OVER_GLOBAL);
        assert_eq!(*packed.alloc(3) + *over_global.alloc(4), 7);
    }

    #[test]
    fn a_constant_string_is_made_anew() {
        let mut text = EMPTY_TEXT;
        text.push('a');
        assert_eq!((text.len(), EMPTY_TEXT.len()), (1, 0));
    }

    #[test]
    fn an_arena_can_be_a_static_behind_a_lock() {
        let mut arena = SHARED.lock().unwrap();
        assert_eq!(arena.scope(|s| *s.alloc(1)), 1);
    }

    #[test]
    fn the_arenas_that_own_their_values_can_be_statics() {
        TYPED.lock().unwrap().alloc("a".into()).push('!');
        assert_eq!(TYPED.lock().unwrap().drain().next().unwrap(), "a!");
        assert_eq!(*FROZEN.lock().unwrap().alloc("b".into()), "b");
        assert_eq!(DROPPING.lock().unwrap().alloc(String::from("c")), "c");
        let [typed, other] = [const { TypedArena::new() }; 2];
        let dropping = const { DropArena::new() };
        assert_eq!(
            (*typed.alloc(1), *dropping.alloc(2), other.len()),
            (1, 2, 0)
        );
    }

    #[test]
    fn an_arena_can_be_a_thread_local() {
        OWN.with(|arena| assert_eq!(*arena.alloc(1), 1));
    }
}

/// What a scope takes is not bound to its own life, though what it lends may have it.
#[test]
fn a_scope_holds_values_that_borrow_from_its_closure() {
    let mut arena = Arena::new();
    arena.scope(|s| {
        let name = String::from("local");
        let borrowed = s.alloc(&name);
        let mut lengths = Vec::new_in(&*s);
        lengths.push(borrowed.len());
        let in_scope = s.alloc(lengths);
        assert_eq!(in_scope[..], [5]);
    });
}

/// `for<'s>` in a signature: helpers take scopes of any arena.
#[test]
fn functions_can_be_generic_over_all_scopes() {
    fn twice<'s, const MIN_ALIGN: usize, A: Allocator>(
        s: &mut Scope<'s, MIN_ALIGN, A>,
        text: &str,
    ) -> &'s str {
        let length = s.scope(|inner| inner.alloc_concat(&[text, text]).len());
        assert_eq!(length, 2 * text.len());
        s.alloc_concat(&[text, text])
    }

    let mut packed = Arena::<1>::with_min_align();
    let length = packed.scope(|s| twice(s, "ab").len());
    assert_eq!(length, 4);

    let outer = Arena::new();
    let mut inner = Arena::new_in(&outer);
    assert!(inner.scope(|s| twice(s, "ab") == "abab"));
}
