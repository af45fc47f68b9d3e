//! Arenas that hold values of one type and own them: [`TypedArena`] and [`FrozenArena`].
//!
//! # Invariants
//!
//! Every `SAFETY` comment in this module names the ones that it relies on.
//!
//! - **T1, type.** A store serves values of one type `T`: that of its [`Glue`], which the arena that
//!   owns the store names in its own type. All slots have the size and the alignment of `T`.
//! - **T2, memory.** Each chunk that is reachable from `first` (through `next`) is live: made by
//!   `backing` for the layout in its header, given back by nobody, linked in one place only. `chunk` is
//!   one of them, and `None` only where `first` is.
//! - **T3, filled.** The slots from a chunk's start on, up to `cursor` in the current chunk and up to
//!   `len` in those before, hold values of `T` that the arena owns. A value is written before its slot
//!   counts, so there are no holes. All other slots hold nothing, in the chunks after the current one
//!   too, whatever their `len` says.
//! - **T4, room.** The slots from `cursor` to `end` are free, and nobody else's; `end` is the chunk's end,
//!   or `cursor` while an iterator fills what lies behind (see [`Filling`](filling::Filling)).
//! - **T5, no count of values without a size.** Where `T` has no size there are no chunks, and `cursor` is
//!   a number: one more than there are values.
//! - **T6, at rest.** Whenever code of the user or the backing allocator is called, the others hold, and
//!   nothing that was read before is relied on after: each may call the arena again.
//! - **T7, buckets.** A [`FrozenArena`] has buckets instead of chunks, of which T1 and T2 say the same. Its
//!   first `len` slots, at most [`max_len`](frozen::max_len), hold the values that it owns, and every bucket
//!   that has one of these is there.

mod filling;
mod frozen;
mod run;
mod store;
mod typed_arena;
mod values;

#[cfg(all(feature = "std", feature = "collections", target_has_atomic = "64"))]
pub(crate) use frozen::{BUCKETS, locate, max_len};
pub use frozen::{FrozenArena, FrozenIter, Id};
pub use typed_arena::TypedArena;
pub use values::{Drain, IntoIter, IterMut};

use alloc::vec::Vec;
use core::alloc::Layout;
use core::mem::needs_drop;
use core::ptr::{self, NonNull};

use crate::unwind::run_all;

/// What a store must know of the type of its values, which its own type does not name.
///
/// The `Drop` impl must not name the type either: then the compiler lets values refer to each other
/// inside one arena, and asks of the values' own destructors whether that is safe.
pub(crate) struct Glue {
    layout: Layout,
    drop_values: Option<unsafe fn(NonNull<u8>, usize)>,
}

impl Glue {
    pub(crate) const fn of<T>() -> &'static Self {
        const {
            &Glue {
                layout: Layout::new::<T>(),
                drop_values: if needs_drop::<T>() {
                    Some(drop_values::<T>)
                } else {
                    None
                },
            }
        }
    }

    /// Drops values that lie one after the other; if one of the destructors panics, the others still run.
    ///
    /// # Safety
    ///
    /// They are of this glue's type, and are not used again.
    unsafe fn drop_run(&self, (start, count): (NonNull<u8>, usize)) {
        // SAFETY: as promised; the slots are there for as many values.
        unsafe {
            if let Some(drop_values) = self.drop_values {
                drop_values(start, count);
            }
            if cfg!(debug_assertions) {
                // Who still reads it notices.
                start.write_bytes(0xDD, count * self.layout.size());
            }
        }
    }

    /// Drops runs of values; if one of the destructors panics, the others still run.
    ///
    /// # Safety
    ///
    /// As for [`drop_run`](Glue::drop_run).
    unsafe fn drop_runs(&self, mut runs: impl Iterator<Item = (NonNull<u8>, usize)>) {
        if self.drop_values.is_some() || cfg!(debug_assertions) {
            run_all(|| match runs.next() {
                // SAFETY: as promised.
                Some(run) => unsafe {
                    self.drop_run(run);
                    true
                },
                None => false,
            });
        }
    }
}

/// Moves runs of values into a vector.
///
/// # Safety
///
/// They are of type `T`, are the caller's, and are not used again. The vector is empty and has room for all.
unsafe fn gather<T>(
    runs: impl Iterator<Item = (NonNull<u8>, usize)>,
    mut values: Vec<T>,
) -> Vec<T> {
    for (start, count) in runs {
        // SAFETY: as promised. Nobody is called before the values are counted.
        unsafe {
            let end = values.as_mut_ptr().add(values.len());
            end.copy_from_nonoverlapping(start.cast().as_ptr(), count);
            values.set_len(values.len() + count);
        }
    }
    values
}

/// # Safety
///
/// At `start` there are `count` values of type `T`, which are not used again.
unsafe fn drop_values<T>(start: NonNull<u8>, count: usize) {
    let values = ptr::slice_from_raw_parts_mut(start.cast::<T>().as_ptr(), count);
    // SAFETY: as promised.
    unsafe { values.drop_in_place() };
}
