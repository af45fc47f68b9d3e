//! `SyncArena`, `ArenaPool` and what they lend.
#![cfg(feature = "std")]

use super::*;
use arenula::Owned;
use arenula::sync::{ArenaPool, OwnedArena, PoolGuard, PoolStats, SyncArena};
use arenula::vec::VecExt;

// All threads at once.
is!(SyncArena: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, Debug);
is_not!(SyncArena: Clone);
is!(&'static SyncArena: Send, Sync, Allocator, ArenaRef<'static>);
is_not!(SyncArena: Allocator);
// A container may go where its values may.
is!(Vec<u8, &'static SyncArena>: Send, Sync);
is!(Box<Cell<u8>, &'static SyncArena>: Send);
is_not!(Box<Rc<u8>, &'static SyncArena>: Send, Sync);
is_not!(Box<Cell<u8>, &'static SyncArena>: Sync);
is_not!(Vec<MutexGuard<'static, u8>, &'static SyncArena>: Send);

// It is shared if its backing allocator is, and sent if that is.
is!(SyncArena<&'static SyncArena>: Send, Sync);
is!(SyncArena<FixedBuffer<'static>>: Send);
is_not!(SyncArena<FixedBuffer<'static>>: Sync, RefUnwindSafe);
is_not!(SyncArena<&'static Arena>: Send, Sync);

const _: fn() = for_each_backing::<Global>;
fn for_each_backing<A>()
where
    A: Allocator + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe,
{
    fn has_markers<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    has_markers::<SyncArena<A>>();
}

is!(ArenaPool: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, Debug);
is_not!(ArenaPool: Clone, Allocator);

// One thread at a time, as an arena.
is!(PoolGuard<'static>: Send, Unpin, UnwindSafe, RefUnwindSafe, Debug, Deref<Target = Arena>, Allocator);
is!(&'static PoolGuard<'static>: Allocator, ArenaRef<'static>);
// By reference it lends for the pool's lifetime; by value a frozen container would keep the lease for ever.
is_not!(PoolGuard<'static>: Sync, Clone, Default, DerefMut, ArenaRef<'static>);
is_not!(&'static PoolGuard<'static>: Send, Sync);
is!(Vec<u8, PoolGuard<'static>>: Send);
is_not!(Vec<u8, &'static PoolGuard<'static>>: Send, Sync);

// Exclusive: it may be reset, and exchanged.
is!(OwnedArena: Send, Unpin, UnwindSafe, RefUnwindSafe, Debug, DerefMut<Target = Arena>);
is_not!(OwnedArena: Sync, Clone, Default, Allocator);

is!(PoolStats: Send, Sync, Copy, Default, Debug, Display, Eq, Hash);

const _: () = {
    assert!(size_of::<PoolGuard>() == 2 * size_of::<usize>());
    assert!(size_of::<Option<PoolGuard>>() == size_of::<PoolGuard>());
    assert!(size_of::<OwnedArena>() == 3 * size_of::<usize>());
    assert!(size_of::<Option<OwnedArena>>() == size_of::<OwnedArena>());
};

static _ARENA: SyncArena = SyncArena::new();
static _BACKED: SyncArena<&SyncArena> = SyncArena::new_in(&_ARENA);
static _POOL: ArenaPool = ArenaPool::new();

/// Shorter lifetimes are fine.
fn _guard<'long: 'short, 'short>(long: PoolGuard<'long>) -> PoolGuard<'short> {
    long
}

/// What is lent lives as long as the pool, and not just as long as the guard.
fn _lent(pool: &ArenaPool) -> (&mut u8, &mut [u8], &str) {
    let guard = pool.get();
    let mut vec = Vec::new_in(&guard);
    vec.push(1);
    (guard.alloc(1), vec.into_slice(), guard.alloc_str("text"))
}

fn _absorbed<'pool>(pool: &'pool ArenaPool, owned: Owned<&'static str>) -> &'pool str {
    pool.absorb(owned)
}
