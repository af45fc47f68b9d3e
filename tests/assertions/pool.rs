//! What `Pool`, `Slots` and what belongs to them promise at compile time.

use std::borrow::{Borrow, BorrowMut};
use std::cell::Cell;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::hash::Hash;
use std::iter::FusedIterator;
use std::num::ParseIntError;
use std::ops::{Deref, DerefMut, IndexMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};

use allocator_api2::alloc::Global;
use arenula::pool::{
    Drain, Handle, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys, Pool, PoolBox, Recycle,
    Recycled, Slots, Values, ValuesMut,
};
use arenula::{Arena, FixedBuffer};

/// Markers: what may go to another thread, be seen from there, or be used after a panic.
mod markers {
    use super::*;

    // One thread at a time, whichever it is, with what was recycled.
    is!(Pool<String>: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is!(Pool<Cell<u8>>: Send);
    is_not!(Pool<u8>: Sync, Clone);
    is_not!(&'static Pool<u8>: Send, Sync);
    is_not!(Pool<Rc<u8>>: Send, Sync);
    is_not!(Pool<MutexGuard<'static, u8>>: Send);
    is_not!(Pool<u8, &'static Arena>: Send, Sync);
    is_not!(Pool<&'static mut u8>: UnwindSafe);
    is_not!(Pool<Cell<u8>>: RefUnwindSafe);

    // A box uses its pool when it is dropped, and only then.
    is!(PoolBox<'static, String>: Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(PoolBox<'static, u8>: Send, Clone);
    is_not!(PoolBox<'static, Cell<u8>>: Sync, RefUnwindSafe);
    is!(PoolBox<'static, MutexGuard<'static, u8>>: Sync);
    is_not!(PoolBox<'static, &'static mut u8>: UnwindSafe);
    is!(&'static PoolBox<'static, u8>: Send);
    is_not!(&'static mut PoolBox<'static, u8>: Send);
    is!(Recycled<'static, String>: Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(Recycled<'static, String>: Send, Clone);
    is_not!(Recycled<'static, Vec<Cell<u8>>>: Sync, RefUnwindSafe);

    // As a vector.
    is!(Slots<String>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone);
    is!(Slots<Cell<u8>>: Send);
    is_not!(Slots<Cell<u8>>: Sync, RefUnwindSafe);
    is!(Slots<MutexGuard<'static, u8>>: Sync);
    is_not!(Slots<MutexGuard<'static, u8>>: Send, Clone);
    is_not!(Slots<Rc<u8>>: Send, Sync);
    is_not!(Slots<u8, &'static Arena>: Send, Sync);
    is!(Slots<u8, FixedBuffer<'static>>: Send);
    is_not!(Slots<u8, FixedBuffer<'static>>: Sync, Clone);
    is_not!(Slots<&'static mut u8>: UnwindSafe);

    is!(Iter<'static, u8>: Send, Sync, Unpin, Clone);
    is_not!(Iter<'static, Cell<u8>>: Send, Sync);
    is!(IterMut<'static, Cell<u8>>: Send);
    is!(IterMut<'static, u8>: Send, Sync, Unpin);
    is_not!(IterMut<'static, Cell<u8>>: Sync, Clone);
    is_not!(IterMut<'static, MutexGuard<'static, u8>>: Send);
    is!(Drain<'static, u8>: Send, Sync, Unpin);
    is_not!(Drain<'static, Rc<u8>>: Send, Sync);
    is_not!(Drain<'static, u8, &'static Arena>: Send, Sync);
    is!(IntoIter<u8>: Send, Sync, Unpin);
    is_not!(IntoIter<Rc<u8>>: Send, Sync);
    is_not!(IntoIter<u8, &'static Arena>: Send, Sync);

    is!(Keys<'static, u8>: Send, Sync, Unpin, Clone);
    is!(Values<'static, u8>: Send, Sync, Unpin, Clone);
    is_not!(Values<'static, Cell<u8>>: Send, Sync);
    is!(ValuesMut<'static, Cell<u8>>: Send);
    is!(ValuesMut<'static, u8>: Send, Sync, Unpin);
    is_not!(ValuesMut<'static, Cell<u8>>: Sync, Clone);
    is!(IntoKeys<u8>: Send, Sync, Unpin);
    is_not!(IntoKeys<Rc<u8>>: Send, Sync);
    is!(IntoValues<u8>: Send, Sync, Unpin);
    is_not!(IntoValues<Rc<u8>>: Send, Sync);
    is_not!(IntoValues<u8, &'static Arena>: Send, Sync);

    // A number, whatever it stands for.
    is!(Handle<Rc<u8>>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Copy, Ord, Hash, Debug);
    is!(Handle<Cell<&'static mut u8>>: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
}

/// What can be done with them.
mod traits {
    use super::*;

    struct Plain;
    impl Recycle for Plain {
        fn recycle(&mut self) {}
    }

    is!(Pool<Plain>: Default, Debug);
    is!(PoolBox<'static, Plain>: Deref<Target = Plain>, DerefMut, AsRef<Plain>, AsMut<Plain>, fmt::Pointer);
    is!(PoolBox<'static, Plain>: Borrow<Plain>, BorrowMut<Plain>);
    is!(PoolBox<'static, String>: Debug, Display, Ord, Hash);
    is!(PoolBox<'static, ParseIntError>: Error);
    is!(PoolBox<'static, std::vec::IntoIter<u8>>: Iterator<Item = u8>);
    is_not!(PoolBox<'static, Plain>: Debug, Display, PartialEq, Hash, Error, Iterator);
    is!(Recycled<'static, Plain>: Deref<Target = Plain>, DerefMut, AsRef<Plain>, AsMut<Plain>, fmt::Pointer);
    is!(Recycled<'static, String>: Debug, Display);

    is!(Slots<Plain>: Default, FromIterator<Plain>, Extend<Plain>, IndexMut<Handle<Plain>, Output = Plain>);
    is!(Slots<Plain>: IntoIterator<Item = (Handle<Plain>, Plain)>);
    is!(&'static Slots<Plain>: IntoIterator<Item = (Handle<Plain>, &'static Plain)>);
    is!(&'static mut Slots<Plain>: IntoIterator<Item = (Handle<Plain>, &'static mut Plain)>);
    is!(Slots<u8>: Debug);
    is_not!(Slots<Plain>: Clone, Debug);
    is!(Iter<'static, Plain>: ExactSizeIterator, FusedIterator, Debug);
    is!(IterMut<'static, Plain>: ExactSizeIterator, FusedIterator, Debug);
    is!(Drain<'static, Plain>: ExactSizeIterator, FusedIterator, Debug);
    is!(IntoIter<Plain>: ExactSizeIterator, FusedIterator, Debug);
    is!(Keys<'static, Plain>: ExactSizeIterator<Item = Handle<Plain>>, FusedIterator, Debug);
    is!(Values<'static, Plain>: ExactSizeIterator<Item = &'static Plain>, FusedIterator, Debug);
    is!(ValuesMut<'static, Plain>: ExactSizeIterator<Item = &'static mut Plain>, FusedIterator, Debug);
    is!(IntoKeys<Plain>: ExactSizeIterator<Item = Handle<Plain>>, FusedIterator, Debug);
    is!(IntoValues<Plain>: ExactSizeIterator<Item = Plain>, FusedIterator, Debug);
}

/// Each coerces by itself where it may.
#[allow(dead_code)]
mod variance {
    use super::*;

    fn pool_backing<'long: 'short, 'short>(
        long: Pool<u8, FixedBuffer<'long>>,
    ) -> Pool<u8, FixedBuffer<'short>> {
        long
    }

    fn pool_box<'long: 'short, 'short>(
        long: PoolBox<'long, &'long u8>,
    ) -> PoolBox<'short, &'short u8> {
        long
    }

    fn recycled<'long: 'short, 'short>(long: Recycled<'long, String>) -> Recycled<'short, String> {
        long
    }

    fn slots<'long: 'short, 'short>(
        long: Slots<&'long u8, FixedBuffer<'long>>,
    ) -> Slots<&'short u8, FixedBuffer<'short>> {
        long
    }

    fn handle<'long: 'short, 'short>(long: Handle<&'long u8>) -> Handle<&'short u8> {
        long
    }

    fn iter<'long: 'short, 'short>(long: Iter<'long, &'long u8>) -> Iter<'short, &'short u8> {
        long
    }

    fn iter_mut<'long: 'short, 'short>(long: IterMut<'long, u8>) -> IterMut<'short, u8> {
        long
    }

    fn keys<'long: 'short, 'short>(long: Keys<'long, &'long u8>) -> Keys<'short, &'short u8> {
        long
    }

    fn values<'long: 'short, 'short>(long: Values<'long, &'long u8>) -> Values<'short, &'short u8> {
        long
    }

    fn values_mut<'long: 'short, 'short>(long: ValuesMut<'long, u8>) -> ValuesMut<'short, u8> {
        long
    }

    fn drain<'long: 'short, 'short>(long: Drain<'long, u8>) -> Drain<'short, u8> {
        long
    }
}

/// Sizes, also of what holds nothing.
mod sizes {
    use super::*;

    const WORD: usize = size_of::<usize>();
    const _: () = assert!(size_of::<PoolBox<'static, [u8; 100]>>() == WORD);
    const _: () = assert!(size_of::<Option<PoolBox<'static, [u8; 100]>>>() == WORD);
    const _: () = assert!(size_of::<PoolBox<'static, ()>>() == WORD);
    const _: () = assert!(size_of::<Option<Recycled<'static, String>>>() == WORD);
    const _: () = assert!(size_of::<Handle<String>>() == 8);
    const _: () = assert!(size_of::<Option<Handle<String>>>() == 8);
    const _: () = assert!(size_of::<Pool<u8>>() == 4 * WORD);
}

/// What can be made before the program runs.
#[allow(clippy::declare_interior_mutable_const, reason = "that is the point")]
mod constants {
    use super::*;

    const POOL: Pool<String> = Pool::new();
    const SLOTS: Slots<String> = Slots::new_in(Global);
    static SHARED: Mutex<Pool<String>> = Mutex::new(Pool::new());
    static ALL: Mutex<Slots<String>> = Mutex::new(Slots::new());

    thread_local! {
        static OWN: Pool<u8> = const { Pool::new_in(Global) };
    }

    #[test]
    fn they_can_be_constants_and_statics() {
        let (first, second) = (POOL, POOL);
        let boxed = first.alloc("a".into());
        assert_eq!((&**boxed, first.len(), second.len()), ("a", 1, 0));
        let mut slots = SLOTS;
        let handle = slots.insert("b".into());
        assert_eq!((&*slots[handle], SLOTS.len()), ("b", 0));
        drop(SHARED.lock().unwrap().alloc("c".into()));
        let handle = ALL.lock().unwrap().insert("d".into());
        assert_eq!(ALL.lock().unwrap().remove(handle).unwrap(), "d");
        OWN.with(|pool| assert_eq!(*pool.alloc(1), 1));
    }
}
