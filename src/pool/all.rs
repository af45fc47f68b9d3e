//! What is done with all values of slots.

use allocator_api2::alloc::Allocator;

use super::halves::{IntoKeys, IntoValues, Keys, Values, ValuesMut};
use super::iter::{Cursor, Drain, IntoIter, Iter, IterMut};
use super::{Handle, Slots};
use crate::unwind::run_all;

impl<T, A: Allocator> Slots<T, A> {
    /// Drops the values that `cursor` comes to; if a destructor panics, the others still run.
    pub(super) fn discard_all(&mut self, cursor: &mut Cursor<T>) {
        run_all(|| match cursor.next() {
            Some((handle, _)) => {
                // SAFETY: there is a value.
                unsafe { self.discard(handle.index()) };
                true
            }
            None => false,
        });
    }

    /// Keeps the values of which `keep` says so, and drops the others.
    ///
    /// If it panics, or a destructor does, the values that it was not asked about are kept.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<u32> = (0..10).collect();
    /// slots.retain(|_, n| *n % 2 == 0);
    /// assert_eq!(slots.len(), 5);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(Handle<T>, &mut T) -> bool) {
        let mut cursor = self.cursor();
        while let Some((handle, mut slot)) = cursor.next() {
            // SAFETY: there is a value, which nobody else refers to.
            unsafe {
                if !keep(handle, slot.as_mut()) {
                    self.discard(handle.index());
                }
            }
        }
    }

    /// Drops all values, and keeps the memory.
    ///
    /// If a destructor panics, the others still run.
    ///
    /// ```
    /// let mut slots = arenula::pool::Slots::new();
    /// let gone = slots.insert("gone".to_owned());
    /// slots.clear();
    /// assert!(slots.is_empty() && !slots.contains(gone));
    /// ```
    pub fn clear(&mut self) {
        let mut cursor = self.cursor();
        self.discard_all(&mut cursor);
    }

    /// Takes all values out, with their handles as they were, in the order of their indices. The memory is kept.
    ///
    /// What is not taken is dropped with the iterator; if that is forgotten, it stays.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert!(slots.drain().map(|(_, c)| c).eq(['a', 'b', 'c']));
    /// assert!(slots.is_empty());
    /// ```
    pub fn drain(&mut self) -> Drain<'_, T, A> {
        Drain::new(self)
    }

    /// The values with their handles, in the order of their indices.
    ///
    /// ```
    /// let slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert!(slots.iter().all(|(handle, c)| slots[handle] == *c));
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        // SAFETY: the values are borrowed as long as the iterator lives.
        unsafe { Iter::new(self.cursor()) }
    }

    /// The values with their handles, to be changed, in the order of their indices.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<u32> = (0..10).collect();
    /// slots.iter_mut().for_each(|(_, n)| *n *= 2);
    /// assert_eq!(slots.iter().map(|(_, n)| n).sum::<u32>(), 90);
    /// ```
    #[inline]
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        // SAFETY: the values are borrowed as long as the iterator lives.
        unsafe { IterMut::new(self.cursor()) }
    }

    /// The handles of all values, in the order of their indices.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// let odd: Vec<_> = slots.keys().filter(|handle| handle.index() % 2 == 1).collect();
    /// assert_eq!(slots.remove(odd[0]), Some('b'));
    /// ```
    #[inline]
    pub fn keys(&self) -> Keys<'_, T> {
        Keys(self.iter())
    }

    /// The values, in the order of their indices.
    ///
    /// ```
    /// let slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert!(slots.values().eq(&['a', 'b', 'c']));
    /// ```
    #[inline]
    pub fn values(&self) -> Values<'_, T> {
        Values(self.iter())
    }

    /// The values, to be changed, in the order of their indices.
    ///
    /// ```
    /// let mut slots: arenula::pool::Slots<u32> = (0..10).collect();
    /// slots.values_mut().for_each(|n| *n *= 2);
    /// assert_eq!(slots.values().sum::<u32>(), 90);
    /// ```
    #[inline]
    pub fn values_mut(&mut self) -> ValuesMut<'_, T> {
        ValuesMut(self.iter_mut())
    }

    /// The handles that the values had, which are dropped.
    ///
    /// ```
    /// let slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert!(slots.into_keys().map(|handle| handle.index()).eq([0, 1, 2]));
    /// ```
    pub fn into_keys(self) -> IntoKeys<T, A> {
        IntoKeys(IntoIter::new(self))
    }

    /// The values for good, in the order of their indices.
    ///
    /// ```
    /// let slots: arenula::pool::Slots<char> = "abc".chars().collect();
    /// assert_eq!(slots.into_values().collect::<String>(), "abc");
    /// ```
    pub fn into_values(self) -> IntoValues<T, A> {
        IntoValues(IntoIter::new(self))
    }

    /// Where all values are.
    #[inline]
    pub(super) fn cursor(&self) -> Cursor<T> {
        Cursor::new(self.table.chunks(), self.table.places(), self.len())
    }
}
