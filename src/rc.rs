//! Shared ownership in an arena: the standard library's `Rc` and `Weak`, over an allocator.
//!
//! ```
//! use arenula::Arena;
//! use arenula::rc::Rc;
//!
//! let arena = Arena::new();
//! let name: Rc<str, _> = Rc::from_str_in("shared", &arena);
//! let other = name.clone();
//! assert_eq!(Rc::strong_count(&name), 2);
//! assert!(Rc::ptr_eq(&name, &other));
//! ```
//!
//! # What differs from the standard library's
//!
//! - The allocator lies beside the value, and not in the handles: they have one word, or two where the
//!   value has no size known to the compiler, whatever the allocator. So `clone` and [`Weak::upgrade`] ask for no
//!   `A: Clone`, and a [`Weak::new`] for no allocator.
//! - An `Rc<T>` becomes an `Rc<dyn Trait>` by [`unsize!`]: what the standard library's does by itself is not
//!   open to other crates.
//! - A value may not refer to what is dropped together with its `Rc`: the compiler asks that it lives strictly
//!   longer. That a destructor does not look at what it is given can't be said on a stable compiler.
//! - Everything that allocates has a `try_` form.
//!
//! What an `Rc` over `&Arena` leaves behind goes back to the arena if it is the last thing there.

// # Invariants
//
// Every `SAFETY` comment in this module names the ones that it relies on.
//
// - **R1, the block.** A handle that is not the dangling `Weak` of `Weak::new` points to where a value goes, in
//   a block that the header's `alloc` gave for `block_layout` of the value's layout. A header lies right
//   before. The block is live, and the header in it, as long as `weak` is not 0. The pointer may touch the
//   whole block.
// - **R2, the value.** `strong` is a number of handles from 1 on, and then the value is there, and its layout is
//   that of the pointer of any handle. Or its highest bit is set: then there is no value, not yet or no longer,
//   and the rest tells the block's layout (`without_value`), so that nobody need look at the value for that.
// - **R3, counts.** `strong` counts the `Rc`s, `weak` the `Weak`s, plus one for all `Rc`s together. A count
//   that would pass its end aborts the program first.
// - **R4, at rest.** Whenever code of the user runs (destructors, `Clone`, allocators), R1 to R3 hold, and what
//   was read of the counts before is not relied on after.

use core::alloc::Layout;
use core::any::Any;
use core::borrow::Borrow;
use core::cell::Cell;
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop, MaybeUninit};
use core::ops::Deref;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use crate::arena::{Failure, or_fail};

pub use crate::unsize_rc as unsize;

/// What lies before a value. Aligned, so that half of a block's alignment is a number.
#[repr(align(2))]
struct Header<A> {
    strong: Cell<usize>,
    weak: Cell<usize>,
    alloc: A,
}

/// The bit of `strong` that says that there is no value.
const NO_VALUE: usize = !(usize::MAX >> 1);

/// What `strong` is without a value: the bit that says so, and the layout of the block. Its size is a multiple of
/// its alignment, so the sum's lowest bit tells that.
#[inline(always)]
fn without_value(block: Layout) -> usize {
    NO_VALUE | (block.size() + block.align() / 2)
}

/// The layout of the block that is kept in a `strong`.
///
/// # Safety
///
/// It is one that [`without_value`] made.
#[inline(always)]
unsafe fn kept_layout(strong: usize) -> Layout {
    let sum = strong & !NO_VALUE;
    let half = sum & sum.wrapping_neg();
    // SAFETY: these are the size and the alignment of a layout. (`half` is not 0, since a header is aligned to 2.)
    unsafe { Layout::from_size_align_unchecked(sum - half, 2 * half) }
}

/// The layout of a block with a header and a value.
#[inline(always)]
fn block_layout<A>(value: Layout) -> Result<Layout, Failure> {
    match Layout::new::<Header<A>>().extend(value) {
        Ok((layout, _)) => Ok(layout.pad_to_align()),
        Err(_) => Err(Failure::TooLarge),
    }
}

/// Where the value lies in a block: at the first place behind a header that is aligned for both. So it is
/// aligned for a header too, and one fits right before it.
#[inline(always)]
fn value_offset<A>(block: Layout) -> usize {
    let mask = block.align() - 1;
    (size_of::<Header<A>>() + mask) & !mask
}

/// A block without a header yet. Dropped, it goes back.
struct Block<A: Allocator> {
    start: NonNull<u8>,
    layout: Layout,
    alloc: A,
}

