//! Slices: copied, cloned, filled, collected.

use core::alloc::Layout;
use core::convert::Infallible;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::{self, NonNull};
use core::slice;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::vec::Vec;

use super::Arena;
use super::error::{AllocOrInitError, Failure, or_fail};
use super::math::Known;
use super::undo::Undo;

/// A slice that is being filled. Dropped before it is done, it drops the values made so far, and then
/// its room goes back.
struct Filling<'a, T, const MIN_ALIGN: usize, A: Allocator> {
    start: NonNull<T>,
    made: usize,
    room: Undo<'a, MIN_ALIGN, A>,
}

impl<'a, T, const MIN_ALIGN: usize, A: Allocator> Filling<'a, T, MIN_ALIGN, A> {
    #[inline(always)]
    fn new(arena: &'a Arena<MIN_ALIGN, A>, len: usize) -> Result<Self, Failure> {
        let (room, start) = Undo::watch(arena, len, || arena.slots(len))?;
        Ok(Filling {
            start,
            made: 0,
            room,
        })
    }

    /// Adds a value.
    ///
    /// # Safety
    ///
    /// Fewer have been added than there is room for.
    #[inline(always)]
    unsafe fn push(&mut self, value: T) {
        // SAFETY: there is room for one more, which is nobody else's.
        unsafe { self.start.add(self.made).write(value) };
        self.made += 1;
    }

    /// The slice of the values added. Room that was not needed goes back.
    #[inline(always)]
    fn finish(self) -> &'a mut [T] {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, so the guard is moved out once. Nobody uses the block
        // beyond the values added, which have been written.
        unsafe {
            ptr::read(&this.room).keep(this.made * size_of::<T>());
            slice::from_raw_parts_mut(this.start.as_ptr(), this.made)
        }
    }
}

