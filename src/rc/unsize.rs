//! [`unsize!`](crate::rc::unsize): what the standard library leaves to the compiler.

use core::marker::PhantomData;

use allocator_api2::alloc::Allocator;

use super::Rc;
use super::weak::Weak;

/// Takes a handle apart, for [`unsize!`]: a pointer, and what kind of handle it was.
///
/// The trait can't be named outside. So a handle in the macro is never of a generic type, and `put_together` always
/// the method here: of a generic type it could be one of anybody's trait, called in the macro's `unsafe` block.
#[doc(hidden)]
#[inline]
pub fn take_apart<H: sealed::Handle>(handle: H) -> (*const H::Value, H::Kind) {
    handle.take_apart()
}

#[doc(hidden)]
pub struct StrongKind<A>(PhantomData<A>);

#[doc(hidden)]
pub struct WeakKind<A>(PhantomData<A>);

impl<T: ?Sized, A: Allocator> sealed::Handle for Rc<T, A> {
    type Value = T;
    type Kind = StrongKind<A>;

    #[inline]
    fn take_apart(self) -> (*const T, StrongKind<A>) {
        (Rc::into_raw(self), StrongKind(PhantomData))
    }
}

impl<T: ?Sized, A: Allocator> sealed::Handle for Weak<T, A> {
    type Value = T;
    type Kind = WeakKind<A>;

    #[inline]
    fn take_apart(self) -> (*const T, WeakKind<A>) {
        (self.into_raw(), WeakKind(PhantomData))
    }
}

impl<A: Allocator> StrongKind<A> {
    /// # Safety
    ///
    /// As for [`Rc::from_raw`].
    #[inline]
    pub unsafe fn put_together<U: ?Sized>(self, value: *const U) -> Rc<U, A> {
        // SAFETY: as promised.
        unsafe { Rc::from_raw(value) }
    }
}

impl<A: Allocator> WeakKind<A> {
    /// # Safety
    ///
    /// As for [`Weak::from_raw`].
    #[inline]
    pub unsafe fn put_together<U: ?Sized>(self, value: *const U) -> Weak<U, A> {
        // SAFETY: as promised.
        unsafe { Weak::from_raw(value) }
    }
}

mod sealed {
    pub trait Handle {
        type Value: ?Sized;
        type Kind;

        fn take_apart(self) -> (*const Self::Value, Self::Kind);
    }
}

/// Makes an [`Rc`] or [`Weak`] of a type one of what that unsizes to: a trait object, or a slice of an array.
///
/// It allows what the compiler does with references by itself, and nothing else.
///
/// ```
/// use std::fmt::Display;
/// use arenula::{Arena, rc::{Rc, unsize}};
///
/// let arena = Arena::new();
/// let shown = [
///     unsize!(Rc::new_in(1, &arena) => dyn Display),
///     unsize!(Rc::new_in('x', &arena) => dyn Display),
/// ];
/// assert_eq!(format!("{}{}", shown[0], shown[1]), "1x");
///
/// let slice: Rc<[u8], _> = unsize!(Rc::new_in([1, 2, 3], &arena) => [u8]);
/// assert_eq!(slice.len(), 3);
/// ```
#[macro_export]
macro_rules! unsize_rc {
    ($handle:expr => $unsized:ty $(,)?) => {{
        let (value, kind) = $crate::rc::take_apart($handle);
        // No cast: what the compiler coerces implicitly, between pointers, keeps the address, and gives the
        // metadata that belongs to the value's type.
        let value: *const $unsized = value;
        // SAFETY: the pointer comes from a handle of this kind, which was forgotten.
        unsafe { kind.put_together(value) }
    }};
}
