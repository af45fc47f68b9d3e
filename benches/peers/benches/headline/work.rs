//! The work, the same for everyone.

use std::cell::Cell;
use std::hint::black_box;
use std::mem::MaybeUninit;

use arenula::Arena;
use peers::place_code;

const NODES: usize = 10_000;

const TEMPORARIES: usize = 50;

/// The sizes of the temporaries.
const LEAST: usize = 8;
const MOST: usize = 128;

/// Who the memory is from. What it lends is freed by its owner, or all at once by the caller.
pub trait Source {
    /// What owns, or refers to, a value.
    type Owner<'s, T: 's>
    where
        Self: 's;
    /// What owns, or refers to, some bytes.
    type Bytes<'s>
    where
        Self: 's;

    fn value<'s, T: 's>(&'s self, value: T) -> Self::Owner<'s, T>;
    /// Room for some bytes, of which the first is written.
    fn room(&self, size: usize) -> Self::Bytes<'_>;
    fn bytes(&self, source: &[u8]) -> Self::Bytes<'_>;
    /// Frees what is not freed yet.
    fn reset(&mut self) {}
}

/// The system's allocator.
pub struct Heap;

impl Source for Heap {
    type Owner<'s, T: 's> = Box<T>;
    type Bytes<'s> = Vec<u8>;

    #[inline(always)]
    fn value<'s, T: 's>(&'s self, value: T) -> Box<T> {
        Box::new(value)
    }

    #[inline(always)]
    fn room(&self, size: usize) -> Vec<u8> {
        let mut room = Vec::with_capacity(size);
        room.push(1);
        room
    }

    #[inline(always)]
    fn bytes(&self, source: &[u8]) -> Vec<u8> {
        source.to_vec()
    }
}

impl Source for Arena {
    type Owner<'s, T: 's> = &'s mut T;
    type Bytes<'s> = &'s mut [MaybeUninit<u8>];

    #[inline(always)]
    fn value<'s, T: 's>(&'s self, value: T) -> &'s mut T {
        self.alloc(value)
    }

    #[inline(always)]
    fn room(&self, size: usize) -> &mut [MaybeUninit<u8>] {
        let room = self.alloc_slice_uninit(size);
        room[0].write(1);
        room
    }

    #[inline(always)]
    fn bytes(&self, source: &[u8]) -> &mut [MaybeUninit<u8>] {
        let room = self.alloc_slice_uninit(source.len());
        // SAFETY: there is room, and nobody else has it.
        unsafe {
            room.as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(source.as_ptr(), source.len())
        };
        room
    }

    #[inline(always)]
    fn reset(&mut self) {
        Arena::reset(self);
    }
}

/// Memory that is large enough, and a place in it: what nobody can do without.
pub struct Plain {
    memory: Box<[MaybeUninit<u64>]>,
    at: Cell<*mut u8>,
}

impl Plain {
    pub fn new(bytes: usize) -> Self {
        let mut memory = Box::new_uninit_slice(bytes.div_ceil(8));
        let at = Cell::new(memory.as_mut_ptr().cast());
        Plain { memory, at }
    }

    /// The next bytes, aligned to 8.
    #[inline(always)]
    fn take(&self, bytes: usize) -> *mut u8 {
        let place = self.at.get();
        // There are as many bytes as the work takes: that they suffice is not asked.
        self.at.set(place.wrapping_add(bytes.next_multiple_of(8)));
        place
    }
}

impl Source for Plain {
    type Owner<'s, T: 's> = &'s mut T;
    type Bytes<'s> = &'s mut [MaybeUninit<u8>];

    #[inline(always)]
    fn value<'s, T: 's>(&'s self, value: T) -> &'s mut T {
        const { assert!(align_of::<T>() <= 8) };
        let place = self.take(size_of::<T>()).cast::<T>();
        // SAFETY: the work takes no more than there is (see `Work::BYTES`), and each place is lent once.
        unsafe {
            place.write(value);
            &mut *place
        }
    }

    #[inline(always)]
    fn room(&self, size: usize) -> &mut [MaybeUninit<u8>] {
        let place = self.take(size).cast();
        // SAFETY: as above.
        let room: &mut [MaybeUninit<u8>] = unsafe { std::slice::from_raw_parts_mut(place, size) };
        room[0].write(1);
        room
    }

    #[inline(always)]
    fn bytes(&self, source: &[u8]) -> &mut [MaybeUninit<u8>] {
        let place = self.take(source.len());
        // SAFETY: as above.
        unsafe {
            place.copy_from_nonoverlapping(source.as_ptr(), source.len());
            std::slice::from_raw_parts_mut(place.cast(), source.len())
        }
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.at.set(self.memory.as_mut_ptr().cast());
    }
}

/// Something that allocates.
pub trait Work: 'static {
    /// How often.
    const ALLOCATIONS: usize;
    /// What it takes at most, all together.
    const BYTES: usize;