impl<A: Allocator> Block<A> {
    /// A block for a value of this layout; if there is none the allocator is handed back.
    #[inline(always)]
    fn new(value: Layout, alloc: A) -> Result<Self, (Failure, A)> {
        let layout = match block_layout::<A>(value) {
            Ok(layout) => layout,
            Err(failure) => return Err((failure, alloc)),
        };
        match alloc.allocate(layout) {
            Ok(block) => Ok(Block {
                start: block.cast(),
                layout,
                alloc,
            }),
            Err(AllocError) => Err((Failure::Memory(layout), alloc)),
        }
    }

    /// Where the value goes.
    #[inline(always)]
    fn value(&self) -> NonNull<u8> {
        // SAFETY: the block is as large as its layout, in which the value lies.
        unsafe { self.start.add(value_offset::<A>(self.layout)) }
    }

    /// Writes the header. The block is now that of the handles, of which there is one that counts as weak.
    #[inline(always)]
    fn open(self, strong: usize) -> NonNull<u8> {
        let this = ManuallyDrop::new(self);
        let value = this.value();
        // SAFETY: there is room for a header right before the value, aligned (see `value_offset`). The
        // allocator is moved out once, since `this` is not used again.
        unsafe {
            value.cast::<Header<A>>().sub(1).write(Header {
                strong: Cell::new(strong),
                weak: Cell::new(1),
                alloc: ptr::read(&this.alloc),
            });
        }
        value
    }
}

impl<A: Allocator> Drop for Block<A> {
    fn drop(&mut self) {
        // SAFETY: the block came from there, with this layout, and was handed to nobody.
        unsafe { self.alloc.deallocate(self.start, self.layout) };
    }
}

/// A slice that is being filled, in its block. Dropped before it is done, it drops the values made so far, and
/// then the block goes back, also if one of them panics.
struct Filling<T, A: Allocator> {
    made: usize,
    room: usize,
    block: Block<A>,
    values: PhantomData<T>,
}

impl<T, A: Allocator> Filling<T, A> {
    fn with_room(room: usize, alloc: A) -> Result<Self, (Failure, A)> {
        let Ok(values) = Layout::array::<T>(room) else {
            return Err((Failure::TooLarge, alloc));
        };
        Ok(Filling {
            made: 0,
            room,
            block: Block::new(values, alloc)?,
            values: PhantomData,
        })
    }

