//! What a thread knows of the arenas and pools that it used last.
//!
//! # Invariants
//!
//! - **N1, numbers.** No number is given twice, to whatever arena or pool. So an entry of one that is gone, or was
//!   reset, never matches again.
//! - **N2, entries.** An entry names a place for the thread whose entry it is, and is made by the arena or pool that
//!   has the number. Its pointer comes from the place's memory and not from a reference, as it is kept across times when
//!   there is a `&mut` to what is in it.

use core::cell::Cell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

/// How many arenas and pools a thread finds at once.
const ENTRIES: u64 = 8;

/// The distance of two numbers: so their low bits are an entry's place in bytes.
const STEP: u64 = size_of::<Entry>() as u64;

/// The number of what has none. Above all that are given.
const NONE: u64 = u64::MAX;

/// The number of an arena or pool, taken when it is first asked for.
pub(super) struct Number(AtomicU64);

impl Number {
    pub(super) const fn none() -> Self {
        Number(AtomicU64::new(NONE))
    }

    /// The number, to be looked up.
    #[inline(always)]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// The number, to be noted.
    fn get_or_take(&self) -> u64 {
        // 0 is in the entries that were never made.
        static NEXT: AtomicU64 = AtomicU64::new(STEP);
        let number = self.get();
        if number != NONE {
            return number;
        }
        let fresh = NEXT.fetch_add(STEP, Ordering::Relaxed);
        match (self.0).compare_exchange(NONE, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh,
            Err(taken) => taken,
        }
    }

    /// Another number from the next time on: nobody finds anything by the one of now.
    pub(super) fn renew(&mut self) {
        *self.0.get_mut() = NONE;
    }
}

struct Entry {
    number: Cell<u64>,
    place: Cell<NonNull<()>>,
}

impl Entry {
    const fn none() -> Self {
        Entry {
            number: Cell::new(0),
            place: Cell::new(NonNull::dangling()),
        }
    }

    #[inline(always)]
    fn find(&self, number: u64) -> Option<NonNull<()>> {
        (self.number.get() == number).then(|| self.place.get())
    }

    fn set(&self, number: u64, place: NonNull<()>) {
        self.place.set(place);
        self.number.set(number);
    }
}

// Without destructors, so that they can be asked at any time, and cost no check.
std::thread_local! {
    static LAST: Entry = const { Entry::none() };
    static ENTRY: [Entry; ENTRIES as usize] = const { [const { Entry::none() }; ENTRIES as usize] };
}

#[inline(always)]
fn entry<R>(number: u64, f: impl FnOnce(&Entry) -> R) -> R {
    ENTRY.with(|entries| f(&entries[(number / STEP % ENTRIES) as usize]))
}

/// The place that this thread noted for `number`, if that was the last one that was looked for in this way: for those to
/// whom each instruction counts.
#[inline(always)]
pub(super) fn find_last(number: &Number) -> Option<NonNull<()>> {
    LAST.with(|last| last.find(number.get()))
}

/// The place that this thread noted for `number`, which becomes the last one.
pub(super) fn find_as_last(number: &Number) -> Option<NonNull<()>> {
    let place = find(number)?;
    LAST.with(|last| last.set(number.get(), place));
    Some(place)
}

/// The place that this thread noted for `number`.
#[inline(always)]
pub(super) fn find(number: &Number) -> Option<NonNull<()>> {
    let number = number.get();
    entry(number, |entry| entry.find(number))
}

/// Notes where this thread's place is.
pub(super) fn note<T>(number: &Number, place: NonNull<T>) {
    let number = number.get_or_take();
    entry(number, |entry| entry.set(number, place.cast()));
}

/// Forgets all that this thread noted.
pub(super) fn forget_all() {
    LAST.with(|last| last.number.set(0));
    ENTRY.with(|entries| entries.iter().for_each(|entry| entry.number.set(0)));
}
