//! For several threads: an arena that all of them allocate in, a pool of arenas to take one from, and interners.
//!
//! | you have | take |
//! |---|---|
//! | a structure that several threads build together | [`SyncArena`] |
//! | pieces of work whose results outlive the worker | [`ArenaPool::get`] |
//! | requests that come and go, each on whatever thread | [`ArenaPool::get_owned`] |
//! | texts that are to be kept once each | `SyncInterner` (feature `collections`) |
//!
//! ```
//! use arenula::sync::SyncArena;
//!
//! let arena = SyncArena::new();
//! let words: Vec<&str> = std::thread::scope(|threads| {
//!     let workers = ["to", "be"].map(|word| threads.spawn(|| &*arena.alloc_str(word)));
//!     workers.map(|worker| worker.join().unwrap()).into()
//! });
//! assert_eq!(words, ["to", "be"]);
//! ```
//!
//! An arena and a pool never wait for another thread. What they keep they ask for outside of [frames](crate::frame): a `SyncArena` all of its
//! memory, a pool its lists, and what its arenas keep when they are reset. (Between two resets a pool's arena asks for chunks
//! as any [`Arena`](crate::Arena) does: in a frame they come from that, and its pages stay as long as the chunk.)

#[cfg(not(loom))]
mod arena;
mod budget;
mod life;
mod list;
#[cfg(not(loom))]
mod local;
#[cfg(not(loom))]
mod owned_arena;
#[cfg(not(loom))]
mod pool;
mod slots;

#[cfg(not(loom))]
pub use self::{
    arena::SyncArena,
    owned_arena::OwnedArena,
    pool::{ArenaPool, PoolGuard, PoolStats},
};

#[cfg(all(feature = "collections", target_has_atomic = "64"))]
pub use crate::intern::{SyncBytesInterner, SyncInterner};
