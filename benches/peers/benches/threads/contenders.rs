//! Arenas that threads allocate in at the same time, and pools of arenas, each behind one interface.
//!
//! Every method is a thin, always inlined shell, so that the bodies in `work` compile to the same
//! loops around what the contenders themselves do.

use std::alloc::Layout;
use std::cell::RefCell;
use std::hint::black_box;
use std::sync::{Arc, Mutex, MutexGuard};

use allocator_api2::alloc::{AllocError, Allocator};
use arenula::sync::{ArenaPool, SyncArena};
use blink_alloc::{BlinkAlloc, BlinkAllocCache, SyncBlinkAlloc};
use bumpalo::Bump;
use bumpalo_herd::{Herd, Member};
use peers::{Column, Role};

pub const ARENULA: &str = "arenula";
pub const OWNED: &str = "arenula owned";
pub const BLINK_ALLOC: &str = "blink-alloc";
pub const BLINK_LOCAL: &str = "blink local";
pub const MUTEX: &str = "Mutex";
pub const HERD: &str = "bumpalo-herd";
pub const MULTITUDE: &str = "multitude";
pub const BOXES: &str = "boxes";
pub const LIMIT: &str = "limit";

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: ARENULA,
        role: Role::Subject,
        note: "SyncArena; in the rows of pools ArenaPool::get",
    },
    Column {
        name: OWNED,
        role: Role::Variant,
        note: "ArenaPool::get_owned, which counts references to the pool",
    },
    Column {
        name: BLINK_ALLOC,
        role: Role::Peer,
        note: "SyncBlinkAlloc; in the rows of pools BlinkAllocCache, which resets what comes back",
    },
    Column {
        name: BLINK_LOCAL,
        role: Role::Peer,
        note: "the LocalBlinkAlloc of a SyncBlinkAlloc, which a thread makes once, before the clock runs",
    },
    Column {
        name: MUTEX,
        role: Role::Peer,
        note: "bumpalo's Bump behind a standard Mutex, locked for each allocation; in the rows of \
               pools a Vec of Bumps behind one",
    },
    Column {
        name: HERD,
        role: Role::Peer,
        note: "a Member of a Herd, which a thread takes once, before the clock runs",
    },
    Column {
        name: MULTITUDE,
        role: Role::Peer,
        note: "an Arena for each thread, as it has none that is shared",
    },
    Column {
        name: BOXES,
        role: Role::Peer,
        note: "Box, freed at the end of each pass; a Vec of the global allocator",
    },
    Column {
        name: LIMIT,
        role: Role::Limit,
        note: "an arenula::Arena for each thread, which it takes once, before the clock runs",
    },
];

/// An arena for several threads.
pub trait Arena: Sync + Sized + 'static {
    const NAME: &'static str;

    /// What a thread has of it.
    type Local<'a>;

    fn new(threads: usize) -> Self;

    /// Called by each thread before the clock runs.
    fn enter(&self, thread: usize) -> Self::Local<'_>;

    fn alloc(local: &Self::Local<'_>, value: u64) -> *mut u64;

    /// Pushes as many values to a vector.
    fn push_each(local: &Self::Local<'_>, count: u32);

    /// Called by each thread while the clock still runs.
    #[inline(always)]
    fn finish(_: &Self::Local<'_>) {}

    fn reset(&mut self);
}

macro_rules! push_each {
    ($vec:expr, $count:ident) => {{
        let mut vec = $vec;
        for value in 0..$count {
            vec.push(black_box(value));
        }
        black_box(vec.as_mut_ptr());
    }};
}

impl Arena for SyncArena {
    const NAME: &'static str = ARENULA;
    type Local<'a> = &'a Self;

    fn new(_: usize) -> Self {
        Self::new()
    }

    fn enter(&self, _: usize) -> &Self {
        self
    }

    #[inline(always)]
    fn alloc(local: &&Self, value: u64) -> *mut u64 {
        Self::alloc(local, value)
    }

    #[inline(always)]
    fn push_each(local: &&Self, count: u32) {
        push_each!(allocator_api2_04::vec::Vec::new_in(*local), count);
    }

    fn reset(&mut self) {
        self.reset();
    }
}

/// One for each thread.
pub struct Each<T>(Vec<Mutex<T>>);

impl<T: Default> Each<T> {
    fn of(threads: usize) -> Self {
        Each((0..threads).map(|_| Mutex::default()).collect())
    }

    fn lock(&self, thread: usize) -> MutexGuard<'_, T> {
        self.0[thread].lock().unwrap()
    }
}

impl Arena for Each<arenula::Arena> {
    const NAME: &'static str = LIMIT;
    type Local<'a> = MutexGuard<'a, arenula::Arena>;

    fn new(threads: usize) -> Self {
        Self::of(threads)
    }

    fn enter(&self, thread: usize) -> Self::Local<'_> {
        self.lock(thread)
    }

    #[inline(always)]
    fn alloc(local: &Self::Local<'_>, value: u64) -> *mut u64 {
        local.alloc(value)
    }

    #[inline(always)]
    fn push_each(local: &Self::Local<'_>, count: u32) {
        push_each!(allocator_api2_04::vec::Vec::new_in(&**local), count);
    }

    fn reset(&mut self) {
        for arena in &mut self.0 {
            arena.get_mut().unwrap().reset();
        }
    }
}

