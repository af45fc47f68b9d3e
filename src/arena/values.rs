//! Single values.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::boxed::Box;

use super::Arena;
use super::error::{AllocOrInitError, Failure, fail, or_fail};
use super::undo::Undo;

impl<const MIN_ALIGN: usize, A: Allocator> Arena<MIN_ALIGN, A> {
    /// Moves a value into the arena.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let x = arena.alloc(1);
    /// *x += 1;
    /// assert_eq!(*x, 2);
    /// ```
    #[inline]
    pub fn alloc<T>(&self, value: T) -> &mut T {
        match self.bump_value(value) {
            Ok(placed) => placed,
            Err(value) => self.alloc_slow(value),
        }
    }

    /// [`alloc`](Arena::alloc), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(0));
    /// assert!(arena.try_alloc(1).is_err());
    /// ```
    #[inline]
    pub fn try_alloc<T>(&self, value: T) -> Result<&mut T, AllocError> {
        match self.bump_value(value) {
            Ok(placed) => Ok(placed),
            Err(value) => self.try_alloc_slow(value),
        }
    }

    /// Places a value in the current chunk, or hands it back.
    #[inline(always)]
    pub(crate) fn bump_value<T>(&self, value: T) -> Result<&mut T, T> {
        match self.bump_slot::<T>() {
            // SAFETY: the slot is aligned, large enough, and nobody else's.
            Some(slot) => unsafe {
                slot.write(value);
                Ok(&mut *slot.as_ptr())
            },
            None => Err(value),
        }
    }

    // The value goes along into the slow paths, so that the fast ones have nothing to save.

    #[cold]
    #[inline(never)]
    fn alloc_slow<T>(&self, value: T) -> &mut T {
        match self.refill_for(value) {
            Some(placed) => placed,
            None => fail(Failure::Memory(Layout::new::<T>())),
        }
    }

    #[cold]
    #[inline(never)]
    fn try_alloc_slow<T>(&self, value: T) -> Result<&mut T, AllocError> {
        self.refill_for(value).ok_or(AllocError)
    }

    /// Places a value that the current chunk has no room for.
    #[inline(always)]
    fn refill_for<T>(&self, value: T) -> Option<&mut T> {
        let slot = self.refill(Layout::new::<T>())?.cast::<T>();
        // SAFETY: the slot is aligned, large enough, and nobody else's.
        unsafe {
            slot.write(value);
            Some(&mut *slot.as_ptr())
        }
    }

    /// Builds a value in the arena, without a stop on the stack in optimised builds.
    ///
    /// The closure may use the arena. If it panics, the room is given back if nothing was allocated
    /// after it.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let table = arena.alloc_with(|| [0_u32; 10_000]);
    /// assert_eq!(table.len(), 10_000);
    /// ```
    #[inline]
    pub fn alloc_with<T>(&self, f: impl FnOnce() -> T) -> &mut T {
        or_fail(self.build_value(f))
    }