impl<T, const MIN_ALIGN: usize, A: Allocator> Drop for Filling<'_, T, MIN_ALIGN, A> {
    fn drop(&mut self) {
        let made = ptr::slice_from_raw_parts_mut(self.start.as_ptr(), self.made);
        // SAFETY: these values have been written, and were handed to nobody.
        unsafe { ptr::drop_in_place(made) };
    }
}

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Copies a slice into the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let copy = arena.alloc_slice_copy(&[1, 2, 3]);
    /// copy[0] = 4;
    /// assert_eq!(copy, [4, 2, 3]);
    /// ```
    #[inline]
    pub fn alloc_slice_copy<T: Copy>(&self, source: &[T]) -> &mut [T] {
        or_fail(self.copy_slice(source))
    }

    /// [`alloc_slice_copy`](Arena::alloc_slice_copy), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(1000));
    /// assert!(arena.try_alloc_slice_copy(&[1_u8; 500]).is_ok());
    /// assert!(arena.try_alloc_slice_copy(&[1_u8; 500]).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_slice_copy<T: Copy>(&self, source: &[T]) -> Result<&mut [T], AllocError> {
        Ok(self.copy_slice(source)?)
    }

    #[inline(always)]
    pub(super) fn copy_slice<T: Copy>(&self, source: &[T]) -> Result<&mut [T], Failure> {
        if size_of::<T>() == 0 {
            // SAFETY: values without a size need no memory, and being `Copy` they may be there twice.
            return Ok(unsafe {
                slice::from_raw_parts_mut(NonNull::dangling().as_ptr(), source.len())
            });
        }
        let layout = Layout::for_value(source);
        match self.bump(layout, Known::of::<T, MIN_ALIGN>()) {
            // SAFETY: the block has room for just this slice, is aligned for it, and nobody else's.
            Some(block) => Ok(unsafe { copy_to(block, source) }),
            None => self.copy_slice_slow(source).ok_or(Failure::Memory(layout)),
        }
    }

    #[cold]
    #[inline(never)]
    fn copy_slice_slow<T: Copy>(&self, source: &[T]) -> Option<&mut [T]> {
        let block = self.refill(Layout::for_value(source))?;
        // SAFETY: the block has room for just this slice, is aligned for it, and nobody else's.
        Some(unsafe { copy_to(block, source) })
    }

    /// Clones a slice into the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let ranges = [0..2, 5..9];
    /// assert_eq!(arena.alloc_slice_clone(&ranges), &ranges);
    /// ```
    #[inline]
    pub fn alloc_slice_clone<T: Clone>(&self, source: &[T]) -> &mut [T] {
        or_fail(self.fill_slice(source.len(), |i| source[i].clone()))
    }

    /// [`alloc_slice_clone`](Arena::alloc_slice_clone), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.try_alloc_slice_clone(&['a', 'b']).unwrap(), &['a', 'b']);
    /// ```
    #[inline]
    pub fn try_alloc_slice_clone<T: Clone>(&self, source: &[T]) -> Result<&mut [T], AllocError> {
        Ok(self.fill_slice(source.len(), |i| source[i].clone())?)
    }

    /// A slice of `len` copies of a value.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.alloc_slice_fill_copy(3, 'x'), ['x'; 3]);
    /// ```
    #[inline]
    pub fn alloc_slice_fill_copy<T: Copy>(&self, len: usize, value: T) -> &mut [T] {
        or_fail(self.fill_slice(len, |_| value))
    }

    /// [`alloc_slice_fill_copy`](Arena::alloc_slice_fill_copy), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.try_alloc_slice_fill_copy(usize::MAX, 1_u8).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_slice_fill_copy<T: Copy>(
        &self,
        len: usize,
        value: T,
    ) -> Result<&mut [T], AllocError> {
        Ok(self.fill_slice(len, |_| value)?)
    }

    /// A slice of `len` clones of a value.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.alloc_slice_fill_clone(2, &Some(1)), [Some(1), Some(1)]);
    /// ```
    #[inline]
    pub fn alloc_slice_fill_clone<T: Clone>(&self, len: usize, value: &T) -> &mut [T] {
        or_fail(self.fill_slice(len, |_| value.clone()))
    }

    /// [`alloc_slice_fill_clone`](Arena::alloc_slice_fill_clone), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.try_alloc_slice_fill_clone(usize::MAX, &1).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_slice_fill_clone<T: Clone>(
        &self,
        len: usize,
        value: &T,
    ) -> Result<&mut [T], AllocError> {
        Ok(self.fill_slice(len, |_| value.clone())?)
    }

    /// A slice of `len` default values.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.alloc_slice_fill_default::<u32>(2), [0, 0]);
    /// ```
    #[inline]
    pub fn alloc_slice_fill_default<T: Default>(&self, len: usize) -> &mut [T] {
        or_fail(self.fill_slice(len, |_| T::default()))
    }

    /// [`alloc_slice_fill_default`](Arena::alloc_slice_fill_default), or an error where there is no
    /// memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.try_alloc_slice_fill_default::<u32>(2).is_ok());
    /// ```
    #[inline]
    pub fn try_alloc_slice_fill_default<T: Default>(
        &self,
        len: usize,
    ) -> Result<&mut [T], AllocError> {
        Ok(self.fill_slice(len, |_| T::default())?)
    }

    /// A slice of `len` values made by a closure, which is given the index.
    ///
    /// The closure may use the arena. If it panics, the values made so far are dropped.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let words = arena.alloc_slice_fill_with(3, |i| &*arena.alloc_fmt(format_args!("w{i}")));
    /// assert_eq!(words, ["w0", "w1", "w2"]);
    /// ```
    #[inline]
    pub fn alloc_slice_fill_with<T>(&self, len: usize, f: impl FnMut(usize) -> T) -> &mut [T] {
        or_fail(self.fill_slice(len, f))
    }

    /// [`alloc_slice_fill_with`](Arena::alloc_slice_fill_with), or an error where there is no memory;
    /// the closure is then not called.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.try_alloc_slice_fill_with(3, |i| i * i).unwrap(), &[0, 1, 4]);
    /// ```
    #[inline]
    pub fn try_alloc_slice_fill_with<T>(
        &self,
        len: usize,
        f: impl FnMut(usize) -> T,
    ) -> Result<&mut [T], AllocError> {
        Ok(self.fill_slice(len, f)?)
    }

    #[inline(always)]
    pub(crate) fn fill_slice<T>(
        &self,
        len: usize,
        mut f: impl FnMut(usize) -> T,
    ) -> Result<&mut [T], Failure> {
        let filled = self.try_fill_slice(len, |i| Ok::<T, Infallible>(f(i)))?;
        match filled {
            Ok(slice) => Ok(slice),
        }
    }

    /// A slice of `len` values made by a closure that may fail: then the values made so far are dropped,
    /// and the room is given back if nothing was allocated after it.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let text = ["1", "2", "x"];
    /// let parsed = arena.alloc_slice_try_fill_with(2, |i| text[i].parse::<i32>());
    /// assert_eq!(parsed.unwrap(), &[1, 2]);
    /// assert!(arena.alloc_slice_try_fill_with(3, |i| text[i].parse::<i32>()).is_err());
    /// assert_eq!(arena.allocated_bytes(), 8);
    /// ```
    #[inline]
    pub fn alloc_slice_try_fill_with<T, E>(
        &self,
        len: usize,
        f: impl FnMut(usize) -> Result<T, E>,
    ) -> Result<&mut [T], E> {
        or_fail(self.try_fill_slice(len, f))
    }

    /// [`alloc_slice_try_fill_with`](Arena::alloc_slice_try_fill_with), with an error of its own where
    /// there is no memory; the closure is then not called.
    ///
    /// ```
    /// use arenula::{AllocOrInitError, Arena};
    ///
    /// let arena = Arena::new();
    /// let made = arena.try_alloc_slice_try_fill_with(2, |i| Err::<i32, _>(i));
    /// assert_eq!(made, Err(AllocOrInitError::Init(0)));
    /// ```
    #[inline]
    pub fn try_alloc_slice_try_fill_with<T, E>(
        &self,
        len: usize,
        f: impl FnMut(usize) -> Result<T, E>,
    ) -> Result<&mut [T], AllocOrInitError<E>> {
        self.try_fill_slice(len, f)?.map_err(AllocOrInitError::Init)
    }

    #[inline(always)]
    fn try_fill_slice<T, E>(
        &self,
        len: usize,
        mut f: impl FnMut(usize) -> Result<T, E>,
    ) -> Result<Result<&mut [T], E>, Failure> {
        let mut filling = Filling::new(self, len)?;
        for i in 0..len {
            match f(i) {
                // SAFETY: `len` values have room, and this is at most the last of them.
                Ok(value) => unsafe { filling.push(value) },
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(filling.finish()))
    }

    /// A slice of what an iterator of known length gives.
    ///
    /// If it gives fewer values than it said, the slice is shorter; what it would give beyond is not
    /// asked for. The iterator may use the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let squares = arena.alloc_slice_fill_iter([1, 2, 3].iter().map(|n| n * n));
    /// assert_eq!(squares, [1, 4, 9]);
    /// ```
    #[inline]
    pub fn alloc_slice_fill_iter<I>(&self, iter: I) -> &mut [I::Item]
    where
        I: IntoIterator<IntoIter: ExactSizeIterator>,
    {
        or_fail(self.fill_from_iter(iter.into_iter()))
    }

    /// [`alloc_slice_fill_iter`](Arena::alloc_slice_fill_iter), or an error where there is no memory;
    /// the iterator is then asked for nothing.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(arena.try_alloc_slice_fill_iter(0..3_u8).unwrap(), &[0, 1, 2]);
    /// ```
    #[inline]
    pub fn try_alloc_slice_fill_iter<I>(&self, iter: I) -> Result<&mut [I::Item], AllocError>
    where
        I: IntoIterator<IntoIter: ExactSizeIterator>,
    {
        Ok(self.fill_from_iter(iter.into_iter())?)
    }

    #[inline(always)]
    fn fill_from_iter<T>(
        &self,
        iter: impl ExactSizeIterator<Item = T>,
    ) -> Result<&mut [T], Failure> {
        // `size_hint` and not `len`, which panics where the two bounds differ. Asked just once.
        let len = iter.size_hint().0;
        let mut filling = Filling::new(self, len)?;
        for value in iter.take(len) {
            // SAFETY: at most `len` values are taken, whatever the iterator does.
            unsafe { filling.push(value) };
        }
        Ok(filling.finish())
    }

    /// A slice of all that an iterator gives.
    ///
    /// The slice grows in place as long as nothing else is allocated meanwhile. The iterator may use
    /// the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let odd = arena.alloc_iter((0..10).filter(|n| n % 2 == 1));
    /// assert_eq!(odd, [1, 3, 5, 7, 9]);
    /// ```
    #[inline]
    pub fn alloc_iter<I: IntoIterator>(&self, iter: I) -> &mut [I::Item] {
        or_fail(self.collect(iter.into_iter()))
    }

    /// [`alloc_iter`](Arena::alloc_iter), or an error where there is no memory; what the iterator gave
    /// until then is dropped.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(10_000));
    /// assert!(arena.try_alloc_iter(0..).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_iter<I: IntoIterator>(&self, iter: I) -> Result<&mut [I::Item], AllocError> {
        Ok(self.collect(iter.into_iter())?)
    }

    #[inline(always)]
    pub(crate) fn collect<T>(&self, iter: impl Iterator<Item = T>) -> Result<&mut [T], Failure> {
        let mut values: Vec<T, &Self> = Vec::new_in(self);
        // Only a hint: where it can't be met, the values may still fit.
        let _ = values.try_reserve(iter.size_hint().0);
        for value in iter {
            if values.len() == values.capacity() {
                grow(&mut values, 1)?;
            }
            // SAFETY: there is room for one more.
            unsafe {
                values.as_mut_ptr().add(values.len()).write(value);
                values.set_len(values.len() + 1);
            }
        }
        Ok(self.freeze(values))
    }

    /// The slice of a vector of this arena. Room that was not needed is given back.
    #[inline(always)]
    pub(super) fn freeze<'a, T>(&'a self, values: Vec<T, &'a Self>) -> &'a mut [T] {
        let mut values = ManuallyDrop::new(values);
        let (start, len) = (values.as_mut_ptr(), values.len());
        if size_of::<T>() != 0 && values.capacity() != 0 {
            let (size, keep) = (values.capacity() * size_of::<T>(), len * size_of::<T>());
            // SAFETY: the block is this arena's, and nobody uses it beyond its values.
            unsafe { self.give_back(NonNull::new_unchecked(start.cast()), size, keep) };
        }
        // SAFETY: the vector's values are written, and no longer the vector's.
        unsafe { slice::from_raw_parts_mut(start, len) }
    }

    /// Room for `len` values that will be written later.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let room = arena.alloc_slice_uninit::<u32>(3);
    /// for (i, slot) in room.iter_mut().enumerate() {
    ///     slot.write(i as u32);
    /// }
    /// assert_eq!(room.len(), 3);
    /// ```
    #[inline]
    pub fn alloc_slice_uninit<T>(&self, len: usize) -> &mut [MaybeUninit<T>] {
        or_fail(self.uninit_slice(len))
    }

    /// [`alloc_slice_uninit`](Arena::alloc_slice_uninit), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.try_alloc_slice_uninit::<u32>(usize::MAX).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_slice_uninit<T>(
        &self,
        len: usize,
    ) -> Result<&mut [MaybeUninit<T>], AllocError> {
        Ok(self.uninit_slice(len)?)
    }

    #[inline(always)]
    fn uninit_slice<T>(&self, len: usize) -> Result<&mut [MaybeUninit<T>], Failure> {
        let start = self.slots(len)?;
        // SAFETY: the block has room for just these values, which need not be initialised.
        Ok(unsafe { slice::from_raw_parts_mut(start.as_ptr(), len) })
    }
}

