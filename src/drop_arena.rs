//! The arena of values of any types that runs their destructors.
//!
//! # Invariants
//!
//! - **D1, records.** Each record that is reachable from `last` (through `before`) lies in `arena`, and is
//!   the head of what its `drop` function was made for: one value, or a slice of values, that the arena
//!   owns, and whose destructors have not run. It is linked after all of that was written, and unlinked
//!   before the destructors run.
//! - **D2, order.** A record is linked in front of those that were linked before.
//! - **D3, lifetimes.** All values live as long as `'d`, which outlives the arena: it is invariant in `'d`
//!   and has a `Drop` impl, so that the compiler sees that what a destructor looks at is still there.
//! - **D4, threads.** All values in an arena of [`SendValue`] can be sent: only what [`Takes`] names goes in,
//!   and only this file says what that is.
#![allow(
    clippy::mut_from_ref,
    reason = "each reference is to memory of its own"
)]

use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::needs_drop;
use core::panic::RefUnwindSafe;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::{AllocError, Allocator, Global};

use crate::arena::{Arena, Failure, Retain, or_fail};
use crate::unwind::run_all;

/// An arena for values of any types that runs their destructors when it is dropped or reset.
///
/// ```
/// use arenula::DropArena;
/// use std::rc::Rc;
///
/// let shared = Rc::new(());
/// let arena = DropArena::new();
/// arena.alloc(shared.clone());
/// let names: &mut [String] = arena.alloc_iter(["a", "b"].map(str::to_owned));
/// names[0].push('!');
/// assert_eq!(Rc::strong_count(&shared), 2);
/// drop(arena);
/// assert_eq!(Rc::strong_count(&shared), 1);
/// ```
///
/// The destructors run in reverse order of allocation, that of each value once; in a slice they run from the
/// front. If one panics the others still run, and then the panic goes on; a second one ends the program, as
/// elsewhere.
///
/// # Cost
///
/// Beside a value that needs its destructor lies a record of two words; beside a slice, one of four. A value
/// that needs none costs what it costs in an [`Arena`].
///
/// # Lifetimes
///
/// The values may borrow from anything that outlives the arena. They can't borrow from the arena itself,
/// because then a destructor could look at a value that is gone already:
///
/// ```compile_fail,E0597
/// use arenula::DropArena;
///
/// struct Noisy<'a>(&'a str);
/// impl Drop for Noisy<'_> {
///     fn drop(&mut self) {
///         println!("{}", self.0);
///     }
/// }
///
/// let arena = DropArena::new();
/// let text = arena.alloc(String::from("gone"));
/// arena.alloc(Noisy(text));
/// ```
///
/// What needs no destructor may borrow from it, in the [`Arena`] that it stands on:
///
/// ```
/// use arenula::DropArena;
///
/// let arena = DropArena::new();
/// let text: &str = arena.alloc(String::from("kept"));
/// let words: &[&str] = arena.arena().alloc_iter(text.split('e'));
/// assert_eq!(words, ["k", "pt"]);
/// ```
///
/// # Threads
///
/// The arena can't be sent to another thread, since its values might not be. A [`SendDropArena`], which takes
/// only values that can be sent, can.
pub struct DropArena<'d, V = AnyValue, A: Allocator = Global> {
    arena: Arena<8, A>,
    /// The record that was linked last.
    last: Cell<Option<NonNull<Record>>>,
    /// The values that wait for their destructors.
    len: Cell<usize>,
    /// Invariant in `'d` (D3).
    lives: PhantomData<(Cell<&'d ()>, V)>,
}

/// A [`DropArena`] of values that can be sent to another thread, which can be sent itself.
///
/// ```
/// use arenula::DropArena;
///
/// let arena = DropArena::sendable();
/// arena.alloc(String::from("text"));
/// std::thread::spawn(move || drop(arena)).join().unwrap();
/// ```
///
/// ```compile_fail,E0277
/// use arenula::DropArena;
///
/// let arena = DropArena::sendable();
/// arena.alloc(std::rc::Rc::new(1));
/// ```
pub type SendDropArena<'d, A = Global> = DropArena<'d, SendValue, A>;

/// What a [`DropArena`] takes: any value.
#[derive(Debug)]
pub enum AnyValue {}

/// What a [`SendDropArena`] takes: values that can be sent to another thread.
#[derive(Debug)]
pub enum SendValue {}

/// Which values a [`DropArena`] takes.
pub trait Takes<T: ?Sized>: sealed::Sealed<T> {}

