//! Values that come and go one by one: a [`Pool`] lends their slots, [`Slots`] gives out handles.
//!
//! Both keep values in chunks that never move, and use the slot of a value that is gone for the next one.
//!
//! ```
//! use arenula::pool::{Pool, Slots};
//!
//! // A box that gives its slot back.
//! let pool = Pool::new();
//! let mut buffer = pool.alloc([0_u8; 512]);
//! buffer[0] = 1;
//! drop(buffer);
//! assert_eq!(pool.len(), 0);
//!
//! // A number that stands for a value, and for no other one after it.
//! let mut slots = Slots::new();
//! let ada = slots.insert("Ada");
//! assert_eq!(slots[ada], "Ada");
//! slots.remove(ada);
//! let grace = slots.insert("Grace");
//! assert_eq!(slots.get(ada), None);
//! assert_eq!(slots.get(grace), Some(&"Grace"));
//! ```
//!
//! | | [`Pool`] | [`Slots`] |
//! |---|---|---|
//! | a value is reached by | a [`PoolBox`], as long as the pool is borrowed | a [`Handle`] of 8 bytes, which can be kept anywhere |
//! | it is gone | when the box is dropped | when it is removed |
//! | values are added by | `&self` | `&mut self` |
//! | all of them can be gone through | no: boxes own them | yes |
//! | memory for each value, beside it | none | 4 bytes |
//!
//! # Invariants
//!
//! Every `SAFETY` comment in this module names the ones that it relies on. Of the memory of a [`Pool`]:
//!
//! - **P1, the core.** A pool's `core` is live and its own: made by `backing`, and freed with the pool alone; or it is
//!   the one that all pools share which have none yet, which is never written. Nothing in it or in a block points at
//!   the pool itself, so that this may be moved.
//! - **P2, blocks.** Each block that is reachable from `blocks` is live: made by `backing` for the layout that follows
//!   from its number of pages, given back by nobody, linked once. Every page of it begins at a multiple of the
//!   shape's `align`; those before `fresh` have headers, which name the core.
//! - **P3, slots.** A slot in a page with a header is *free*, and linked once in the list that begins at `free`;
//!   or *stashed*, with a value that belongs to the pool, and its pointer once in the stash; or *taken*, and belongs to
//!   the box that has the pointer, to whom it was leaked, or to nobody if that was forgotten.
//! - **P4, reach.** The pointers in boxes, links and the stash come from the block's own, and may touch all of it: so
//!   a box finds its page's header. Where values have no size a box has the core's pointer instead.
//! - **P5, promises.** The stash has room for as many pointers as there are in it, and [`Recycled`] boxes besides: so
//!   their destructors allocate nothing.
//! - **P6, at rest.** Whenever code of the user or the backing allocator is called, the others hold, and nothing that was
//!   read before is relied on after: each may call the pool again. A slot is taken before the code runs that makes its
//!   value, and free after the code that drops it.
//!
//! And of [`Slots`]:
//!
//! - **H1, chunks.** The first `places` entries of the table point at the generations of chunks that are live, made by `backing`
//!   for the layout of the shape; or they are `NO_CHUNK`, which is never written.
//! - **H2, generations.** Behind the slots of a chunk is a generation for each of them. Where it is odd there is a value; where it is
//!   even there is none. A generation never gets smaller, and where it is `RETIRED` it stays so.
//! - **H3, free slots.** Each slot without a value that is not retired is *linked* once, by its index, from `free` on; or it is *fresh*:
//!   one of those from `fresh` to `fresh_end`, or of a chunk that is linked once, by its first slot, from `fresh_chunks` on. No
//!   index of a place without a chunk is linked, or fresh.
//! - **H4, bases.** The generation where a chunk begins that is made for a place is none below those that the place had.
//! - **H5, at rest.** Whenever code of the user or the backing allocator is called, the others hold, but for a slot whose
//!   value is being dropped: that is linked afterwards.

mod all;
mod boxed;
mod halves;
mod handle;
mod iter;
mod memory;
mod page;
mod rebuild;
mod recycle;
mod room;
#[cfg(feature = "serde")]
mod serde;
mod slots;
mod table;
mod traits;
mod values;
#[cfg(test)]
mod worn;

pub use boxed::PoolBox;
pub use halves::{IntoKeys, IntoValues, Keys, Values, ValuesMut};
pub use handle::Handle;
pub use iter::{Drain, IntoIter, Iter, IterMut};
pub use recycle::{Recycle, Recycled};
pub use slots::Slots;
pub use values::Pool;
