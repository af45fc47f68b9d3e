//! What stands for a value in slots.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::num::NonZeroU32;

/// What stands for a value in [`Slots`](super::Slots): the number of its slot, and of how many values that has had.
///
/// 8 bytes, as has `Option<Handle<T>>`. A handle whose value is gone never stands for another one. What it finds in slots
/// that it is not of may be any value, or none.
///
/// ```
/// use arenula::pool::{Handle, Slots};
///
/// struct Node {
///     parent: Option<Handle<Node>>,
/// }
///
/// let mut nodes = Slots::new();
/// let root = nodes.insert(Node { parent: None });
/// let leaf = nodes.insert(Node { parent: Some(root) });
/// assert_eq!(nodes[leaf].parent, Some(root));
/// assert_eq!(size_of::<Option<Handle<Node>>>(), 8);
/// ```
pub struct Handle<T> {
    index: u32,
    /// Odd.
    generation: NonZeroU32,
    _value: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// # Safety
    ///
    /// The generation is not 0.
    #[inline(always)]
    pub(super) unsafe fn new(index: u32, generation: u32) -> Self {
        Handle {
            index,
            // SAFETY: as promised.
            generation: unsafe { NonZeroU32::new_unchecked(generation) },
            _value: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn parts(self) -> (u32, u32) {
        (self.index, self.generation.get())
    }

    /// The number of the slot. Slots without values in between have numbers too; two values that live at the same time
    /// have different ones.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let (a, b) = (slots.insert('a'), slots.insert('b'));
    /// assert_ne!(a.index(), b.index());
    /// ```
    #[inline]
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// The handle as a number, which is not 0.
    ///
    /// ```
    /// use arenula::pool::{Handle, Slots};
    ///
    /// let mut slots = Slots::new();
    /// let handle = slots.insert('a');
    /// assert_eq!(Handle::from_bits(handle.to_bits()), Some(handle));
    /// ```
    #[inline]
    #[must_use]
    pub fn to_bits(self) -> u64 {
        u64::from(self.index) << 32 | u64::from(self.generation.get())
    }

    /// The handle that was made a number; `None` for what no handle is made. Any number is safe: what is no handle
    /// of some slots finds nothing there, or a value of theirs.
    ///
    /// ```
    /// use arenula::pool::{Handle, Slots};
    ///
    /// let slots = Slots::<char>::new();
    /// assert_eq!(Handle::<char>::from_bits(0), None);
    /// let guessed = Handle::from_bits(u64::MAX).unwrap();
    /// assert!(!slots.contains(guessed));
    /// ```
    #[inline]
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        let generation = NonZeroU32::new(bits as u32)?;
        (generation.get() % 2 == 1).then_some(Handle {
            index: (bits >> 32) as u32,
            generation,
            _value: PhantomData,
        })
    }
}

impl<T> Clone for Handle<T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}

impl<T> Eq for Handle<T> {}

impl<T> PartialOrd for Handle<T> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Handle<T> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_bits().cmp(&other.to_bits())
    }
}

impl<T> Hash for Handle<T> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_bits().hash(state);
    }
}

/// The slot's number, and after a `v` the generation.
impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.index, self.generation)
    }
}
