//! Values that are used again, with what they hold.

use alloc::collections::{BinaryHeap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use allocator_api2::alloc::Allocator;

use super::boxed::like_its_value;
use super::page::{core_of, value_at};
use super::{Pool, PoolBox};

/// What can be made ready to be used again, instead of being dropped and made anew.
///
/// ```
/// use arenula::pool::{Pool, Recycle};
///
/// #[derive(Default)]
/// struct Request {
///     path: String,
///     body: Vec<u8>,
/// }
///
/// impl Recycle for Request {
///     fn recycle(&mut self) {
///         self.path.clear();
///         self.body.clear();
///     }
/// }
///
/// let pool = Pool::<Request>::new();
/// let mut first = pool.alloc_recycled(Request::default);
/// first.body.extend([7; 1000]);
/// drop(first);
///
/// let second = pool.alloc_recycled(Request::default);
/// assert!(second.body.is_empty() && second.body.capacity() >= 1000);
/// ```
pub trait Recycle {
    /// Empties the value, which keeps its memory. If this panics the value is dropped.
    fn recycle(&mut self);
}

impl Recycle for String {
    fn recycle(&mut self) {
        self.clear();
    }
}

impl<T> Recycle for Vec<T> {
    fn recycle(&mut self) {
        self.clear();
    }
}

impl<T, A: Allocator> Recycle for allocator_api2::vec::Vec<T, A> {
    fn recycle(&mut self) {
        self.clear();
    }
}

impl<A: Allocator> Recycle for crate::string::String<A> {
    fn recycle(&mut self) {
        self.clear();
    }
}

impl<T> Recycle for VecDeque<T> {
    fn recycle(&mut self) {
        self.clear();
    }
}

impl<T> Recycle for BinaryHeap<T> {
    fn recycle(&mut self) {
        self.clear();
    }
}

/// A value in a [`Pool`] that goes back there as it is: [`recycle`](Recycle::recycle)d, not dropped.
///
/// Made by [`Pool::alloc_recycled`]. One word.
///
/// ```
/// use arenula::pool::Pool;
///
/// let pool = Pool::<Vec<u8>>::new();
/// drop(pool.alloc_recycled(|| Vec::with_capacity(1000)));
/// let again = pool.alloc_recycled(Vec::new);
/// assert!(again.is_empty() && again.capacity() >= 1000);
/// ```
pub struct Recycled<'p, T: Recycle> {
    /// The pool's own pointer to a slot that was taken (P3, P4), for which there is a promise (P5).
    slot: NonNull<u8>,
    // Invariant: the value will be the pool's again.
    _pool: PhantomData<&'p Pool<T>>,
    _value: PhantomData<T>,
}

// SAFETY: by `&self` the value can be reached, by shared reference, and nothing else.
unsafe impl<T: Recycle + Sync> Sync for Recycled<'_, T> {}

// As a box.
impl<T: Recycle + UnwindSafe> UnwindSafe for Recycled<'_, T> {}
impl<T: Recycle + RefUnwindSafe> RefUnwindSafe for Recycled<'_, T> {}

impl<'p, T: Recycle> Recycled<'p, T> {
    /// # Safety
    ///
    /// As for [`PoolBox::new`]; and the stash has promised room for the value.
    #[inline]
    pub(super) unsafe fn new(slot: NonNull<u8>) -> Self {
        Recycled {
            slot,
            _pool: PhantomData,
            _value: PhantomData,
        }
    }

    /// The value in a box that will drop it.
    ///
    /// ```
    /// use arenula::pool::{Pool, PoolBox, Recycled};
    ///
    /// let pool = Pool::<String>::new();
    /// let name = pool.alloc_recycled(|| "Ada".to_owned());
    /// let name: PoolBox<String> = Recycled::into_box(name);
    /// assert_eq!(PoolBox::into_inner(name), "Ada");
    /// ```
    #[must_use]
    pub fn into_box(this: Self) -> PoolBox<'p, T> {
        let slot = ManuallyDrop::new(this).slot;
        // SAFETY: the slot, its value and the promise are ours.
        unsafe {
            core_of::<T>(slot).break_promise();
            PoolBox::new(slot)
        }
    }
}

impl<T: Recycle> Drop for Recycled<'_, T> {
    fn drop(&mut self) {
        /// Drops the value, should it be half empty only.
        struct OnPanic<T>(NonNull<u8>, PhantomData<T>);
        impl<T> Drop for OnPanic<T> {
            fn drop(&mut self) {
                // SAFETY: the slot, its value and the promise are ours.
                unsafe {
                    core_of::<T>(self.0).break_promise();
                    drop(PoolBox::<T>::new(self.0));
                }
            }
        }
        let guard = OnPanic::<T>(self.slot, PhantomData);
        self.recycle();
        core::mem::forget(guard);
        // SAFETY: the slot, its value and the promise are ours, and the pool's from here on (P3, P5).
        unsafe { core_of::<T>(self.slot).stash(self.slot) };
    }
}

like_its_value!(Recycled, Recycle);