impl<T: ?Sized> Takes<T> for AnyValue {}
impl<T: ?Sized + Send> Takes<T> for SendValue {}

mod sealed {
    /// Seals `Takes` for each type of value alone (D4): who has a type may implement a foreign trait *of* it
    /// for a foreign type, where the compiler knows that it is not `Send`.
    pub trait Sealed<T: ?Sized> {}
    impl<T: ?Sized> Sealed<T> for super::AnyValue {}
    impl<T: ?Sized + Send> Sealed<T> for super::SendValue {}
}

// SAFETY: all values that the arena owns can be sent (D4), and references to it borrow it.
unsafe impl<A: Allocator + Send> Send for DropArena<'_, SendValue, A> {}

// A panic leaves no record of a value that is not there (D1), and the values can't be reached through it.
impl<V, A: Allocator + RefUnwindSafe> RefUnwindSafe for DropArena<'_, V, A> {}

/// What stands before a value, or a slice, whose destructors wait.
struct Record {
    /// The record that was linked before.
    before: Option<NonNull<Record>>,
    /// Drops what this is the record of.
    drop: unsafe fn(NonNull<Record>),
}

/// A value with its record.
#[repr(C)]
struct Entry<T> {
    record: Record,
    value: T,
}

impl<T> Entry<T> {
    /// An entry whose record is linked nowhere yet.
    fn new(value: T) -> Self {
        let record = Self::record(None);
        Entry { record, value }
    }

    /// The record of such an entry.
    #[inline(always)]
    fn record(before: Option<NonNull<Record>>) -> Record {
        /// # Safety
        ///
        /// The record is that of an entry of a `T`, which is not used again.
        unsafe fn drop_value<T>(record: NonNull<Record>) {
            // SAFETY: as promised; the record is the first field.
            unsafe { (&raw mut (*record.cast::<Entry<T>>().as_ptr()).value).drop_in_place() };
        }
        let drop = drop_value::<T>;
        Record { before, drop }
    }
}

/// Values that lie elsewhere in the arena, side by side. Dropped, they are; so they are also if the record
/// finds no room.
struct Values<T>(NonNull<[T]>);

impl<T> Drop for Values<T> {
    fn drop(&mut self) {
        // SAFETY: who made this gave the values up.
        unsafe { self.0.drop_in_place() };
    }
}

impl<'d> DropArena<'d> {
    /// An arena that owns no memory yet. Allocates nothing.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// assert_eq!(arena.arena().capacity(), 0);
    /// assert_eq!(arena.alloc(String::from("a")), "a");
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self::over(Arena::new())
    }

    /// An arena of values that can be sent to another thread, and then can be sent itself.
    ///
    /// ```
    /// let arena = arenula::DropArena::sendable();
    /// arena.alloc(vec![1, 2, 3]);
    /// std::thread::scope(|s| s.spawn(move || assert_eq!(arena.len(), 1)).join()).unwrap();
    /// ```
    #[inline]
    #[must_use]
    pub const fn sendable() -> SendDropArena<'d> {
        Self::sendable_over(Arena::new())
    }
}

impl<'d, A: Allocator> DropArena<'d, AnyValue, A> {
    /// An arena that stands on this one.
    ///
    /// ```
    /// use arenula::{Arena, DropArena};
    ///
    /// let outer = Arena::new();
    /// let inner = DropArena::over(Arena::new_in(&outer));
    /// inner.alloc(String::from("text"));
    /// assert!(outer.allocated_bytes() > 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn over(arena: Arena<8, A>) -> Self {
        Self::with_arena(arena)
    }

    /// An arena of values that can be sent to another thread, which stands on this one.
    ///
    /// ```
    /// use arenula::{Arena, DropArena};
    ///
    /// let roomy = DropArena::sendable_over(Arena::with_capacity(1 << 16));
    /// roomy.alloc(String::from("text"));
    /// assert!(roomy.arena().capacity() >= 1 << 16);
    /// ```
    #[inline]
    #[must_use]
    pub const fn sendable_over(arena: Arena<8, A>) -> SendDropArena<'d, A> {
        DropArena::with_arena(arena)
    }
}

impl<'d, V, A: Allocator> DropArena<'d, V, A> {
    const fn with_arena(arena: Arena<8, A>) -> Self {
        DropArena {
            arena,
            last: Cell::new(None),
            len: Cell::new(0),
            lives: PhantomData,
        }
    }