    #[inline(always)]
    fn push(&mut self, value: T) -> Result<(), Failure> {
        if self.made == self.room {
            self.grow()?;
        }
        // SAFETY: there is room for one more, which is nobody else's.
        unsafe {
            let start = self.block.value().cast::<T>();
            start.add(self.made).write(value);
        }
        self.made += 1;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Result<(), Failure> {
        if size_of::<T>() == 0 && self.room < usize::MAX {
            // Also without a size, the values of a slice are counted.
            self.room = usize::MAX;
            return Ok(());
        }
        let least = self.room.checked_add(1).ok_or(Failure::TooLarge)?;
        // Where doubling exceeds what there is, what is needed may still fit.
        let doubled = self.room.saturating_mul(2).max(4);
        (self.grow_to(doubled)).or_else(|_| self.grow_to(least))
    }

    fn grow_to(&mut self, room: usize) -> Result<(), Failure> {
        let values = Layout::array::<T>(room).map_err(|_| Failure::TooLarge)?;
        let layout = block_layout::<A>(values)?;
        let block = &mut self.block;
        // SAFETY: the block came from there, with its layout. The new one is not smaller, and of the same
        // alignment, so that the values keep their place in it.
        let grown = unsafe { block.alloc.grow(block.start, block.layout, layout) };
        block.start = grown.map_err(|AllocError| Failure::Memory(layout))?.cast();
        block.layout = layout;
        self.room = room;
        Ok(())
    }

    /// The slice of the values added. Room that was not needed goes back.
    #[inline(always)]
    fn finish(mut self) -> Result<Rc<[T], A>, Failure> {
        if self.made < self.room {
            let values = Layout::array::<T>(self.made).map_err(|_| Failure::TooLarge)?;
            let layout = block_layout::<A>(values)?;
            let block = &mut self.block;
            // The block is given back one day with the layout of what is in it, so it must have just that.
            if layout != block.layout {
                // SAFETY: the block came from there, with its layout. The new one is not larger, and of
                // the same alignment.
                let shrunk = unsafe { block.alloc.shrink(block.start, block.layout, layout) };
                block.start = shrunk.map_err(|AllocError| Failure::Memory(layout))?.cast();
                block.layout = layout;
            }
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again, so the block is moved out once.
        let block = unsafe { ptr::read(&this.block) };
        // SAFETY: the values have been written, and the block's layout is that of one for them.
        unsafe { Ok(Rc::of_slice(block, this.made)) }
    }
}

impl<T, A: Allocator> Drop for Filling<T, A> {
    fn drop(&mut self) {
        let start = self.block.value().cast::<T>();
        let made = ptr::slice_from_raw_parts_mut(start.as_ptr(), self.made);
        // SAFETY: these values have been written, and were handed to nobody. Then the block is dropped.
        unsafe { ptr::drop_in_place(made) };
    }
}

/// Memory that a `Box` or `Vec` had, given back as these do, and not the values in it, nor the room where none were.
type Shell<'x, T, A> = Box<[MaybeUninit<T>], &'x A>;

/// Ends the program: a count has come to its end, since handles were forgotten.
#[cold]
#[inline(never)]
fn too_many_handles() -> ! {
    // No unwinding passes here.
    extern "C" fn abort() -> ! {
        panic!("too many handles of one value")
    }
    abort()
}

/// A value that is owned by all of its handles, and dropped with the last.
///
/// As the standard library's (see [there](alloc::rc::Rc) for what it is good for, and the [module](self) for what
/// differs): methods are called as `Rc::strong_count(&rc)`, so that those of the value are not hidden.
///
/// ```
/// use arenula::Arena;
/// use arenula::rc::Rc;
///
/// let arena = Arena::new();
/// let shared = Rc::new_in(vec![1, 2], &arena);
/// let other = Rc::clone(&shared);
/// drop(shared);
/// assert_eq!(*other, [1, 2]);
/// ```
pub struct Rc<T: ?Sized, A: Allocator = Global> {
    value: NonNull<T>,
    owns: PhantomData<(A, T)>,
}

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
    value: NonNull<T>,
    owns: PhantomData<(A, T)>,
}

// Neither can be sent nor shared: `NonNull` says so.

// The counts don't matter where a panic is caught: they are right whenever code of the user runs (R4).
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> UnwindSafe for Rc<T, A> {}
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for Rc<T, A> {}
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> UnwindSafe for Weak<T, A> {}
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for Weak<T, A> {}

// A handle that moves does not move the value.
impl<T: ?Sized, A: Allocator> Unpin for Rc<T, A> {}
impl<T: ?Sized, A: Allocator> Unpin for Weak<T, A> {}

/// Writes the constructors and their `try_` forms, which share one body.
macro_rules! both_forms {
    ($(
        $(#[$docs:meta])*
        fn $name:ident [$($generic:tt)*] ($($argument:ident: $type:ty),*) -> $made:ty
            = $body:ident;
        $(#[$try_docs:meta])*
        fn $try_name:ident;
    )*) => {$(
        $(#[$docs])*
        #[inline]
        pub fn $name<$($generic)*>($($argument: $type),*) -> $made {
            or_fail(Self::$body($($argument),*))
        }

        $(#[$try_docs])*
        #[inline]
        pub fn $try_name<$($generic)*>($($argument: $type),*) -> Result<$made, AllocError> {
            Ok(Self::$body($($argument),*)?)
        }
    )*};
}

impl<T> Rc<T> {
    /// Moves a value to the heap, shared.
    ///
    /// ```
    /// assert_eq!(*arenula::rc::Rc::new(1), 1);
    /// ```
    #[inline]
    pub fn new(value: T) -> Self {
        Self::new_in(value, Global)
    }

    /// A value on the heap that is pinned.
    ///
    /// ```
    /// let pinned = arenula::rc::Rc::pin(async { 1 });
    /// assert_eq!(size_of_val(&pinned), size_of::<usize>());
    /// ```
    #[inline]
    pub fn pin(value: T) -> Pin<Self> {
        Self::pin_in(value, Global)
    }
}

impl<T, A: Allocator> Rc<T, A> {
    both_forms! {
        /// Moves a value into memory of this allocator, shared.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// let shared = Rc::new_in(String::from("text"), &arena);
        /// assert_eq!(shared.len(), 4);
        /// ```
        fn new_in[](value: T, alloc: A) -> Self = build;
        /// [`new_in`](Rc::new_in), or an error where there is no memory; the value is then dropped.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// arena.set_limit(Some(0));
        /// assert!(Rc::try_new_in(1, &arena).is_err());
        /// ```
        fn try_new_in;

        /// A value that has a [`Weak`] to itself. Only when the closure is done can that be upgraded.
        ///
        /// ```
        /// use arenula::Arena;
        /// use arenula::rc::{Rc, Weak};
        ///
        /// struct Node<'a> {
        ///     itself: Weak<Node<'a>, &'a Arena>,
        /// }
        ///
        /// let arena = Arena::new();
        /// let node = Rc::new_cyclic_in(|itself| Node { itself: itself.clone() }, &arena);
        /// assert!(Rc::ptr_eq(&node, &node.itself.upgrade().unwrap()));
        /// ```
        fn new_cyclic_in[F: FnOnce(&Weak<T, A>) -> T](f: F, alloc: A) -> Self = build_cyclic;
        /// [`new_cyclic_in`](Rc::new_cyclic_in), or an error where there is no memory; the closure is then
        /// not called.
        ///
        /// ```
        /// use arenula::{Arena, rc::Rc};
        ///
        /// let arena = Arena::new();
        /// assert_eq!(*Rc::try_new_cyclic_in(|_| 1, &arena).unwrap(), 1);
        /// ```
        fn try_new_cyclic_in;
    }

    /// A pinned value in memory of this allocator.
    ///
    /// What is pinned stays until its destructor has run, also if all of its handles are forgotten. An arena that
    /// is borrowed for a while would not see to that, so the allocator must be one for good.
    ///
    /// ```
    /// use allocator_api2::alloc::Global;
    /// use arenula::rc::Rc;
    ///
    /// assert_eq!(*Rc::pin_in(1, Global), 1);
    /// ```
    ///
    /// ```compile_fail,E0597
    /// use arenula::{Arena, rc::Rc};
    ///
    /// let arena = Arena::new();
    /// let pinned = Rc::pin_in(1, &arena);
    /// ```
    #[inline]
    pub fn pin_in(value: T, alloc: A) -> Pin<Self>
    where
        A: 'static,
    {
        // SAFETY: nobody moves the value: `get_mut` and all that takes it out want the `Rc` itself. Its
        // memory is not freed before its destructor has run, since the allocator that is forgotten with it
        // lives on, and does not borrow what could be gone.
        unsafe { Pin::new_unchecked(Self::new_in(value, alloc)) }
    }

    /// [`pin_in`](Rc::pin_in), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// use allocator_api2::alloc::Global;
    /// use arenula::rc::Rc;
    ///
    /// assert_eq!(*Rc::try_pin_in(1, Global).unwrap(), 1);
    /// ```
    #[inline]
    pub fn try_pin_in(value: T, alloc: A) -> Result<Pin<Self>, AllocError>
    where
        A: 'static,
    {
        // SAFETY: as above.
        Ok(unsafe { Pin::new_unchecked(Self::try_new_in(value, alloc)?) })
    }

    #[inline(always)]
    fn build(value: T, alloc: A) -> Result<Self, Failure> {
        let block = Block::new(Layout::new::<T>(), alloc).map_err(|(failure, _)| failure)?;
        // SAFETY: the block has room for the value, aligned. It is written, so the one handle may be.
        unsafe {
            block.value().cast::<T>().write(value);
            Ok(Self::at(block.open(1).cast()))
        }
    }

    fn build_cyclic<F: FnOnce(&Weak<T, A>) -> T>(f: F, alloc: A) -> Result<Self, Failure> {
        let block = Block::new(Layout::new::<T>(), alloc).map_err(|(failure, _)| failure)?;
        let strong = without_value(block.layout);
        // Frees the block if the closure panics, and nobody else has a handle.
        let weak = Weak::<T, A>::at(block.open(strong).cast());
        let value = f(&weak);
        // SAFETY: there is room, and no value yet: that could only be upgraded to when `strong` says so. It
        // is set after the value is written, without code of the user in between (R2). The `Weak` becomes the
        // one that all `Rc`s have together.
        unsafe {
            weak.value.write(value);
            weak.header().strong.set(1);
            Ok(Self::at(mem::ManuallyDrop::new(weak).value))
        }
    }

    /// The value, if this is its only `Rc`; or else the `Rc`. [`Weak`]s don't count.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// let other = shared.clone();
    /// let shared = Rc::try_unwrap(shared).unwrap_err();
    /// drop(other);
    /// assert_eq!(Rc::try_unwrap(shared), Ok(1));
    /// ```
    #[inline]
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        if Rc::strong_count(&this) != 1 {
            return Err(this);
        }
        let this = ManuallyDrop::new(this);
        // SAFETY: it is the only handle that says that there is a value (R3), and it is gone; so the value is
        // moved out once. The block is freed after, unless there are `Weak`s.
        unsafe {
            let _block = this.close();
            Ok(this.value.read())
        }
    }

    /// The value, if this is its only `Rc`. [`Weak`]s don't count.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// let other = shared.clone();
    /// assert_eq!(Rc::into_inner(shared), None);
    /// assert_eq!(Rc::into_inner(other), Some(1));
    /// ```
    #[inline]
    pub fn into_inner(this: Self) -> Option<T> {
        Rc::try_unwrap(this).ok()
    }
}

impl<T: Clone, A: Allocator> Rc<T, A> {
    /// The value, or a clone of it if there are other `Rc`s.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(String::from("text"));
    /// let other = shared.clone();
    /// assert_eq!(Rc::unwrap_or_clone(shared), "text");
    /// assert_eq!(*other, "text");
    /// ```
    #[inline]
    pub fn unwrap_or_clone(this: Self) -> T {
        Rc::try_unwrap(this).unwrap_or_else(|this| T::clone(&this))
    }

    /// The value, to be changed: if there are other `Rc`s, a clone of it that from now on is this one's alone. If
    /// there are [`Weak`]s only, they lose it.
    ///
    /// ```
    /// use arenula::{Arena, rc::Rc};
    ///
    /// let arena = Arena::new();
    /// let mut shared = Rc::new_in(1, &arena);
    /// let other = shared.clone();
    /// *Rc::make_mut(&mut shared) += 1;
    /// assert_eq!((*shared, *other), (2, 1));
    /// ```
    #[inline]
    pub fn make_mut(this: &mut Self) -> &mut T
    where
        A: Clone,
    {
        or_fail(Self::make_own(this))
    }

    /// [`make_mut`](Rc::make_mut), or an error where there is no memory; nothing has changed then.
    ///
    /// ```
    /// use arenula::{Arena, rc::Rc};
    ///
    /// let arena = Arena::new();
    /// let mut shared = Rc::new_in(1, &arena);
    /// *Rc::try_make_mut(&mut shared).unwrap() += 1;
    /// assert_eq!(*shared, 2);
    /// ```
    #[inline]
    pub fn try_make_mut(this: &mut Self) -> Result<&mut T, AllocError>
    where
        A: Clone,
    {
        Ok(Self::make_own(this)?)
    }

    #[inline(always)]
    fn make_own(this: &mut Self) -> Result<&mut T, Failure>
    where
        A: Clone,
    {
        if !this.is_only() {
            Self::make_own_slow(this)?;
        }
        // SAFETY: there is no other handle, and while the value is borrowed this one makes none.
        Ok(unsafe { this.value.as_mut() })
    }

    /// Gives this handle a block of its own.
    #[inline(never)]
    fn make_own_slow(this: &mut Self) -> Result<(), Failure>
    where
        A: Clone,
    {
        if Rc::strong_count(this) == 1 {
            let alloc = Rc::allocator(this).clone();
            let block = Block::new(Layout::new::<T>(), alloc).map_err(|(failure, _)| failure)?;
            // Asked once more: the allocator could have upgraded a `Weak`.
            if Rc::strong_count(this) == 1 {
                // SAFETY: the value is moved from a block that no longer says it had one to a block of its own,
                // with no code of the user in between (R4). The handle goes with it; what is left of it is the
                // `Weak` of the old block.
                unsafe {
                    let _old = this.close();
                    let place = block.value().cast::<T>();
                    place.copy_from_nonoverlapping(this.value, 1);
                    this.value = block.open(1).cast();
                }
                return Ok(());
            }
        }
        *this = Self::build(T::clone(this), Rc::allocator(this).clone())?;
        Ok(())
    }
}

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
    fn copy(source: &[T], alloc: A) -> Result<Self, Failure> {
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
    fn clone_slice(source: &[T], alloc: A) -> Result<Self, Failure> {
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
    fn collect<I: IntoIterator<Item = T>>(iter: I, alloc: A) -> Result<Self, Failure> {
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
    unsafe fn of_slice(block: Block<A>, len: usize) -> Self {
        Self::at(NonNull::slice_from_raw_parts(block.open(1).cast(), len))
    }

    /// Moves the values of a box or vector to a block for them; if there is none, they are handed back.
    ///
    /// # Safety
    ///
    /// From `start` on there is a block of `alloc`'s, of the layout of `room` values, of which `len` are there.
    /// They are the caller's own, who uses none of this again on success.
    unsafe fn take(start: *mut T, len: usize, room: usize, alloc: A) -> Result<Self, (Failure, A)> {
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
    fn copy_str(text: &str, alloc: A) -> Result<Self, Failure> {
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
    unsafe fn into_text(self) -> Rc<str, A> {
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

impl<T: ?Sized, A: Allocator> Rc<T, A> {
    /// A handle. What it counts as is for the caller to see to (R3).
    #[inline(always)]
    fn at(value: NonNull<T>) -> Self {
        Rc {
            value,
            owns: PhantomData,
        }
    }

    #[inline(always)]
    fn header(&self) -> &Header<A> {
        // SAFETY: a header lies right before the value, and is there as long as this handle (R1).
        unsafe { self.value.cast::<Header<A>>().sub(1).as_ref() }
    }

    /// Whether there is no other handle, of either kind.
    #[inline(always)]
    fn is_only(&self) -> bool {
        let header = self.header();
        (header.strong.get() == 1) & (header.weak.get() == 1)
    }

    /// Notes that there is no value any more. What is left of all `Rc`s is the `Weak` that they have together.
    ///
    /// # Safety
    ///
    /// The value is there, and this the last handle that says so. The caller forgets it, and drops the value
    /// or moves it out.
    #[inline(always)]
    unsafe fn close(&self) -> Weak<T, A> {
        // SAFETY: the value is there. That a block for it has a layout was found when it was made.
        let block = unsafe {
            let value = Layout::for_value(self.value.as_ref());
            block_layout::<A>(value).unwrap_unchecked()
        };
        self.header().strong.set(without_value(block));
        Weak::at(self.value)
    }

    /// Drops the value, and the block if there are no `Weak`s, also if the destructor panics.
    ///
    /// # Safety
    ///
    /// This is the last `Rc`, and not used again.
    #[inline(never)]
    unsafe fn drop_value(&mut self) {
        // SAFETY: the value is there until here, and dropped once. What its destructor finds is `Weak`s that have
        // none; the block stays for as long as the one here.
        unsafe {
            let _block = self.close();
            ptr::drop_in_place(self.value.as_ptr());
        }
    }

    /// A handle that does not keep the value alive.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// let weak = Rc::downgrade(&shared);
    /// assert!(Rc::ptr_eq(&weak.upgrade().unwrap(), &shared));
    /// ```
    #[inline]
    pub fn downgrade(this: &Self) -> Weak<T, A> {
        this.header().add_weak();
        Weak::at(this.value)
    }

    /// The number of `Rc`s of the value.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// let other = shared.clone();
    /// assert_eq!(Rc::strong_count(&other), 2);
    /// ```
    #[inline]
    pub fn strong_count(this: &Self) -> usize {
        this.header().strong.get()
    }

    /// The number of [`Weak`]s of the value.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// let weak = Rc::downgrade(&shared);
    /// assert_eq!(Rc::weak_count(&shared), 1);
    /// ```
    #[inline]
    pub fn weak_count(this: &Self) -> usize {
        this.header().weak.get() - 1
    }

    /// The value, to be changed, if there is no other handle of either kind.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let mut shared = Rc::new(1);
    /// *Rc::get_mut(&mut shared).unwrap() += 1;
    /// let weak = Rc::downgrade(&shared);
    /// assert_eq!(Rc::get_mut(&mut shared), None);
    /// ```
    #[inline]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        if this.is_only() {
            // SAFETY: there is no other handle, and while the value is borrowed this one makes none.
            Some(unsafe { this.value.as_mut() })
        } else {
            None
        }
    }

    /// Whether both are handles of the same value.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// assert!(Rc::ptr_eq(&shared, &shared.clone()));
    /// assert!(!Rc::ptr_eq(&shared, &Rc::new(1)));
    /// ```
    #[inline]
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        ptr::addr_eq(this.value.as_ptr(), other.value.as_ptr())
    }

    /// Where the value is.
    ///
    /// ```
    /// use arenula::rc::Rc;
    ///
    /// let shared = Rc::new(1);
    /// assert_eq!(Rc::as_ptr(&shared), &raw const *shared);
    /// ```
    #[inline]
    pub fn as_ptr(this: &Self) -> *const T {
        this.value.as_ptr()
    }

    /// Where the value's memory came from.
    ///
    /// ```
    /// use arenula::{Arena, rc::Rc};
    ///
    /// let arena = Arena::new();
    /// let shared = Rc::new_in(1, &arena);
    /// assert_eq!(*Rc::allocator(&shared).alloc(2), 2);
    /// ```
    #[inline]
    pub fn allocator(this: &Self) -> &A {
        &this.header().alloc
    }

    /// The handle as a pointer to the value. It is to become an `Rc` again by [`from_raw`](Rc::from_raw).
    ///
    /// ```
    /// use arenula::{Arena, rc::Rc};
    ///
    /// let arena = Arena::new();
    /// let pointer = Rc::into_raw(Rc::new_in(1, &arena));
    /// // SAFETY: the pointer comes from there, from an `Rc` of this type.
    /// let shared: Rc<i32, &Arena> = unsafe { Rc::from_raw(pointer) };
    /// assert_eq!(*shared, 1);
    /// ```
    #[inline]
    pub fn into_raw(this: Self) -> *const T {
        ManuallyDrop::new(this).value.as_ptr()
    }

    /// The handle that [`into_raw`](Rc::into_raw) gave away.
    ///
    /// # Safety
    ///
    /// The pointer comes from `into_raw` or [`into_raw_with_allocator`](Rc::into_raw_with_allocator) of an `Rc`
    /// whose allocator was an `A`, and has become no `Rc` since. The type of the value may have become another
    /// one of the same size, alignment and address, if the value is one of that type too.
    #[inline]
    pub unsafe fn from_raw(value: *const T) -> Self {
        // SAFETY: never null, as it comes from a handle.
        Self::at(unsafe { NonNull::new_unchecked(value.cast_mut()) })
    }

    /// The handle as a pointer to the value, and a clone of the allocator, as the standard library's. Since the
    /// allocator lies beside the value, [`into_raw`](Rc::into_raw) alone will do.
    ///
    /// ```
    /// use arenula::{Arena, rc::Rc};
    ///
    /// let arena = Arena::new();
    /// let (pointer, alloc) = Rc::into_raw_with_allocator(Rc::new_in(1, &arena));
    /// // SAFETY: both come from there, from an `Rc` of this type.
    /// assert_eq!(*unsafe { Rc::from_raw_in(pointer, alloc) }, 1);
    /// ```
    #[inline]
    pub fn into_raw_with_allocator(this: Self) -> (*const T, A)
    where
        A: Clone,
    {
        let alloc = Rc::allocator(&this).clone();
        (Rc::into_raw(this), alloc)
    }

    /// The handle that [`into_raw_with_allocator`](Rc::into_raw_with_allocator) gave away. The allocator only
    /// names its type.
    ///
    /// # Safety
    ///
    /// As for [`from_raw`](Rc::from_raw).
    #[inline]
    pub unsafe fn from_raw_in(value: *const T, alloc: A) -> Self {
        // SAFETY: as promised.
        let this = unsafe { Self::from_raw(value) };
        drop(alloc);
        this
    }
}

impl<A> Header<A> {
    #[inline(always)]
    fn add_strong(&self) {
        let strong = self.strong.get() + 1;
        if strong & NO_VALUE != 0 {
            too_many_handles();
        }
        self.strong.set(strong);
    }

    #[inline(always)]
    fn add_weak(&self) {
        match self.weak.get().checked_add(1) {
            Some(weak) => self.weak.set(weak),
            None => too_many_handles(),
        }
    }
}

impl<T: ?Sized, A: Allocator> Clone for Rc<T, A> {
    /// Another handle of the same value.
    #[inline]
    fn clone(&self) -> Self {
        self.header().add_strong();
        Self::at(self.value)
    }
}

impl<T: ?Sized, A: Allocator> Drop for Rc<T, A> {
    #[inline]
    fn drop(&mut self) {
        let strong = self.header().strong.get();
        if strong == 1 {
            // SAFETY: it is the last.
            unsafe { self.drop_value() };
        } else {
            self.header().strong.set(strong - 1);
        }
    }
}

/// Where a `Weak` points that belongs to no block. No value is there, since a header that fits before it would
/// have to end at the last address.
// SAFETY: not null.
const NOWHERE: NonNull<u8> =
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
    const fn at(value: NonNull<T>) -> Self {
        Weak {
            value,
            owns: PhantomData,
        }
    }

    /// The header, if there is a block.
    #[inline(always)]
    fn block(&self) -> Option<&Header<A>> {
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
    unsafe fn header(&self) -> &Header<A> {
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

/// Gives a block back.
///
/// # Safety
///
/// There is no handle of it any more, and no value in it.
#[inline]
unsafe fn free<A: Allocator>(header: NonNull<Header<A>>) {
    // SAFETY: without a value `strong` tells the block's layout (R2), and that how far the value, before which
    // the header ends, is behind the block's start. The allocator is moved out before its memory goes.
    unsafe {
        let Header { strong, alloc, .. } = header.read();
        let layout = kept_layout(strong.get());
        let start = header.add(1).cast::<u8>().sub(value_offset::<A>(layout));
        alloc.deallocate(start, layout);
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

impl<T: ?Sized, A: Allocator> Deref for Rc<T, A> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as this handle (R2, R3).
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized, A: Allocator> AsRef<T> for Rc<T, A> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized, A: Allocator> Borrow<T> for Rc<T, A> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized + fmt::Debug, A: Allocator> fmt::Debug for Rc<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, A: Allocator> fmt::Display for Rc<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, A: Allocator> fmt::Pointer for Rc<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Rc::as_ptr(self).fmt(f)
    }
}

impl<T: ?Sized + Error, A: Allocator> Error for Rc<T, A> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        (**self).source()
    }
}

impl<T: ?Sized + PartialEq, A: Allocator> PartialEq for Rc<T, A> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq, A: Allocator> Eq for Rc<T, A> {}

impl<T: ?Sized + PartialOrd, A: Allocator> PartialOrd for Rc<T, A> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord, A: Allocator> Ord for Rc<T, A> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + Hash, A: Allocator> Hash for Rc<T, A> {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (**self).hash(hasher);
    }
}

impl<T: Default, A: Allocator + Default> Default for Rc<T, A> {
    fn default() -> Self {
        Self::new_in(T::default(), A::default())
    }
}

impl<T, A: Allocator + Default> Default for Rc<[T], A> {
    fn default() -> Self {
        Self::from_iter_in([], A::default())
    }
}

impl<A: Allocator + Default> Default for Rc<str, A> {
    fn default() -> Self {
        Self::from_str_in("", A::default())
    }
}

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

#[cfg(test)]
mod tests {
    use super::{NO_VALUE, Rc, kept_layout, without_value};
    use core::alloc::Layout;
    use core::mem;
    use std::process::{Command, Stdio};
    use std::{env, process};

    #[test]
    fn a_layout_is_kept_in_a_word() {
        let word = size_of::<usize>();
        for align in [word, 16, 64, 4096, 1 << 20] {
            for size in [1, 2, 3, 1000] {
                let layout = Layout::from_size_align(size * align, align).unwrap();
                let strong = without_value(layout);
                assert_ne!(strong & NO_VALUE, 0);
                // SAFETY: it was made just there.
                assert_eq!(unsafe { kept_layout(strong) }, layout);
            }
        }
        let largest = isize::MAX as usize & !(word - 1);
        let layout = Layout::from_size_align(largest, word).unwrap();
        // SAFETY: it was made just there.
        assert_eq!(unsafe { kept_layout(without_value(layout)) }, layout);
        let widest = 1 << (usize::BITS - 2);
        let layout = Layout::from_size_align(widest, widest).unwrap();
        // SAFETY: it was made just there.
        assert_eq!(unsafe { kept_layout(without_value(layout)) }, layout);
    }

    /// Whether this test, called by its name in a process of its own where it does `f`, is ended by a signal.
    fn aborts(test: &str, f: impl FnOnce()) -> bool {
        const INSIDE: &str = "ARENULA_TEST_RC_ABORTS";
        if env::var_os(INSIDE).is_some() {
            f();
            process::exit(0);
        }
        if cfg!(miri) {
            return true;
        }
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(INSIDE, "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        !status.success() && status.code().is_none_or(|code| code != 101)
    }

    #[test]
    fn too_many_strong_handles_abort() {
        assert!(aborts("rc::tests::too_many_strong_handles_abort", || {
            let shared = Rc::new(1);
            shared.header().strong.set(NO_VALUE - 2);
            mem::forget(shared.clone());
            assert_eq!(Rc::strong_count(&shared), NO_VALUE - 1);
            // By the `Rc`, or by a `Weak`.
            let weak = Rc::downgrade(&shared);
            mem::forget(shared);
            mem::forget(std::panic::catch_unwind(|| weak.upgrade()));
        }));
    }

    #[test]
    fn too_many_weak_handles_abort() {
        assert!(aborts("rc::tests::too_many_weak_handles_abort", || {
            let shared = Rc::new(1);
            shared.header().weak.set(usize::MAX - 1);
            let weak = Rc::downgrade(&shared);
            mem::forget(shared);
            mem::forget(std::panic::catch_unwind(move || mem::forget(weak.clone())));
        }));
    }
}
