//! The arenas behind one interface, each by its fastest documented path.
//!
//! Every method is a thin, always inlined shell, so that the bodies in `work` compile to the same
//! loops around what the arenas themselves do.

use std::alloc::Layout;
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2_04::alloc::Allocator as Allocator04;
use blink_alloc::{Blink, BlinkAlloc};
use bump_scope::settings::BumpSettings;
use bump_scope::traits::BumpAllocatorTyped;
use bump_scope::{Bump, alloc::Global};
use peers::{Column, Role};
use stable_arena::DroplessArena;

/// What an arena is asked for in every row but those below.
pub trait Arena: 'static {
    /// The column's name.
    const NAME: &'static str;

    /// The arena that one gets without saying anything about it.
    fn new() -> Self;

    /// An arena whose first chunk has room for so many bytes.
    fn with_capacity(bytes: usize) -> Self;

    /// Takes back everything and keeps the memory.
    fn reset(&mut self);

    fn alloc<T: Copy>(&self, value: T) -> *mut T;

    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8;

    fn alloc_str(&self, text: &str) -> *mut u8;
}

/// Memory for a layout through the `Allocator` trait, of whichever version.
pub trait Allocate: Arena {
    fn allocate(&self, layout: Layout) -> *mut u8;
}

/// Memory for a layout through the arena's own method.
pub trait AllocLayout: Arena {
    fn alloc_layout(&self, layout: Layout) -> *mut u8;
}

/// A vector in the arena: the crate's own or the one of `allocator-api2`, whichever is faster.
pub trait GrowVec: Arena {
    fn push_each(&self, count: u32);
    fn reserve_exact_each(&self, count: usize);
}

/// The arena as the allocator of hashbrown's map.
pub trait ForHashbrown: Arena {
    fn for_hashbrown(&self) -> impl Allocator;
}

/// A part of the arena's life whose allocations are taken back at its end.
pub trait InScope: Arena {
    fn alloc_in_scope(&mut self, value: u64);
}

/// Implements [`GrowVec`] by the expression for an empty vector, or by one for each method.
macro_rules! grow_vec {
    ($arena:ty, $this:ident => $vec:expr) => {
        grow_vec!($arena, $this => $vec, $vec);
    };
    ($arena:ty, $this:ident => $pushed:expr, $reserved:expr) => {
        impl GrowVec for $arena {
            #[inline(always)]
            fn push_each(&self, count: u32) {
                let $this = self;
                let mut vec = $pushed;
                for value in 0..count {
                    vec.push(black_box(value));
                }
                black_box(vec.as_mut_ptr());
            }

            #[inline(always)]
            fn reserve_exact_each(&self, count: usize) {
                let $this = self;
                let mut vec = $reserved;
                for index in 0..count {
                    vec.reserve_exact(1);
                    vec.push(black_box(index as u8));
                }
                black_box(vec.as_mut_ptr());
            }
        }
    };
}

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: <arenula::Arena>::NAME,
        role: Role::Subject,
        note: "Arena",
    },
    Column {
        name: <arenula::Arena<1>>::NAME,
        role: Role::Variant,
        note: "Arena<1>",
    },
    Column {
        name: stumpalo::Arena::NAME,
        role: Role::Peer,
        note: "Arena; in maps through a shim, as its Allocator trait is not the one of hashbrown",
    },
    Column {
        name: <Bump>::NAME,
        role: Role::Peer,
        note: "Bump with the default settings: MIN_ALIGN 1, upwards",
    },
    Column {
        name: TunedBump::NAME,
        role: Role::Peer,
        note: "Bump with MIN_ALIGN 8, downwards, and never to claim, deallocate or shrink",
    },
    Column {
        name: <bumpalo::Bump<1>>::NAME,
        role: Role::Peer,
        note: "Bump",
    },
    Column {
        name: <bumpalo::Bump<8>>::NAME,
        role: Role::Peer,
        note: "Bump<8>",
    },
    Column {
        name: <Blink>::NAME,
        role: Role::Peer,
        note: "Blink over BlinkAlloc without drops; in maps through a shim, like stumpalo",
    },
    Column {
        name: multitude::Arena::NAME,
        role: Role::Peer,
        note: "Arena with a max_normal_alloc of 60 KiB; has chunks of 64 KiB at most, so that a \
               pass can need several, and takes larger buffers from the global allocator",
    },
    Column {
        name: DroplessArena::NAME,
        role: Role::Peer,
        note: "DroplessArena; cannot be reset, so that every pass has a new one and pays for \
               its chunks",
    },
    Column {
        name: LIMIT,
        role: Role::Limit,
        note: "plain writes one after another into memory that was there before, unchecked",
    },
];

