//! `Rc` of slices, of text, and of any type.

use core::alloc::Layout;
use core::any::Any;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator};

use crate::arena::{Failure, or_fail};

use super::block::Block;
use super::filling::Filling;
use super::{Rc, Shell};

impl<T: Copy, A: Allocator> Rc<[T], A> {
    both_forms! {
        /// Copies a slice.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// assert_eq!(*Rc::from_slice_copy_in(&[1, 2], &arena), [1, 2]);
        /// ```
        fn from_slice_copy_in[](source: &[T], alloc: A) -> Self = copy;
        /// [`from_slice_copy_in`](Rc::from_slice_copy_in), or an error where there is no memory.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// arena.set_limit(Some(0));
        /// assert!(Rc::try_from_slice_copy_in(&[1, 2], &arena).is_err());
        /// ```
        fn try_from_slice_copy_in;
    }

    #[inline]
    pub(super) fn copy(source: &[T], alloc: A) -> Result<Self, Failure> {
        let block = Block::new(Layout::for_value(source), alloc).map_err(|(failure, _)| failure)?;
        let start = NonNull::from(source).cast::<T>();
        // SAFETY: the block has room for just this slice, aligned, and is nobody else's.
        unsafe {
            let place = block.value().cast::<T>();
            place.copy_from_nonoverlapping(start, source.len());
            Ok(Self::of_slice(block, source.len()))
        }
    }
}

impl<T: Clone, A: Allocator> Rc<[T], A> {
    both_forms! {
        /// Clones a slice.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// assert_eq!(*Rc::from_slice_clone_in(&[0..2], &arena), [0..2]);
        /// ```
        fn from_slice_clone_in[](source: &[T], alloc: A) -> Self = clone_slice;
        /// [`from_slice_clone_in`](Rc::from_slice_clone_in), or an error where there is no memory.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// assert_eq!(*Rc::try_from_slice_clone_in(&[0..2], &arena).unwrap(), [0..2]);
        /// ```
        fn try_from_slice_clone_in;
    }

    #[inline]
    pub(super) fn clone_slice(source: &[T], alloc: A) -> Result<Self, Failure> {
        Self::collect(source.iter().cloned(), alloc)
    }
}

impl<T, A: Allocator> Rc<[T], A> {
    both_forms! {
        /// A slice of all that an iterator gives, which may use the arena.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// let odd = Rc::from_iter_in((0..10).filter(|n| n % 2 == 1), &arena);
        /// assert_eq!(*odd, [1, 3, 5, 7, 9]);
        /// ```
        fn from_iter_in[I: IntoIterator<Item = T>](iter: I, alloc: A) -> Self = collect;
        /// [`from_iter_in`](Rc::from_iter_in), or an error where there is no memory; what the iterator gave
        /// until then is dropped.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// arena.set_limit(Some(10_000));
        /// assert!(Rc::try_from_iter_in(0.., &arena).is_err());
        /// ```
        fn try_from_iter_in;
    }

    #[inline]
    pub(super) fn collect<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Result<Self, Failure> {
        let iter = iter.into_iter();
        // Only a hint: where it can't be met, the values may still fit.
        let filling = Filling::with_room(iter.size_hint().0, alloc)
            .or_else(|(_, alloc)| Filling::with_room(0, alloc));
        let mut filling = filling.map_err(|(failure, _)| failure)?;
        for value in iter {
            filling.push(value)?;
        }
        filling.finish()
    }

    /// The first handle of a slice.
    ///
    /// # Safety
    ///
    /// The block is one for just so many values, which have been written.
    #[inline(always)]
    pub(super) unsafe fn of_slice(block: Block<A>, len: usize) -> Self {
        Self::at(NonNull::slice_from_raw_parts(block.open(1).cast(), len))
    }

    /// Moves the values of a box or vector to a block for them; if there is none, they are handed back.
    ///
    /// # Safety
    ///
    /// From `start` on there is a block of `alloc`'s, of the layout of `room` values, of which `len` are there.
    /// They are the caller's own, who uses none of this again on success.
    pub(super) unsafe fn take(
        start: *mut T,
        len: usize,
        room: usize,
        alloc: A,
    ) -> Result<Self, (Failure, A)> {
        // It can't be too large, since there is a slice of it.
        let values = Layout::array::<T>(len).map_err(|_| Failure::TooLarge);
        let values = match values {
            Ok(values) => values,
            Err(failure) => return Err((failure, alloc)),
        };
        let block = Block::new(values, alloc)?;
        // SAFETY: the values are moved to a block that has room for just them. Then their old one goes back, as
        // the box's or vector's would, without them.
        unsafe {
            let place = block.value().cast::<T>();
            place.as_ptr().copy_from_nonoverlapping(start, len);
            // (A box without a size has no block.)
            if size_of::<T>() != 0 {
                let shell = ptr::slice_from_raw_parts_mut(start.cast(), room);
                drop(Shell::<T, A>::from_raw_in(shell, &block.alloc));
            }
            Ok(Self::of_slice(block, len))
        }
    }
}

impl<A: Allocator> Rc<str, A> {
    both_forms! {
        /// Copies text.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// let name = Rc::from_str_in("Ada", &arena);
        /// assert_eq!(&*name, "Ada");
        /// assert_eq!(size_of_val(&name), 2 * size_of::<usize>());
        /// ```
        fn from_str_in[](text: &str, alloc: A) -> Self = copy_str;
        /// [`from_str_in`](Rc::from_str_in), or an error where there is no memory.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// arena.set_limit(Some(0));
        /// assert!(Rc::try_from_str_in("Ada", &arena).is_err());
        /// ```
        fn try_from_str_in;
    }

    #[inline]
    pub(super) fn copy_str(text: &str, alloc: A) -> Result<Self, Failure> {
        let bytes = Rc::copy(text.as_bytes(), alloc)?;
        // SAFETY: the bytes are those of a `str`.
        Ok(unsafe { bytes.into_text() })
    }
}

impl<A: Allocator> Rc<[u8], A> {
    /// # Safety
    ///
    /// The bytes are those of a `str`.
    #[inline]
    pub(super) unsafe fn into_text(self) -> Rc<str, A> {
        // SAFETY: the address and the length stay, and so do the layout and the handle; the rest is promised.
        unsafe { Rc::from_raw(Rc::into_raw(self) as *const str) }
    }
}

impl<A: Allocator> Rc<dyn Any, A> {
    /// The value as what it is, if it is a `T`; or else the `Rc`.
    ///
    /// ```
    /// use std::any::Any;
    /// use arenula::{Arena, rc::{Rc, unsize}};
    ///
    /// let arena = Arena::new();
    /// let any = unsize!(Rc::new_in(7, &arena) => dyn Any);
    /// let any = any.downcast::<u8>().unwrap_err();
    /// assert_eq!(*any.downcast::<i32>().unwrap(), 7);
    /// ```
    #[inline]
    pub fn downcast<T: Any>(self) -> Result<Rc<T, A>, Self> {
        if !(*self).is::<T>() {
            return Err(self);
        }
        // SAFETY: the value is a `T`; the address stays, and so do the layout and the handle.
        Ok(unsafe { Rc::from_raw(Rc::into_raw(self).cast()) })
    }
}