/// Makes room for `more` values, with the reason where that fails.
#[inline]
pub(crate) fn grow<T, A: Allocator>(values: &mut Vec<T, A>, more: usize) -> Result<(), Failure> {
    // Where doubling exceeds what there is, what is needed may still fit.
    values
        .try_reserve(more)
        .or_else(|_| values.try_reserve_exact(more))
        .map_err(|_| {
            let needed = values.len().checked_add(more);
            needed
                .and_then(|len| Layout::array::<T>(len).ok())
                .map_or(Failure::TooLarge, Failure::Memory)
        })
}

/// Copies a slice to a block.
///
/// # Safety
///
/// The block has room for the slice, is aligned for it, and is nobody else's for `'a`.
#[inline(always)]
unsafe fn copy_to<'a, T: Copy>(block: NonNull<u8>, source: &[T]) -> &'a mut [T] {
    let (start, len) = (block.cast::<T>(), source.len());
    // SAFETY: as promised.
    unsafe {
        if size_of::<T>() == 1 {
            copy_bytes(source.as_ptr().cast(), block.as_ptr(), len);
        } else {
            ptr::copy_nonoverlapping(source.as_ptr(), start.as_ptr(), len);
        }
        slice::from_raw_parts_mut(start.as_ptr(), len)
    }
}