    /// [`alloc_with`](Arena::alloc_with), or an error where there is no memory; the closure is then not
    /// called.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// arena.set_limit(Some(10_000));
    /// assert!(arena.try_alloc_with(|| [0_u32; 10_000]).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_with<T>(&self, f: impl FnOnce() -> T) -> Result<&mut T, AllocError> {
        Ok(self.build_value(f)?)
    }

    #[inline(always)]
    pub(crate) fn build_value<T>(&self, f: impl FnOnce() -> T) -> Result<&mut T, Failure> {
        let (undo, slot) = Undo::watch(self, 1, || self.slot::<T>())?;
        // SAFETY: the slot is aligned, large enough, and nobody else's, whatever the closure does (I3).
        unsafe {
            slot.write(f());
            undo.keep(size_of::<T>());
            Ok(&mut *slot.as_ptr())
        }
    }

    /// Builds a value in the arena; on `Err` nothing of it is kept.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let number: Result<&mut i32, _> = arena.alloc_try_with(|| "12".parse());
    /// assert_eq!(number, Ok(&mut 12));
    ///
    /// let before = arena.allocated_bytes();
    /// assert!(arena.alloc_try_with(|| "1x".parse::<i32>()).is_err());
    /// assert_eq!(arena.allocated_bytes(), before);
    /// ```
    #[inline]
    pub fn alloc_try_with<T, E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<&mut T, E> {
        or_fail(self.try_build_value(f))
    }

    /// [`alloc_try_with`](Arena::alloc_try_with), with an error of its own where there is no memory;
    /// the closure is then not called.
    ///
    /// ```
    /// use arenula::{AllocOrInitError, Arena};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(0));
    /// let number = arena.try_alloc_try_with(|| "12".parse::<i32>());
    /// assert!(matches!(number, Err(AllocOrInitError::Alloc(_))));
    /// ```
    #[inline]
    pub fn try_alloc_try_with<T, E>(
        &self,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<&mut T, AllocOrInitError<E>> {
        self.try_build_value(f)?.map_err(AllocOrInitError::Init)
    }

    /// The `Result` is built in place as a whole; of a success all but the value is given back.
    #[inline(always)]
    fn try_build_value<T, E>(
        &self,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<Result<&mut T, E>, Failure> {
        let (undo, slot) = Undo::watch(self, 1, || self.slot::<Result<T, E>>())?;
        // SAFETY: the slot is aligned, large enough, and nobody else's, whatever the closure does (I3).
        // What it holds is the result that has just been written; an error is moved out of it once, and
        // beside a value there is nothing in it that anybody uses.
        unsafe {
            slot.write(f());
            match &mut *slot.as_ptr() {
                Ok(value) => {
                    let value = NonNull::from(value);
                    let offset = value.addr().get() - slot.addr().get();
                    undo.keep(offset + size_of::<T>());
                    Ok(Ok(&mut *value.as_ptr()))
                }
                Err(error) => Ok(Err(ptr::read(error))),
            }
        }
    }

    /// Room for a value that will be written later.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// let slot = arena.alloc_uninit::<u32>();
    /// assert_eq!(*slot.write(7), 7);
    /// ```
    #[inline]
    pub fn alloc_uninit<T>(&self) -> &mut MaybeUninit<T> {
        or_fail(self.uninit_value())
    }

    /// [`alloc_uninit`](Arena::alloc_uninit), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert!(arena.try_alloc_uninit::<u32>().is_ok());
    /// ```
    #[inline]
    pub fn try_alloc_uninit<T>(&self) -> Result<&mut MaybeUninit<T>, AllocError> {
        Ok(self.uninit_value()?)
    }

    #[inline(always)]
    fn uninit_value<T>(&self) -> Result<&mut MaybeUninit<T>, Failure> {
        let slot = self.slot::<MaybeUninit<T>>()?;
        // SAFETY: the slot is aligned, large enough, and nobody else's; it need not be initialised.
        Ok(unsafe { &mut *slot.as_ptr() })
    }

    /// A block of any layout. Its memory is uninitialised, and valid as long as the arena is borrowed.
    ///
    /// ```
    /// use core::alloc::Layout;
    ///
    /// let arena = arenula::Arena::new();
    /// let block = arena.alloc_layout(Layout::from_size_align(100, 64).unwrap());
    /// assert_eq!(block.addr().get() % 64, 0);
    /// ```
    #[inline]
    pub fn alloc_layout(&self, layout: Layout) -> NonNull<u8> {
        or_fail(self.carve(layout))
    }

    /// [`alloc_layout`](Arena::alloc_layout), or an error where there is no memory.
    ///
    /// ```
    /// use core::alloc::Layout;
    ///
    /// let arena = arenula::Arena::new();
    /// let huge = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
    /// assert!(arena.try_alloc_layout(huge).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_layout(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        Ok(self.carve(layout)?)
    }

    /// Moves a value into the arena, in a `Box` that runs its destructor.
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// let arena = arenula::Arena::new();
    /// let shared = Rc::new(1);
    /// let boxed = arena.alloc_box(shared.clone());
    /// assert_eq!(Rc::strong_count(&shared), 2);
    /// drop(boxed);
    /// assert_eq!(Rc::strong_count(&shared), 1);
    /// ```
    #[inline]
    pub fn alloc_box<T>(&self, value: T) -> Box<T, &Self> {
        // SAFETY: the value lies in a block of this allocator's, of its own layout, and is not referred
        // to from elsewhere.
        unsafe { Box::from_raw_in(self.alloc(value), self) }
    }

    /// [`alloc_box`](Arena::alloc_box), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// let arena = arenula::Arena::new();
    /// assert_eq!(*arena.try_alloc_box(1).unwrap(), 1);
    /// ```
    #[inline]
    pub fn try_alloc_box<T>(&self, value: T) -> Result<Box<T, &Self>, AllocError> {
        let value = self.try_alloc(value)?;
        // SAFETY: as above.
        Ok(unsafe { Box::from_raw_in(value, self) })
    }
}
