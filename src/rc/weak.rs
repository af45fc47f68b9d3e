//! `Weak`.

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{Allocator, Global};

use super::Rc;
use super::block::{Header, NO_VALUE, free};

/// A handle that does not keep the value alive, only the memory that it lies in.
///
/// ```
/// use arenula::Arena;
/// use arenula::rc::Rc;
///
/// let arena = Arena::new();
/// let shared = Rc::new_in(7, &arena);
/// let weak = Rc::downgrade(&shared);
/// assert_eq!(weak.upgrade().as_deref(), Some(&7));
/// drop(shared);
/// assert_eq!(weak.upgrade(), None);
/// ```
pub struct Weak<T: ?Sized, A: Allocator = Global> {
    pub(super) value: NonNull<T>,
    owns: PhantomData<(A, T)>,
}

/// Where a `Weak` points that belongs to no block. No value is there, since a header that fits before it would
/// have to end at the last address.
// SAFETY: not null.
pub(super) const NOWHERE: NonNull<u8> =
    unsafe { NonNull::new_unchecked(ptr::without_provenance_mut(usize::MAX)) };

impl<T, A: Allocator> Weak<T, A> {
    /// A handle of no value.
    ///
    /// ```
    /// use arenula::rc::Weak;
    ///
    /// const NOBODY: Weak<u8> = Weak::new();
    /// assert_eq!(NOBODY.upgrade(), None);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::at(NOWHERE.cast())
    }
}

impl<T: ?Sized, A: Allocator> Weak<T, A> {
    /// A handle. That it counts is for the caller to see to (R3).
    #[inline(always)]
    pub(super) const fn at(value: NonNull<T>) -> Self {
        Weak {
            value,
            owns: PhantomData,
        }
    }

    /// The header, if there is a block.
    #[inline(always)]
    pub(super) fn block(&self) -> Option<&Header<A>> {
        if self.value.cast::<u8>() == NOWHERE {
            None
        } else {
            // SAFETY: there is.
            Some(unsafe { self.header() })
        }
    }

    /// # Safety
    ///
    /// This is not the `Weak` of no block.
    #[inline(always)]
    pub(super) unsafe fn header(&self) -> &Header<A> {
        // SAFETY: a header lies right before the value, and is there as long as this handle (R1).
        unsafe { self.value.cast::<Header<A>>().sub(1).as_ref() }
    }

    /// An `Rc` of the value, if it is still there.
    ///
    /// ```
    /// use arenula::rc::{Rc, Weak};
    ///
    /// let shared = Rc::new(1);
    /// let weak = Rc::downgrade(&shared);
    /// assert_eq!(weak.upgrade(), Some(shared));
    /// assert_eq!(weak.upgrade(), None);
    /// ```
    #[inline]
    #[must_use]
    pub fn upgrade(&self) -> Option<Rc<T, A>> {
        let header = self.block()?;
        if header.strong.get() & NO_VALUE != 0 {
            return None;
        }
        header.add_strong();
        Some(Rc::at(self.value))
    }

    /// The number of `Rc`s of the value; 0 if it is gone.
    ///
    /// ```
    /// use arenula::rc::{Rc, Weak};
    ///
    /// let shared = Rc::new(1);
    /// assert_eq!(Rc::downgrade(&shared).strong_count(), 1);
    /// assert_eq!(Weak::<u8>::new().strong_count(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn strong_count(&self) -> usize {
        match self.block() {
            Some(header) if header.strong.get() & NO_VALUE == 0 => header.strong.get(),
            _ => 0,
        }
    }

    /// The number of `Weak`s of the value; 0 if it is gone.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// let weak = Rc::downgrade(&shared);
    /// assert_eq!(weak.weak_count(), 1);
    /// drop(shared);
    /// assert_eq!(weak.weak_count(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn weak_count(&self) -> usize {
        match self.block() {
            Some(header) if header.strong.get() & NO_VALUE == 0 => header.weak.get() - 1,
            _ => 0,
        }
    }

    /// Whether both are handles of the same value, or of none from the beginning.
    ///
    /// ```
    /// use arenula::rc::{Rc, Weak};
    ///
    /// let shared = Rc::new(1);
    /// let weak = Rc::downgrade(&shared);
    /// assert!(weak.ptr_eq(&weak.clone()));
    /// assert!(!weak.ptr_eq(&Weak::new()));
    /// ```
    #[inline]
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        ptr::addr_eq(self.value.as_ptr(), other.value.as_ptr())
    }

    /// Where the value is, or was. It may be read as long as there is an `Rc`.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// assert_eq!(Rc::downgrade(&shared).as_ptr(), Rc::as_ptr(&shared));
    /// ```
    #[inline]
    #[must_use]
    pub fn as_ptr(&self) -> *const T {
        self.value.as_ptr()
    }

    /// The handle as a pointer. It is to become a `Weak` again by [`from_raw`](Weak::from_raw).
    ///
    /// ```
    /// use arenula::rc::{Rc, Weak};
    ///
    /// let shared = Rc::new(1);
    /// let pointer = Rc::downgrade(&shared).into_raw();
    /// // SAFETY: the pointer comes from there, from a `Weak` of this type.
    /// let weak: Weak<i32> = unsafe { Weak::from_raw(pointer) };
    /// assert_eq!(Rc::weak_count(&shared), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn into_raw(self) -> *const T {
        ManuallyDrop::new(self).value.as_ptr()
    }

    /// The handle that [`into_raw`](Weak::into_raw) gave away.
    ///
    /// # Safety
    ///
    /// The pointer comes from `into_raw` of a `Weak` whose allocator was an `A`, and has become no `Weak` since.
    /// The type of the value may have become another one of the same size, alignment and address, if the
    /// value is one of that type too.
    #[inline]
    pub unsafe fn from_raw(value: *const T) -> Self {
        // SAFETY: never null, as it comes from a handle.
        Self::at(unsafe { NonNull::new_unchecked(value.cast_mut()) })
    }
}

impl<T: ?Sized, A: Allocator> Clone for Weak<T, A> {
    /// Another handle of the same value, which does not keep it alive either.
    #[inline]
    fn clone(&self) -> Self {
        if let Some(header) = self.block() {
            header.add_weak();
        }
        Self::at(self.value)
    }
}

impl<T: ?Sized, A: Allocator> Drop for Weak<T, A> {
    #[inline]
    fn drop(&mut self) {
        let Some(header) = self.block() else { return };
        let weak = header.weak.get() - 1;
        header.weak.set(weak);
        if weak == 0 {
            // SAFETY: no handle is left, and so no value: all `Rc`s together count as a `Weak` until it is
            // gone.
            unsafe { free(self.value.cast::<Header<A>>().sub(1)) };
        }
    }
}

impl<T, A: Allocator> Default for Weak<T, A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized, A: Allocator> fmt::Debug for Weak<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}
