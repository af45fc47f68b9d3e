//! `Owned` and `DoubleBuffer`.

use std::cell::Cell;
use std::fmt::Debug;
use std::mem::size_of;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::MutexGuard;

use allocator_api2::alloc::Global;
use arenula::vec::Vec;
use arenula::{Arena, CovariantRoot, DoubleBuffer, FixedBuffer, Owned, Root};

/// Roots that hold, for `'a`, a value of `T`.
struct Value<T>(T);

impl<T> Root for Value<T> {
    type Of<'a> = (&'a (), T);
}

enum InArena {}

impl Root for InArena {
    type Of<'a> = Vec<u8, &'a Arena>;
}

// As the root is, whatever its lifetime.
is!(Owned<&str>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
is!(DoubleBuffer<&str>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
is!(Owned<&mut [u8]>: Send, Sync, Unpin);
is!(Owned<Value<Cell<u8>>>: Send);
is_not!(Owned<Value<Cell<u8>>>: Sync, RefUnwindSafe);
is!(DoubleBuffer<Value<Cell<u8>>>: Send);
is_not!(DoubleBuffer<Value<Cell<u8>>>: Sync, RefUnwindSafe);
is!(Owned<Value<MutexGuard<'static, u8>>>: Sync);
is_not!(Owned<Value<MutexGuard<'static, u8>>>: Send);
is!(DoubleBuffer<Value<MutexGuard<'static, u8>>>: Sync);
is_not!(DoubleBuffer<Value<MutexGuard<'static, u8>>>: Send);
is_not!(Owned<Value<Rc<u8>>>: Send, Sync);
is_not!(DoubleBuffer<Value<Rc<u8>>>: Send, Sync);
is_not!(Owned<&Cell<u8>>: Send, Sync);
// The arena can be used through it.
is_not!(Owned<InArena>: Send, Sync);
is_not!(Owned<&Arena>: Send, Sync);
is_not!(DoubleBuffer<InArena>: Send, Sync);
is_not!(Owned<&mut u8>: UnwindSafe);
is!(Owned<Value<std::marker::PhantomPinned>>: Unpin);

// The arena goes where its backing allocator may go. Through a shared reference there is no way to it.
is!(Owned<&str, 8, FixedBuffer<'static>>: Send, Sync);
is_not!(Owned<&str, 8, &'static Arena>: Send);
is!(Owned<&str, 8, &'static Arena>: Sync);
is_not!(DoubleBuffer<&str, 8, &'static Arena>: Send);
is!(DoubleBuffer<&str, 8, &'static Arena>: Sync);

// What shows them needs that the root can be shown.
is!(Owned<&str>: Debug);
is!(DoubleBuffer<&str>: Debug);
is_not!(Owned<Value<Opaque>>: Debug);
is_not!(DoubleBuffer<Value<Opaque>>: Debug);
is_not!(Owned<&str>: Clone, Default);
is_not!(DoubleBuffer<&str>: Clone, Default);

struct Opaque;

is!(&[Opaque]: Root, CovariantRoot);
is!(&mut Opaque: Root, CovariantRoot);
is!((&str, Option<&Opaque>, &mut [u8]): Root);
is_not!(Opaque: Root);
is_not!(Option<Opaque>: Root);

// A root and a pointer, of which the latter is not null.
const _: () = {
    let word = size_of::<usize>();
    assert!(size_of::<Owned<&str>>() == 3 * word);
    assert!(size_of::<Option<Owned<&str>>>() == 3 * word);
    assert!(size_of::<DoubleBuffer<&u8>>() == 3 * word);
    assert!(size_of::<Option<DoubleBuffer<&u8>>>() == 3 * word);
};

/// They are what a static can hold behind a lock, and a box as well.
const _: fn() = || {
    fn is_static<T: 'static>() {}
    is_static::<Owned<&'static str, 1, Global>>();
    is_static::<DoubleBuffer<InArena>>();
};