/// Copies bytes: the few of a word without the call that copying takes otherwise.
///
/// # Safety
///
/// As for `ptr::copy_nonoverlapping`.
#[inline(always)]
pub(crate) unsafe fn copy_bytes(source: *const u8, target: *mut u8, len: usize) {
    // SAFETY: all reads and writes are of bytes below `len`.
    unsafe {
        match len {
            0 => {}
            1 => copy_ends::<1>(source, target, len),
            2..4 => copy_ends::<2>(source, target, len),
            4..8 => copy_ends::<4>(source, target, len),
            8..16 => copy_ends::<8>(source, target, len),
            16..32 => copy_ends::<16>(source, target, len),
            32..=64 => copy_ends::<32>(source, target, len),
            _ => ptr::copy_nonoverlapping(source, target, len),
        }
    }
}

/// Bytes that are copied at once, initialised or not.
type Part<const N: usize> = MaybeUninit<[u8; N]>;

/// Copies the first `N` bytes and the last `N`, which may be partly the same.
///
/// # Safety
///
/// As for `ptr::copy_nonoverlapping`; `len` is from `N` to `2 * N`.
#[inline(always)]
unsafe fn copy_ends<const N: usize>(source: *const u8, target: *mut u8, len: usize) {
    let last = len - N;
    // SAFETY: both parts lie in what is copied. They are read before the first is written.
    unsafe {
        let (from, to) = (source.cast::<Part<N>>(), target.cast::<Part<N>>());
        let (first, end) = (from.read_unaligned(), from.byte_add(last).read_unaligned());
        to.write_unaligned(first);
        to.byte_add(last).write_unaligned(end);
    }
}