// ---------------------------------------------------------------------------------------------
// arenula

impl<const MIN_ALIGN: usize> Arena for arenula::Arena<MIN_ALIGN> {
    const NAME: &'static str = match MIN_ALIGN {
        1 => "arenula<1>",
        _ => "arenula",
    };

    #[inline(always)]
    fn new() -> Self {
        Self::with_min_align()
    }

    fn with_capacity(bytes: usize) -> Self {
        Self::with_min_align_and_capacity(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn alloc<T: Copy>(&self, value: T) -> *mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
        self.alloc_slice_copy(bytes).as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_str(&self, text: &str) -> *mut u8 {
        self.alloc_str(text).as_mut_ptr()
    }
}

impl<const MIN_ALIGN: usize> Allocate for arenula::Arena<MIN_ALIGN> {
    #[inline(always)]
    fn allocate(&self, layout: Layout) -> *mut u8 {
        Allocator::allocate(&self, layout).unwrap().cast().as_ptr()
    }
}

impl<const MIN_ALIGN: usize> AllocLayout for arenula::Arena<MIN_ALIGN> {
    #[inline(always)]
    fn alloc_layout(&self, layout: Layout) -> *mut u8 {
        self.alloc_layout(layout).as_ptr()
    }
}

grow_vec!(arenula::Arena, arena => allocator_api2_04::vec::Vec::new_in(arena));
grow_vec!(arenula::Arena<1>, arena => allocator_api2_04::vec::Vec::new_in(arena));

impl<const MIN_ALIGN: usize> ForHashbrown for arenula::Arena<MIN_ALIGN> {
    #[inline(always)]
    fn for_hashbrown(&self) -> impl Allocator {
        self
    }
}

impl<const MIN_ALIGN: usize> InScope for arenula::Arena<MIN_ALIGN> {
    #[inline(always)]
    fn alloc_in_scope(&mut self, value: u64) {
        self.scope(|scope| {
            black_box(std::ptr::from_mut(scope.alloc(value)));
        });
    }
}

// ---------------------------------------------------------------------------------------------
// stumpalo

impl Arena for stumpalo::Arena {
    const NAME: &'static str = "stumpalo";

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_capacity(bytes: usize) -> Self {
        Self::with_capacity(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn alloc<T: Copy>(&self, value: T) -> *mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
        self.alloc_slice_copy(bytes).as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_str(&self, text: &str) -> *mut u8 {
        self.alloc_str(text).as_mut_ptr()
    }
}

impl Allocate for stumpalo::Arena {
    #[inline(always)]
    fn allocate(&self, layout: Layout) -> *mut u8 {
        Allocator04::allocate(self, layout).unwrap().cast().as_ptr()
    }
}

impl AllocLayout for stumpalo::Arena {
    #[inline(always)]
    fn alloc_layout(&self, layout: Layout) -> *mut u8 {
        self.alloc_layout(layout).as_ptr()
    }
}

grow_vec!(stumpalo::Arena, arena => allocator_api2_04::vec::Vec::new_in(arena));

impl ForHashbrown for stumpalo::Arena {
    #[inline(always)]
    fn for_hashbrown(&self) -> impl Allocator {
        Shim(self)
    }
}

impl InScope for stumpalo::Arena {
    #[inline(always)]
    fn alloc_in_scope(&mut self, value: u64) {
        self.with_scope(|scope| {
            black_box(std::ptr::from_mut(scope.alloc(value)));
        });
    }
}

// ---------------------------------------------------------------------------------------------
// bump-scope

/// The settings that trade the growth of the last allocation for the cheapest single one.
pub type TunedBump = Bump<Global, BumpSettings<8, false, true, false, false, false>>;

macro_rules! bump_scope {
    ($bump:ty, $name:literal) => {
        impl Arena for $bump {
            const NAME: &'static str = $name;

            #[inline(always)]
            fn new() -> Self {
                Self::new()
            }

            fn with_capacity(bytes: usize) -> Self {
                Self::with_size(bytes)
            }

            #[inline(always)]
            fn reset(&mut self) {
                self.reset();
            }

            #[inline(always)]
            fn alloc<T: Copy>(&self, value: T) -> *mut T {
                self.alloc(value).into_raw().as_ptr()
            }

            #[inline(always)]
            fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
                self.alloc_slice_copy(bytes).into_mut().as_mut_ptr()
            }

            #[inline(always)]
            fn alloc_str(&self, text: &str) -> *mut u8 {
                self.alloc_str(text).into_mut().as_mut_ptr()
            }
        }

        impl Allocate for $bump {
            #[inline(always)]
            fn allocate(&self, layout: Layout) -> *mut u8 {
                Allocator::allocate(self, layout).unwrap().cast().as_ptr()
            }
        }

        impl AllocLayout for $bump {
            #[inline(always)]
            fn alloc_layout(&self, layout: Layout) -> *mut u8 {
                self.allocate_layout(layout).as_ptr()
            }
        }

        grow_vec!($bump, bump => allocator_api2::vec::Vec::new_in(bump));

        impl ForHashbrown for $bump {
            #[inline(always)]
            fn for_hashbrown(&self) -> impl Allocator {
                self
            }
        }

        impl InScope for $bump {
            #[inline(always)]
            fn alloc_in_scope(&mut self, value: u64) {
                self.scoped(|scope| {
                    black_box(std::ptr::from_mut(scope.alloc(value).into_mut()));
                });
            }
        }
    };
}

bump_scope!(Bump, "bump-scope");
bump_scope!(TunedBump, "bump-scope<8>");

// ---------------------------------------------------------------------------------------------
// bumpalo

impl<const MIN_ALIGN: usize> Arena for bumpalo::Bump<MIN_ALIGN> {
    const NAME: &'static str = match MIN_ALIGN {
        1 => "bumpalo",
        _ => "bumpalo<8>",
    };

    #[inline(always)]
    fn new() -> Self {
        Self::with_min_align()
    }

    fn with_capacity(bytes: usize) -> Self {
        Self::with_min_align_and_capacity(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn alloc<T: Copy>(&self, value: T) -> *mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
        self.alloc_slice_copy(bytes).as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_str(&self, text: &str) -> *mut u8 {
        self.alloc_str(text).as_mut_ptr()
    }
}

impl<const MIN_ALIGN: usize> Allocate for bumpalo::Bump<MIN_ALIGN> {
    #[inline(always)]
    fn allocate(&self, layout: Layout) -> *mut u8 {
        Allocator::allocate(&self, layout).unwrap().cast().as_ptr()
    }
}

impl<const MIN_ALIGN: usize> AllocLayout for bumpalo::Bump<MIN_ALIGN> {
    #[inline(always)]
    fn alloc_layout(&self, layout: Layout) -> *mut u8 {
        self.alloc_layout(layout).as_ptr()
    }
}

grow_vec!(bumpalo::Bump<1>, bump => allocator_api2::vec::Vec::new_in(bump));
grow_vec!(bumpalo::Bump<8>, bump => allocator_api2::vec::Vec::new_in(bump));

impl<const MIN_ALIGN: usize> ForHashbrown for bumpalo::Bump<MIN_ALIGN> {
    #[inline(always)]
    fn for_hashbrown(&self) -> impl Allocator {
        self
    }
}

// ---------------------------------------------------------------------------------------------
// blink-alloc

impl Arena for Blink {
    const NAME: &'static str = "blink-alloc";

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_capacity(bytes: usize) -> Self {
        Self::with_chunk_size(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn alloc<T: Copy>(&self, value: T) -> *mut T {
        self.uninit().write(value)
    }

    #[inline(always)]
    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
        self.copy_slice(bytes).as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_str(&self, text: &str) -> *mut u8 {
        self.copy_str(text).as_mut_ptr()
    }
}

impl Allocate for Blink {
    #[inline(always)]
    fn allocate(&self, layout: Layout) -> *mut u8 {
        (Allocator04::allocate(self.allocator(), layout)
            .unwrap()
            .cast())
        .as_ptr()
    }
}

impl AllocLayout for Blink {
    #[inline(always)]
    fn alloc_layout(&self, layout: Layout) -> *mut u8 {
        BlinkAlloc::allocate(self.allocator(), layout)
            .unwrap()
            .cast()
            .as_ptr()
    }
}

grow_vec!(Blink, blink => allocator_api2_04::vec::Vec::<_, &BlinkAlloc>::new_in(blink.allocator()));

impl ForHashbrown for Blink {
    #[inline(always)]
    fn for_hashbrown(&self) -> impl Allocator {
        Shim(self.allocator())
    }
}

// ---------------------------------------------------------------------------------------------
// multitude

impl Arena for multitude::Arena {
    const NAME: &'static str = "multitude";

    #[inline(always)]
    fn new() -> Self {
        Self::new()
    }

    fn with_capacity(bytes: usize) -> Self {
        // It would fill the whole capacity with chunks at once.
        Self::builder()
            .with_capacity(bytes.min(1 << 20))
            .max_normal_alloc(60 * 1024)
            .build()
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn alloc<T: Copy>(&self, value: T) -> *mut T {
        multitude::Alloc::leak(self.alloc_uninit()).write(value)
    }

    #[inline(always)]
    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
        multitude::Alloc::leak(self.alloc_slice_copy(bytes)).as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_str(&self, text: &str) -> *mut u8 {
        multitude::Alloc::leak(self.alloc_str(text)).as_mut_ptr()
    }
}

impl Allocate for multitude::Arena {
    #[inline(always)]
    fn allocate(&self, layout: Layout) -> *mut u8 {
        (Allocator04::allocate(&self, layout).unwrap().cast()).as_ptr()
    }
}

grow_vec!(multitude::Arena, arena => allocator_api2_04::vec::Vec::new_in(arena), arena.alloc_vec());

impl ForHashbrown for multitude::Arena {
    #[inline(always)]
    fn for_hashbrown(&self) -> impl Allocator {
        self
    }
}

// ---------------------------------------------------------------------------------------------
// stable-arena

impl Arena for DroplessArena {
    const NAME: &'static str = "stable-arena";

    #[inline(always)]
    fn new() -> Self {
        Self::default()
    }

    fn with_capacity(_: usize) -> Self {
        Self::default()
    }

    #[inline(always)]
    fn reset(&mut self) {
        *self = Self::default();
    }

    #[inline(always)]
    fn alloc<T: Copy>(&self, value: T) -> *mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn alloc_bytes(&self, bytes: &[u8]) -> *mut u8 {
        self.alloc_slice(bytes).as_mut_ptr()
    }

    #[inline(always)]
    fn alloc_str(&self, text: &str) -> *mut u8 {
        self.alloc_str(text).as_ptr().cast_mut()
    }
}

impl AllocLayout for DroplessArena {
    #[inline(always)]
    fn alloc_layout(&self, layout: Layout) -> *mut u8 {
        self.alloc_raw(layout)
    }
}

// ---------------------------------------------------------------------------------------------
// The limit

pub const LIMIT: &str = "limit";

/// Memory that is there before the first pass.
pub struct Buffer(Vec<MaybeUninit<u128>>);

impl Buffer {
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes / size_of::<u128>()))
    }

    /// The address of the first byte, which is aligned for every value of the benchmark.
    pub fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

// ---------------------------------------------------------------------------------------------
// The shim

/// Makes an allocator by the trait of `allocator-api2` 0.4 one by that of 0.2.
struct Shim<A>(A);

// SAFETY: the contracts of the two traits are the same, and every call goes to the same method.
unsafe impl<A: Allocator04> Allocator for Shim<A> {
    #[inline(always)]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout).map_err(|_| AllocError)
    }

    #[inline(always)]
    unsafe fn deallocate(&self, ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { self.0.deallocate(ptr, layout) }
    }

    #[inline(always)]
    unsafe fn grow(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller keeps the contract.
        unsafe { self.0.grow(ptr, old, new) }.map_err(|_| AllocError)
    }
}
