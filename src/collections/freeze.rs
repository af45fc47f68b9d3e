//! From containers to plain references, which hold no allocator.

use core::alloc::Layout;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use core::slice;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use crate::ArenaRef;

/// What a [`Vec`] can do beside what it has of its own.
pub trait VecExt<T, A: Allocator>: Sized {
    /// Freezes the vector: what is left is a plain slice, that lives as long as the arena is borrowed, or
    /// until the scope's end. Its spare capacity goes back, if it lies at the arena's end.
    ///
    /// The destructors of the elements then do not run any more.
    ///
    /// ```
    /// use arenula::Arena;
    /// use arenula::vec::VecExt;
    ///
    /// let arena = Arena::new();
    /// let mut squares = arena.vec();
    /// for n in 0..5_u64 {
    ///     squares.push(n * n);
    /// }
    /// let squares: &mut [u64] = squares.into_slice();
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// assert_eq!(arena.allocated_bytes(), 40);
    /// ```
    ///
    /// In a scope the slice outlives the borrow that the vector was made with:
    ///
    /// ```
    /// use arenula::vec::VecExt;
    /// use arenula::{Arena, Scope};
    ///
    /// fn numbers<'s>(scope: &Scope<'s>) -> &'s [u32] {
    ///     let mut numbers = scope.vec();
    ///     numbers.extend(0..3);
    ///     numbers.into_slice()
    /// }
    ///
    /// let mut arena = Arena::new();
    /// let sum = arena.scope(|s| numbers(s).iter().sum::<u32>());
    /// assert_eq!(sum, 3);
    /// ```
    fn into_slice<'a>(self) -> &'a mut [T]
    where
        T: 'a,
        A: ArenaRef<'a>;
}

impl<T, A: Allocator> VecExt<T, A> for Vec<T, A> {
    #[inline]
    fn into_slice<'a>(self) -> &'a mut [T]
    where
        T: 'a,
        A: ArenaRef<'a>,
    {
        let mut values = ManuallyDrop::new(self);
        let len = values.len();
        // SAFETY: `values` is neither used again nor dropped. A block that could not be moved is still
        // there, as large as it was. A vector's pointer is never null.
        let start = unsafe {
            let start = NonNull::new_unchecked(values.as_mut_ptr());
            shrink(&mut values).unwrap_or(start)
        };
        // SAFETY: the values are written, aligned, and no longer the vector's, which is never dropped: so
        // the block is not given back, and it stays for `'a` (`ArenaRef`). Without a block there are no
        // bytes, and the pointer is aligned.
        unsafe { slice::from_raw_parts_mut(start.as_ptr(), len) }
    }
}

/// Shrinks a vector's block to its values, and says where they are then.
///
/// # Safety
///
/// If that succeeds, the vector is neither used again nor dropped.
#[inline(always)]
unsafe fn shrink<T, A: Allocator>(values: &mut Vec<T, A>) -> Result<NonNull<T>, AllocError> {
    let (len, capacity) = (values.len(), values.capacity());
    // SAFETY: a vector's pointer is never null. With a capacity it has a block of its allocator's, of this
    // layout, which nobody uses beyond its values from here on.
    unsafe {
        let start = NonNull::new_unchecked(values.as_mut_ptr());
        if size_of::<T>() == 0 || len == capacity {
            return Ok(start);
        }
        let old = Layout::array::<T>(capacity).unwrap_unchecked();
        let new = Layout::array::<T>(len).unwrap_unchecked();
        Ok(values.allocator().shrink(start.cast(), old, new)?.cast())
    }
}

/// `Vec::into_boxed_slice`, or an error where there is no memory; the values are then dropped.
#[inline]
pub(super) fn boxed_slice<T, A: Allocator>(
    mut values: Vec<T, A>,
) -> Result<Box<[T], A>, AllocError> {
    // SAFETY: where it succeeds the vector is not used again but for its allocator, which is moved out of
    // it once. The values lie in a block of just their layout.
    unsafe {
        let start = shrink(&mut values)?;
        let values = ManuallyDrop::new(values);
        let slice = ptr::slice_from_raw_parts_mut(start.as_ptr(), values.len());
        Ok(Box::from_raw_in(slice, ptr::read(values.allocator())))
    }
}

/// What a [`Box`] can do beside what it has of its own. As there, these are functions and not methods, so as
/// not to hide methods of the value.
pub trait BoxExt<T: ?Sized, A: Allocator>: Sized {
    /// Gives up the box for a plain reference, that lives as long as the arena is borrowed, or until the
    /// scope's end.
    ///
    /// The destructor of the value then does not run any more. (`Box::leak` does the same, with a lifetime
    /// that is no longer than the borrow of a scope that the box was made with.)
    ///
    /// ```
    /// use arenula::Scope;
    /// use arenula::boxed::{Box, BoxExt};
    ///
    /// fn seven<'s>(scope: &Scope<'s>) -> &'s mut u32 {
    ///     let mut boxed = Box::new_in(6, scope);
    ///     *boxed += 1;
    ///     Box::into_ref(boxed)
    /// }
    ///
    /// let mut arena = arenula::Arena::new();
    /// assert_eq!(arena.scope(|s| *seven(s)), 7);
    /// ```
    fn into_ref<'a>(boxed: Self) -> &'a mut T
    where
        T: 'a,
        A: ArenaRef<'a>;
}

impl<T: ?Sized, A: Allocator> BoxExt<T, A> for Box<T, A> {
    #[inline]
    fn into_ref<'a>(boxed: Self) -> &'a mut T
    where
        T: 'a,
        A: ArenaRef<'a>,
    {
        let (value, _) = Box::into_raw_with_allocator(boxed);
        // SAFETY: the value is nobody's any more, and its block is never given back: so it stays for `'a`
        // (`ArenaRef`). What has no size needs no block.
        unsafe { &mut *value }
    }
}
