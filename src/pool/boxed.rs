//! A value in a pool, owned.

use core::borrow::{Borrow, BorrowMut};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use super::page::{GiveBack, value_at};

/// A value in a [`Pool`](super::Pool), which it owns as a `Box` does: it is dropped with it, and its slot goes back to
/// the pool.
///
/// One word. If it is forgotten, its value is not dropped, and its slot stays taken until the pool's memory goes back.
///
/// ```
/// use arenula::pool::{Pool, PoolBox};
///
/// let pool = Pool::new();
/// let mut name: PoolBox<String> = pool.alloc("Ada".to_owned());
/// name.push_str(" Lovelace");
/// assert_eq!(PoolBox::into_inner(name), "Ada Lovelace");
/// assert_eq!(pool.len(), 0);
/// ```
///
/// It can be shared with other threads, but not sent there: it would use the pool's list of free slots when it is
/// dropped.
///
/// ```compile_fail,E0277
/// let pool = arenula::pool::Pool::new();
/// let boxed = pool.alloc(1);
/// std::thread::scope(|s| {
///     s.spawn(move || drop(boxed));
/// });
/// ```
///
/// There is no way to pin it: a pool's memory goes back also where a box was forgotten, whose value was not dropped.
pub struct PoolBox<'p, T> {
    /// The pool's own pointer to a slot that was taken (P3, P4).
    slot: NonNull<u8>,
    _pool: PhantomData<&'p ()>,
    _value: PhantomData<T>,
}

// SAFETY: by `&self` the value can be reached, by shared reference, and nothing else.
unsafe impl<T: Sync> Sync for PoolBox<'_, T> {}

// As a box.
impl<T: UnwindSafe> UnwindSafe for PoolBox<'_, T> {}
impl<T: RefUnwindSafe> RefUnwindSafe for PoolBox<'_, T> {}

impl<'p, T> PoolBox<'p, T> {
    /// # Safety
    ///
    /// The slot is a taken one of a pool of `T`s that is borrowed for `'p`, with the pool's own pointer; it has a
    /// value, and both are the caller's.
    #[inline(always)]
    pub(super) unsafe fn new(slot: NonNull<u8>) -> Self {
        PoolBox {
            slot,
            _pool: PhantomData,
            _value: PhantomData,
        }
    }

    /// The value, whose slot goes back to the pool.
    ///
    /// ```
    /// use arenula::pool::{Pool, PoolBox};
    ///
    /// let pool = Pool::new();
    /// let boxed = pool.alloc(vec![1, 2]);
    /// assert_eq!(PoolBox::into_inner(boxed), [1, 2]);
    /// assert!(pool.is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn into_inner(this: Self) -> T {
        let slot = ManuallyDrop::new(this).slot;
        // SAFETY: the slot and its value are ours (P3); the value is read first.
        unsafe {
            let _give_back = GiveBack::<T>::new(slot);
            value_at::<T>(slot).read()
        }
    }

    /// A plain reference to the value, which is never dropped. Its slot stays taken.
    ///
    /// ```
    /// use arenula::pool::{Pool, PoolBox};
    ///
    /// let pool = Pool::new();
    /// let number: &mut i32 = PoolBox::leak(pool.alloc(1));
    /// *number += 1;
    /// assert_eq!((*number, pool.len()), (2, 1));
    /// ```
    #[inline]
    #[must_use = "the value would be lost"]
    pub fn leak(this: Self) -> &'p mut T {
        let slot = ManuallyDrop::new(this).slot;
        // SAFETY: the value is ours, and nobody else's as long as the pool is borrowed (P3).
        unsafe { value_at::<T>(slot).as_mut() }
    }
}

impl<T> Drop for PoolBox<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the slot and its value are ours (P3). The slot goes back after the destructor has run (P6), also
        // if that panics.
        unsafe {
            let _give_back = GiveBack::<T>::new(self.slot);
            value_at::<T>(self.slot).drop_in_place();
        }
    }
}

/// What boxes of both kinds do as their values do.
macro_rules! like_its_value {
    ($box:ident $(, $bound:ident)?) => {
        impl<T $(: $bound)?> Deref for $box<'_, T> {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                // SAFETY: the value is ours (P3).
                unsafe { value_at::<T>(self.slot).as_ref() }
            }
        }

        impl<T $(: $bound)?> DerefMut for $box<'_, T> {
            #[inline]
            fn deref_mut(&mut self) -> &mut T {
                // SAFETY: the value is ours (P3).
                unsafe { value_at::<T>(self.slot).as_mut() }
            }
        }

        impl<T $(: $bound)?> AsRef<T> for $box<'_, T> {
            fn as_ref(&self) -> &T {
                self
            }
        }

        impl<T $(: $bound)?> AsMut<T> for $box<'_, T> {
            fn as_mut(&mut self) -> &mut T {
                self
            }
        }

        impl<T: fmt::Debug $(+ $bound)?> fmt::Debug for $box<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: fmt::Display $(+ $bound)?> fmt::Display for $box<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T $(: $bound)?> fmt::Pointer for $box<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Pointer::fmt(&value_at::<T>(self.slot), f)
            }
        }
    };
}
pub(super) use like_its_value;

like_its_value!(PoolBox);

impl<T> Borrow<T> for PoolBox<'_, T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T> BorrowMut<T> for PoolBox<'_, T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: PartialEq> PartialEq for PoolBox<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for PoolBox<'_, T> {}

impl<T: PartialOrd> PartialOrd for PoolBox<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord> Ord for PoolBox<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Hash> Hash for PoolBox<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<I: Iterator> Iterator for PoolBox<'_, I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        (**self).next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (**self).size_hint()
    }
}

impl<E: core::error::Error> core::error::Error for PoolBox<'_, E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        (**self).source()
    }
}
