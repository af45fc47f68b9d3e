//! What takes values in and gives them back, behind one interface.
//!
//! Every method is a thin, always inlined shell, so that the bodies in `work` compile to the same loops around what the
//! contenders themselves do.

use std::ptr::NonNull;

use arenula::pool::{Handle, Pool, PoolBox, Slots};
use peers::{Column, Role};
use slotmap::{DefaultKey, DenseSlotMap, SlotMap};

pub const ARENULA: &str = "arenula";
pub const PLURALITY: &str = "plurality";
pub const SLAB: &str = "slab";
pub const SLOTMAP: &str = "slotmap";
pub const DENSE: &str = "dense slotmap";
pub const THUNDERDOME: &str = "thunderdome";
pub const BOXES: &str = "boxes";

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: ARENULA,
        role: Role::Subject,
        note: "Pool or Slots, as the row begins",
    },
    Column {
        name: PLURALITY,
        role: Role::Peer,
        note: "Pool::alloc, whose handles borrow the pool: the fastest of its ways",
    },
    Column {
        name: SLAB,
        role: Role::Peer,
        note: "Slab, whose keys have no generations",
    },
    Column {
        name: SLOTMAP,
        role: Role::Peer,
        note: "SlotMap",
    },
    Column {
        name: DENSE,
        role: Role::Peer,
        note: "DenseSlotMap, whose values move when others are removed",
    },
    Column {
        name: THUNDERDOME,
        role: Role::Peer,
        note: "Arena",
    },
    Column {
        name: BOXES,
        role: Role::Peer,
        note: "Box, by the system's allocator",
    },
];

/// 32 bytes that own nothing.
pub type Value = [u64; 4];

/// Takes values, and gives their room back.
pub trait Store: 'static {
    const NAME: &'static str;
    type Key: 'static;

    fn new() -> Self;
    fn put(&mut self, value: Value) -> Self::Key;
    fn give(&mut self, key: Self::Key);

    /// Gives all memory back; every key was given back before.
    fn end(self)
    where
        Self: Sized,
    {
    }
}

/// Finds values by copyable keys.
pub trait Find: Store<Key: Copy> {
    fn get(&self, key: Self::Key) -> &Value;
    fn each(&self, f: impl FnMut(&Value));
    /// By a `for` loop.
    fn sum(&self) -> u64;
}

/// A pool whose boxes live for ever, as far as their type says.
pub struct Lasting<P: 'static>(NonNull<P>);

impl<P> Lasting<P> {
    fn leak(pool: P) -> Self {
        Lasting(NonNull::from(Box::leak(Box::new(pool))))
    }

    #[inline(always)]
    fn pool(&self) -> &'static P {
        // SAFETY: it is there until `free`.
        unsafe { self.0.as_ref() }
    }

    /// Called when each box was given back.
    fn free(self) {
        // SAFETY: it was leaked, and nobody has a reference to it any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl Store for Lasting<Pool<Value>> {
    const NAME: &'static str = ARENULA;
    type Key = PoolBox<'static, Value>;

    fn new() -> Self {
        Lasting::leak(Pool::new())
    }

    #[inline(always)]
    fn put(&mut self, value: Value) -> Self::Key {
        self.pool().alloc(value)
    }

    #[inline(always)]
    fn give(&mut self, key: Self::Key) {
        drop(key);
    }

    fn end(self) {
        self.free();
    }
}

impl Store for Lasting<plurality::Pool<Value>> {
    const NAME: &'static str = PLURALITY;
    type Key = plurality::Alloc<'static, Value>;

    fn new() -> Self {
        Lasting::leak(plurality::Pool::builder().build())
    }

    #[inline(always)]
    fn put(&mut self, value: Value) -> Self::Key {
        self.pool().alloc(value)
    }

    #[inline(always)]
    fn give(&mut self, key: Self::Key) {
        drop(key);
    }

    fn end(self) {
        self.free();
    }
}

/// The system's allocator.
pub struct Boxes;

impl Store for Boxes {
    const NAME: &'static str = BOXES;
    type Key = Box<Value>;

    fn new() -> Self {
        Boxes
    }

    #[inline(always)]
    fn put(&mut self, value: Value) -> Box<Value> {
        Box::new(value)
    }

    #[inline(always)]
    fn give(&mut self, key: Box<Value>) {
        drop(key);
    }
}

macro_rules! keyed {
    ($type:ty, $name:expr, $key:ty, $remove:ident, |$item:pat_param| $value:expr) => {
        impl Store for $type {
            const NAME: &'static str = $name;
            type Key = $key;

            fn new() -> Self {
                Self::default()
            }

            #[inline(always)]
            fn put(&mut self, value: Value) -> $key {
                self.insert(value)
            }

            #[inline(always)]
            fn give(&mut self, key: $key) {
                let _ = std::hint::black_box(self.$remove(key));
            }
        }

        impl Find for $type {
            #[inline(always)]
            fn get(&self, key: $key) -> &Value {
                &self[key]
            }

            #[inline(always)]
            fn each(&self, mut f: impl FnMut(&Value)) {
                self.iter().for_each(|$item| f($value));
            }

            #[inline(always)]
            fn sum(&self) -> u64 {
                let mut sum = 0_u64;
                for $item in self.iter() {
                    sum = sum.wrapping_add({ $value }[0]);
                }
                sum
            }
        }
    };
}

keyed!(Slots<Value>, ARENULA, Handle<Value>, remove, |(
    _,
    value,
)| value);
keyed!(slab::Slab<Value>, SLAB, usize, try_remove, |(_, value)| {
    value
});
keyed!(SlotMap<DefaultKey, Value>, SLOTMAP, DefaultKey, remove, |(_, value)| value);
keyed!(DenseSlotMap<DefaultKey, Value>, DENSE, DefaultKey, remove, |(_, value)| value);
keyed!(
    thunderdome::Arena<Value>,
    THUNDERDOME,
    thunderdome::Index,
    remove,
    |(_, value)| value
);
