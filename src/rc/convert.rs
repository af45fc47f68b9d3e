//! `Rc` from other values, and back.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use crate::arena::or_fail;

use super::Rc;

impl<T> From<T> for Rc<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Clone> From<&[T]> for Rc<[T]> {
    fn from(source: &[T]) -> Self {
        Self::from_slice_clone_in(source, Global)
    }
}

impl<T, const N: usize> From<[T; N]> for Rc<[T]> {
    fn from(values: [T; N]) -> Self {
        Self::from_iter_in(values, Global)
    }
}

impl From<&str> for Rc<str> {
    fn from(text: &str) -> Self {
        Self::from_str_in(text, Global)
    }
}

impl<T> FromIterator<T> for Rc<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Self::from_iter_in(iter, Global)
    }
}

/// The value moves to a block of the same allocator, and the box's goes back.
impl<T, A: Allocator> From<Box<T, A>> for Rc<T, A> {
    fn from(boxed: Box<T, A>) -> Self {
        let (start, alloc) = Box::into_raw_with_allocator(boxed);
        // SAFETY: both are those of a box with one value, and become it again where they come back.
        unsafe {
            match Rc::<[T], A>::take(start, 1, 1, alloc) {
                Ok(slice) => Rc::from_raw(Rc::into_raw(slice).cast()),
                Err((failure, alloc)) => {
                    drop(Box::from_raw_in(start, alloc));
                    or_fail(Err(failure))
                }
            }
        }
    }
}

/// The values move to a block of the same allocator, and the box's goes back.
impl<T, A: Allocator> From<Box<[T], A>> for Rc<[T], A> {
    fn from(boxed: Box<[T], A>) -> Self {
        Self::from(boxed.into_vec())
    }
}

/// The text moves to a block of the same allocator, and the box's goes back.
impl<A: Allocator> From<Box<str, A>> for Rc<str, A> {
    fn from(boxed: Box<str, A>) -> Self {
        let bytes = Rc::<[u8], A>::from(Box::<[u8], A>::from(boxed));
        // SAFETY: the bytes are those of a `str`.
        unsafe { bytes.into_text() }
    }
}

/// The values move to a block of the same allocator, and the vector's goes back.
impl<T, A: Allocator> From<Vec<T, A>> for Rc<[T], A> {
    fn from(values: Vec<T, A>) -> Self {
        if values.capacity() == 0 || size_of::<T>() == 0 {
            // There is no block to give back.
            let (start, len, _, alloc) = values.into_raw_parts_with_alloc();
            // SAFETY: values without a size take no memory; each is read once, where it counts as moved out.
            return Rc::from_iter_in((0..len).map(|_| unsafe { start.read() }), alloc);
        }
        let (start, len, room, alloc) = values.into_raw_parts_with_alloc();
        // SAFETY: all of it is that of a vector, and becomes one again where it comes back.
        unsafe {
            match Self::take(start, len, room, alloc) {
                Ok(slice) => slice,
                Err((failure, alloc)) => {
                    drop(Vec::from_raw_parts_in(start, len, room, alloc));
                    or_fail(Err(failure))
                }
            }
        }
    }
}

impl<A: Allocator> From<Rc<str, A>> for Rc<[u8], A> {
    fn from(text: Rc<str, A>) -> Self {
        // SAFETY: the address and the length stay, and so do the layout and the handle.
        unsafe { Rc::from_raw(Rc::into_raw(text) as *const [u8]) }
    }
}

/// As an array, if it has so many values; or else the slice.
impl<T, A: Allocator, const N: usize> TryFrom<Rc<[T], A>> for Rc<[T; N], A> {
    type Error = Rc<[T], A>;

    fn try_from(slice: Rc<[T], A>) -> Result<Self, Self::Error> {
        if slice.len() != N {
            return Err(slice);
        }
        // SAFETY: the address stays, and so do the layout and the handle.
        Ok(unsafe { Rc::from_raw(Rc::into_raw(slice).cast()) })
    }
}
