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

mod block;
mod convert;
mod filling;
mod make_mut;
mod slices;
mod traits;
mod unsize;
mod weak;

use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop, MaybeUninit};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator, Global};
use allocator_api2::boxed::Box;

use crate::arena::{Failure, or_fail};

use self::block::{Block, Header, block_layout, without_value};

pub use self::unsize::{StrongKind, WeakKind, take_apart};
pub use self::weak::Weak;
pub use crate::unsize_rc as unsize;

/// Memory that a `Box` or `Vec` had, given back as these do, and not the values in it, nor the room where none were.
type Shell<'x, T, A> = Box<[MaybeUninit<T>], &'x A>;

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

// Neither can be sent nor shared: `NonNull` says so.

// The counts don't matter where a panic is caught: they are right whenever code of the user runs (R4).
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> UnwindSafe for Rc<T, A> {}
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for Rc<T, A> {}
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> UnwindSafe for Weak<T, A> {}
impl<T: ?Sized + RefUnwindSafe, A: Allocator + RefUnwindSafe> RefUnwindSafe for Weak<T, A> {}

// A handle that moves does not move the value.
impl<T: ?Sized, A: Allocator> Unpin for Rc<T, A> {}
impl<T: ?Sized, A: Allocator> Unpin for Weak<T, A> {}

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

#[cfg(test)]
mod tests {
    use super::Rc;
    use super::block::NO_VALUE;
    use core::mem;
    use std::process::{Command, Stdio};
    use std::{env, process};

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