    fn new() -> Self;

    /// Does it. Where values have owners, they are dropped.
    fn run<S: Source, const SHIFT: usize>(&self, source: &S);
}

/// A node of a syntax tree: an operator with its operands.
#[allow(dead_code, reason = "the fields are there to be written")]
struct Node<'s, S: Source + 's> {
    operator: u32,
    left: Option<S::Owner<'s, Node<'s, S>>>,
    right: Option<S::Owner<'s, Node<'s, S>>>,
}

/// A sum of many: each node has the one before as its operand.
pub struct Sum;

impl Work for Sum {
    const ALLOCATIONS: usize = NODES;
    const BYTES: usize = NODES * 24;

    fn new() -> Self {
        Sum
    }

    #[inline(never)]
    fn run<S: Source, const SHIFT: usize>(&self, source: &S) {
        place_code::<SHIFT>();
        let mut sum = None;
        for operator in 0..black_box(NODES as u32) {
            sum = Some(source.value(Node::<S> {
                operator,
                left: sum,
                right: None,
            }));
        }
        black_box(sum);
    }
}

/// A tree as low as can be.
pub struct Tree;

impl Work for Tree {
    const ALLOCATIONS: usize = NODES;
    const BYTES: usize = NODES * 24;

    fn new() -> Self {
        Tree
    }

    #[inline(never)]
    fn run<S: Source, const SHIFT: usize>(&self, source: &S) {
        place_code::<SHIFT>();
        black_box(grow(source, NODES));
    }
}

fn grow<'s, S: Source>(source: &'s S, nodes: usize) -> Option<S::Owner<'s, Node<'s, S>>> {
    let others = nodes.checked_sub(1)?;
    let left = grow(source, others / 2);
    let right = grow(source, others - others / 2);
    Some(source.value(Node {
        operator: nodes as u32,
        left,
        right,
    }))
}

/// The temporaries of a request, made.
pub struct Made(Vec<usize>);

impl Work for Made {
    const ALLOCATIONS: usize = TEMPORARIES;
    const BYTES: usize = TEMPORARIES * MOST;

    fn new() -> Self {
        Made(sizes())
    }

    #[inline(never)]
    fn run<S: Source, const SHIFT: usize>(&self, source: &S) {
        place_code::<SHIFT>();
        let mut temporaries = [const { None }; TEMPORARIES];
        for (temporary, &size) in temporaries.iter_mut().zip(&self.0) {
            *temporary = Some(source.room(size));
        }
        black_box(&mut temporaries);
    }
}

/// The temporaries of a request, copied from somewhere else.
pub struct Copied(Vec<usize>);

impl Work for Copied {
    const ALLOCATIONS: usize = TEMPORARIES;
    const BYTES: usize = TEMPORARIES * MOST;

    fn new() -> Self {
        Copied(sizes())
    }

    #[inline(never)]
    fn run<S: Source, const SHIFT: usize>(&self, source: &S) {
        place_code::<SHIFT>();
        let input = black_box([7_u8; MOST]);
        let mut temporaries = [const { None }; TEMPORARIES];
        for (temporary, &size) in temporaries.iter_mut().zip(&self.0) {
            *temporary = Some(source.bytes(&input[..size]));
        }
        black_box(&mut temporaries);
    }
}

fn sizes() -> Vec<usize> {
    let mut random = Random::new();
    (0..TEMPORARIES)
        .map(|_| LEAST + random.below(MOST - LEAST + 1))
        .collect()
}

/// Makes the heap give back what it does not use, as far as the system's allocator has a way to ask for that.
pub fn cool_down() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> i32;
        }
        // SAFETY: it may be called at any time.
        unsafe { malloc_trim(0) };
    }
}

/// Numbers that are the same in each run.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Random(0x9E37_79B9_7F4A_7C15)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}