    /// Moves a value into the arena.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// let text = arena.alloc(String::from("a"));
    /// text.push('b');
    /// assert_eq!(text, "ab");
    /// ```
    #[inline]
    pub fn alloc<T: 'd>(&self, value: T) -> &mut T
    where
        V: Takes<T>,
    {
        if !needs_drop::<T>() {
            return self.arena.alloc(value);
        }
        match self.bump_value(value) {
            Ok(placed) => placed,
            Err(value) => self.alloc_slow(value),
        }
    }

    /// [`alloc`](DropArena::alloc), or an error where there is no memory; the value is then dropped.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// arena.arena().set_limit(Some(0));
    /// assert!(arena.try_alloc(String::from("a")).is_err());
    /// ```
    #[inline]
    pub fn try_alloc<T: 'd>(&self, value: T) -> Result<&mut T, AllocError>
    where
        V: Takes<T>,
    {
        if !needs_drop::<T>() {
            return self.arena.try_alloc(value);
        }
        match self.bump_value(value) {
            Ok(placed) => Ok(placed),
            Err(value) => self.try_alloc_slow(value),
        }
    }

    /// Places a value that needs its destructor in the current chunk, or hands it back.
    #[inline(always)]
    fn bump_value<T: 'd>(&self, value: T) -> Result<&mut T, T> {
        match self.arena.bump_slot() {
            // SAFETY: the slot is the arena's, and nobody else's.
            Some(slot) => Ok(unsafe { self.place(slot, value) }),
            None => Err(value),
        }
    }

    // The value goes along, as in the slow paths of `Arena`.

    #[cold]
    #[inline(never)]
    fn alloc_slow<T: 'd>(&self, value: T) -> &mut T {
        or_fail(self.alloc_anywhere(value))
    }

    #[cold]
    #[inline(never)]
    fn try_alloc_slow<T: 'd>(&self, value: T) -> Result<&mut T, AllocError> {
        Ok(self.alloc_anywhere(value)?)
    }

    fn alloc_anywhere<T: 'd>(&self, value: T) -> Result<&mut T, Failure> {
        let slot = self.arena.slot()?;
        // SAFETY: the slot is the arena's, and nobody else's.
        Ok(unsafe { self.place(slot, value) })
    }

    /// Writes a value and its record, and links that.
    ///
    /// # Safety
    ///
    /// The slot lies in the arena, and is nobody else's.
    #[inline(always)]
    unsafe fn place<T: 'd>(&self, slot: NonNull<Entry<T>>, value: T) -> &mut T {
        // Field by field, so that the value is copied once, as a whole.
        // SAFETY: as promised; all of the entry is written before it is linked (D1).
        unsafe {
            let entry = slot.as_ptr();
            (&raw mut (*entry).value).write(value);
            (&raw mut (*entry).record).write(Entry::<T>::record(self.last.get()));
            self.count(slot.cast(), 1);
            &mut (*entry).value
        }
    }

    /// Links the record of a value, which from now on is the arena's.
    #[inline(always)]
    fn keep<'a, T: 'd>(&'a self, entry: &'a mut Entry<T>) -> &'a mut T {
        let entry = NonNull::from(entry);
        // SAFETY: the entry lies in the arena, and all of it is written. The value is nobody else's as long
        // as the arena is borrowed, and its destructor needs `&mut` or the arena itself (D1).
        unsafe {
            self.link(entry.cast(), 1);
            &mut (*entry.as_ptr()).value
        }
    }

    /// Links a record of `count` values in front of the others.
    ///
    /// # Safety
    ///
    /// It is the head of what its `drop` function is for, lies in this arena, and is linked nowhere.
    #[inline(always)]
    unsafe fn link(&self, record: NonNull<Record>, count: usize) {
        // Read now: a backing allocator may have used this arena to make room for the record.
        let before = self.last.get();
        // SAFETY: the record lies there, and is nobody else's.
        unsafe { (*record.as_ptr()).before = before };
        self.count(record, count);
    }

    /// From here on the record of `count` values, which names the one before, is the last.
    #[inline(always)]
    fn count(&self, record: NonNull<Record>, count: usize) {
        self.last.set(Some(record));
        self.len.set(self.len.get().wrapping_add(count));
    }

    /// Builds a value in the arena, without a stop on the stack in optimised builds.
    ///
    /// The closure may use the arena. If it panics, there is no value to drop.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// let text = arena.alloc_with(|| arena.alloc(String::from("a")).repeat(3));
    /// assert_eq!(text, "aaa");
    /// ```
    #[inline]
    pub fn alloc_with<T: 'd>(&self, f: impl FnOnce() -> T) -> &mut T
    where
        V: Takes<T>,
    {
        or_fail(self.build_value(f))
    }

    /// [`alloc_with`](DropArena::alloc_with), or an error where there is no memory; the closure is then not
    /// called.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// assert!(arena.try_alloc_with(|| String::from("a")).is_ok());
    /// ```
    #[inline]
    pub fn try_alloc_with<T: 'd>(&self, f: impl FnOnce() -> T) -> Result<&mut T, AllocError>
    where
        V: Takes<T>,
    {
        Ok(self.build_value(f)?)
    }

    #[inline(always)]
    fn build_value<T: 'd>(&self, f: impl FnOnce() -> T) -> Result<&mut T, Failure> {
        if needs_drop::<T>() {
            let entry = self.arena.build_value(|| Entry::new(f()))?;
            Ok(self.keep(entry))
        } else {
            self.arena.build_value(f)
        }
    }

    /// Moves all values of an iterator into the arena, side by side.
    ///
    /// The iterator may use the arena. If it panics, the values that it gave are dropped.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// let words = arena.alloc_iter("a b c".split(' ').map(String::from));
    /// assert_eq!(words.concat(), "abc");
    /// assert_eq!(arena.len(), 3);
    /// ```
    #[inline]
    pub fn alloc_iter<T: 'd>(&self, iter: impl IntoIterator<Item = T>) -> &mut [T]
    where
        V: Takes<T>,
    {
        or_fail(self.collect(iter.into_iter()))
    }

    /// [`alloc_iter`](DropArena::alloc_iter), or an error where there is no memory; the values are then
    /// dropped.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// arena.arena().set_limit(Some(1000));
    /// assert!(arena.try_alloc_iter((0..1000).map(|n| n.to_string())).is_err());
    /// assert!(arena.is_empty());
    /// ```
    #[inline]
    pub fn try_alloc_iter<T: 'd>(
        &self,
        iter: impl IntoIterator<Item = T>,
    ) -> Result<&mut [T], AllocError>
    where
        V: Takes<T>,
    {
        Ok(self.collect(iter.into_iter())?)
    }

    #[inline]
    fn collect<T: 'd>(&self, iter: impl Iterator<Item = T>) -> Result<&mut [T], Failure> {
        self.keep_slice(self.arena.collect(iter)?)
    }

    /// A slice of `len` values, each made by `f` from its index.
    ///
    /// The closure may use the arena. If it panics, the values that it made are dropped.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// let lines = arena.alloc_slice_fill_with(3, |i| "=".repeat(i));
    /// assert_eq!(lines, ["", "=", "=="]);
    /// ```
    #[inline]
    pub fn alloc_slice_fill_with<T: 'd>(&self, len: usize, f: impl FnMut(usize) -> T) -> &mut [T]
    where
        V: Takes<T>,
    {
        or_fail(self.fill_slice(len, f))
    }

    /// [`alloc_slice_fill_with`](DropArena::alloc_slice_fill_with), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// assert!(arena.try_alloc_slice_fill_with(usize::MAX, |i| i.to_string()).is_err());
    /// ```
    #[inline]
    pub fn try_alloc_slice_fill_with<T: 'd>(
        &self,
        len: usize,
        f: impl FnMut(usize) -> T,
    ) -> Result<&mut [T], AllocError>
    where
        V: Takes<T>,
    {
        Ok(self.fill_slice(len, f)?)
    }

    #[inline]
    fn fill_slice<T: 'd>(
        &self,
        len: usize,
        f: impl FnMut(usize) -> T,
    ) -> Result<&mut [T], Failure> {
        self.keep_slice(self.arena.fill_slice(len, f)?)
    }

    /// Makes and links the record of a slice, whose values from now on are the arena's.
    #[inline]
    fn keep_slice<'a, T: 'd>(&'a self, slice: &'a mut [T]) -> Result<&'a mut [T], Failure> {
        if !needs_drop::<T>() || slice.is_empty() {
            return Ok(slice);
        }
        let values = NonNull::from(slice);
        // Where there is no room for the record, this drops the values.
        let owner = Values(values);
        let entry = self.arena.build_value(move || Entry::new(owner));
        let entry = entry.inspect_err(|_| {
            // SAFETY: the block is this arena's, and the values in it are gone.
            unsafe {
                let layout = Layout::for_value(values.as_ref());
                (&self.arena).deallocate(values.cast(), layout);
            }
        })?;
        self.keep_counted(entry, values.len());
        // SAFETY: the values lie in the arena, and nobody else's as long as it is borrowed.
        Ok(unsafe { &mut *values.as_ptr() })
    }

    fn keep_counted<T>(&self, entry: &mut Entry<T>, count: usize) {
        // SAFETY: the entry lies in the arena, and all of it is written.
        unsafe { self.link(NonNull::from(entry).cast(), count) };
    }

    /// Copies a text into the arena.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// assert_eq!(arena.alloc_str("text"), "text");
    /// ```
    #[inline]
    pub fn alloc_str(&self, text: &str) -> &mut str {
        self.arena.alloc_str(text)
    }

    /// [`alloc_str`](DropArena::alloc_str), or an error where there is no memory.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// assert!(arena.try_alloc_str("text").is_ok());
    /// ```
    #[inline]
    pub fn try_alloc_str(&self, text: &str) -> Result<&mut str, AllocError> {
        self.arena.try_alloc_str(text)
    }

    /// The arena that this one stands on, for values that need no destructor and borrow from this arena, for
    /// its statistics, and for its limit.
    ///
    /// What is allocated there gets no record, and so its destructor does not run. (Who rewinds that arena, which
    /// is `unsafe`, must not go back past a value that waits for its destructor: the record is in use.)
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// let text: &String = arena.alloc(String::from("text"));
    /// let pair: &(&str, &String) = arena.arena().alloc(("a", text));
    /// assert_eq!(pair.1, "text");
    /// ```
    #[inline]
    pub fn arena(&self) -> &Arena<8, A> {
        &self.arena
    }

    /// How many values wait for their destructors. Those that need none are not counted.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// arena.alloc(1);
    /// arena.alloc(String::new());
    /// assert_eq!(arena.len(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether no value waits for its destructor.
    ///
    /// ```
    /// let arena = arenula::DropArena::new();
    /// arena.alloc(1);
    /// assert!(arena.is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Runs all destructors, and keeps memory for as much again, as [`Arena::reset`] does.
    ///
    /// If a destructor panics, the others still run, and the arena is empty.
    ///
    /// ```
    /// let mut arena = arenula::DropArena::new();
    /// arena.alloc(String::from("gone"));
    /// arena.reset();
    /// assert!(arena.is_empty());
    /// assert_eq!(arena.arena().allocated_bytes(), 0);
    /// ```
    pub fn reset(&mut self) {
        self.reset_by(Arena::reset);
    }

    /// Runs all destructors, and keeps as much memory as `retain` says.
    ///
    /// ```
    /// use arenula::{DropArena, Retain};
    ///
    /// let mut arena = DropArena::new();
    /// arena.alloc(String::from("gone"));
    /// arena.reset_with(Retain::Nothing);
    /// assert_eq!(arena.arena().capacity(), 0);
    /// ```
    pub fn reset_with(&mut self, retain: Retain) {
        self.reset_by(|arena| arena.reset_with(retain));
    }

    fn reset_by(&mut self, reset: impl FnMut(&mut Arena<8, A>)) {
        /// Frees the memory after the destructors, also if one panics.
        struct After<'a, A: Allocator, F: FnMut(&mut Arena<8, A>)>(&'a mut Arena<8, A>, F);
        impl<A: Allocator, F: FnMut(&mut Arena<8, A>)> Drop for After<'_, A, F> {
            fn drop(&mut self) {
                (self.1)(self.0);
            }
        }
        let _after = After(&mut self.arena, reset);
        Self::drop_values(&self.last, &self.len);
    }

    /// Runs all destructors.
    fn drop_values(last: &Cell<Option<NonNull<Record>>>, len: &Cell<usize>) {
        len.set(0);
        // All are unlinked before the first runs, and each is left behind before its own do.
        let mut next = last.take();
        run_all(|| match next {
            // SAFETY: the record was linked, and so heads values that wait (D1).
            Some(record) => unsafe {
                let Record { before, drop } = ptr::read(record.as_ptr());
                next = before;
                drop(record);
                true
            },
            None => false,
        });
    }
}

// Not on an inner type that does not name `'d`, as in `TypedArena`: nothing here says which types the values
// have, so the compiler must know that some destructor may look at whatever lives as long as `'d` (D3).
impl<V, A: Allocator> Drop for DropArena<'_, V, A> {
    fn drop(&mut self) {
        Self::drop_values(&self.last, &self.len);
    }
}

impl<V, A: Allocator + Default> Default for DropArena<'_, V, A> {
    fn default() -> Self {
        Self::with_arena(Arena::default())
    }
}

impl<V, A: Allocator> fmt::Debug for DropArena<'_, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DropArena")
            .field("len", &self.len())
            .field("arena", &self.arena)
            .finish_non_exhaustive()
    }
}