impl Arena for Each<multitude::Arena> {
    const NAME: &'static str = MULTITUDE;
    type Local<'a> = MutexGuard<'a, multitude::Arena>;

    fn new(threads: usize) -> Self {
        Self::of(threads)
    }

    fn enter(&self, thread: usize) -> Self::Local<'_> {
        self.lock(thread)
    }

    #[inline(always)]
    fn alloc(local: &Self::Local<'_>, value: u64) -> *mut u64 {
        multitude::Alloc::leak(local.alloc_uninit()).write(value)
    }

    #[inline(always)]
    fn push_each(local: &Self::Local<'_>, count: u32) {
        push_each!(local.alloc_vec(), count);
    }

    fn reset(&mut self) {
        for arena in &mut self.0 {
            arena.get_mut().unwrap().reset();
        }
    }
}

impl Arena for SyncBlinkAlloc {
    const NAME: &'static str = BLINK_ALLOC;
    type Local<'a> = &'a Self;

    fn new(_: usize) -> Self {
        Self::new()
    }

    fn enter(&self, _: usize) -> &Self {
        self
    }

    #[inline(always)]
    fn alloc(local: &&Self, value: u64) -> *mut u64 {
        let place: *mut u64 = local
            .allocate(Layout::new::<u64>())
            .unwrap()
            .as_ptr()
            .cast();
        // SAFETY: it is room for one.
        unsafe { place.write(value) };
        place
    }

    #[inline(always)]
    fn push_each(local: &&Self, count: u32) {
        push_each!(allocator_api2_04::vec::Vec::new_in(*local), count);
    }

    fn reset(&mut self) {
        self.reset();
    }
}

/// A [`SyncBlinkAlloc`] that is used through its local form.
pub struct ByLocal(SyncBlinkAlloc);

impl Arena for ByLocal {
    const NAME: &'static str = BLINK_LOCAL;
    type Local<'a> = blink_alloc::LocalBlinkAlloc<'a>;

    fn new(_: usize) -> Self {
        ByLocal(SyncBlinkAlloc::new())
    }

    fn enter(&self, _: usize) -> Self::Local<'_> {
        self.0.local()
    }

    #[inline(always)]
    fn alloc(local: &Self::Local<'_>, value: u64) -> *mut u64 {
        let place: *mut u64 = local
            .allocate(Layout::new::<u64>())
            .unwrap()
            .as_ptr()
            .cast();
        // SAFETY: it is room for one.
        unsafe { place.write(value) };
        place
    }

    #[inline(always)]
    fn push_each(local: &Self::Local<'_>, count: u32) {
        push_each!(allocator_api2_04::vec::Vec::new_in(local), count);
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Locks a [`Bump`] for each call.
struct Locked<'a>(&'a Mutex<Bump>);

// SAFETY: it hands on what the `Bump` does, whose memory stays where it is as long as the lock is borrowed.
unsafe impl Allocator for Locked<'_> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<std::ptr::NonNull<[u8]>, AllocError> {
        (&*self.0.lock().unwrap()).allocate(layout)
    }

    #[inline]
    unsafe fn deallocate(&self, block: std::ptr::NonNull<u8>, layout: Layout) {
        // SAFETY: the same contract.
        unsafe { (&*self.0.lock().unwrap()).deallocate(block, layout) }
    }

    #[inline]
    unsafe fn grow(
        &self,
        block: std::ptr::NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<std::ptr::NonNull<[u8]>, AllocError> {
        // SAFETY: the same contract.
        unsafe { (&*self.0.lock().unwrap()).grow(block, old, new) }
    }
}

