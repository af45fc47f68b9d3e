//! A value of one's own: what is shared is cloned before it is changed.

use core::alloc::Layout;

use allocator_api2::alloc::{AllocError, Allocator};

use super::Rc;
use super::block::Block;
use crate::arena::{Failure, or_fail};

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
    /// there are [`Weak`](crate::rc::Weak)s only, they lose it.
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