impl Arena for Mutex<Bump> {
    const NAME: &'static str = MUTEX;
    type Local<'a> = &'a Self;

    fn new(_: usize) -> Self {
        Mutex::default()
    }

    fn enter(&self, _: usize) -> &Self {
        self
    }

    #[inline(always)]
    fn alloc(local: &&Self, value: u64) -> *mut u64 {
        local.lock().unwrap().alloc(value)
    }

    #[inline(always)]
    fn push_each(local: &&Self, count: u32) {
        push_each!(allocator_api2::vec::Vec::new_in(Locked(local)), count);
    }

    fn reset(&mut self) {
        self.get_mut().unwrap().reset();
    }
}

impl Arena for Herd {
    const NAME: &'static str = HERD;
    type Local<'a> = Member<'a>;

    fn new(_: usize) -> Self {
        Self::new()
    }

    fn enter(&self, _: usize) -> Member<'_> {
        self.get()
    }

    #[inline(always)]
    fn alloc(local: &Member<'_>, value: u64) -> *mut u64 {
        local.alloc(value)
    }

    #[inline(always)]
    fn push_each(local: &Member<'_>, count: u32) {
        push_each!(allocator_api2::vec::Vec::new_in(local.as_bump()), count);
    }

    fn reset(&mut self) {
        self.reset();
    }
}

/// The global allocator.
pub struct Boxes;

impl Arena for Boxes {
    const NAME: &'static str = BOXES;
    type Local<'a> = RefCell<Vec<Box<u64>>>;

    fn new(_: usize) -> Self {
        Boxes
    }

    fn enter(&self, _: usize) -> Self::Local<'_> {
        RefCell::new(Vec::with_capacity(crate::COUNT))
    }

    #[inline(always)]
    fn alloc(local: &Self::Local<'_>, value: u64) -> *mut u64 {
        let mut boxed = Box::new(value);
        let place: *mut u64 = &raw mut *boxed;
        local.borrow_mut().push(boxed);
        place
    }

    #[inline(always)]
    fn push_each(_: &Self::Local<'_>, count: u32) {
        push_each!(Vec::new(), count);
    }

    #[inline(always)]
    fn finish(local: &Self::Local<'_>) {
        local.borrow_mut().clear();
    }

    fn reset(&mut self) {}
}

// ---------------------------------------------------------------------------------------------
// Pools

/// A pool of arenas.
pub trait Pool: Sync + Sized + 'static {
    const NAME: &'static str;

    fn new() -> Self;

    /// Takes an arena, lets it be looked at, and gives it back.
    fn come_and_go(&self);
}

impl Pool for ArenaPool {
    const NAME: &'static str = ARENULA;

    fn new() -> Self {
        Self::new()
    }

    #[inline(always)]
    fn come_and_go(&self) {
        black_box(&self.get());
    }
}

/// An [`ArenaPool`] whose arenas are taken to be kept.
pub struct ByOwned(Arc<ArenaPool>);

impl Pool for ByOwned {
    const NAME: &'static str = OWNED;

    fn new() -> Self {
        ByOwned(Arc::default())
    }

    #[inline(always)]
    fn come_and_go(&self) {
        black_box(&self.0.get_owned());
    }
}

impl Pool for Herd {
    const NAME: &'static str = HERD;

    fn new() -> Self {
        Self::new()
    }

    #[inline(always)]
    fn come_and_go(&self) {
        black_box(&self.get());
    }
}

impl Pool for BlinkAllocCache {
    const NAME: &'static str = BLINK_ALLOC;

    fn new() -> Self {
        Self::new()
    }

    #[inline(always)]
    fn come_and_go(&self) {
        let arena: BlinkAlloc = self.pop().unwrap_or_default();
        black_box(&arena);
        self.push(arena);
    }
}

impl Pool for Mutex<Vec<Bump>> {
    const NAME: &'static str = MUTEX;

    fn new() -> Self {
        Mutex::default()
    }

    #[inline(always)]
    fn come_and_go(&self) {
        let bump = self.lock().unwrap().pop().unwrap_or_default();
        black_box(&bump);
        self.lock().unwrap().push(bump);
    }
}
