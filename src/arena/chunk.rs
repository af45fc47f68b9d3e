//! The pieces of memory that an arena gets from its backing allocator.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::NonNull;

use super::math::{self, Known};

/// For how many rounds of work a chunk may be larger than what is used of it.
pub(super) const PATIENCE: u8 = 8;

/// Above every cursor.
pub(super) const COUNTING: usize = usize::MAX;

/// What stands at the start of each chunk; the rest of the chunk is handed out.
#[repr(C, align(16))]
pub(super) struct Header {
    /// The chunk that was in use before this one; in a chain of spares, the next spare.
    pub(super) below: Cell<Option<Chunk>>,
    /// Chunks without anything in them, to be used before new ones are made.
    /// Only the chunk in use has any.
    pub(super) spare: Cell<Option<Chunk>>,
    /// What the backing allocator was asked for.
    layout: Layout,
    /// The bytes handed out from all chunks below.
    pub(super) allocated_below: Cell<usize>,
    /// The size of this chunk and of all below.
    pub(super) held: Cell<usize>,
    /// Where the cursor stands at least when an outermost scope starts that need not be counted, because
    /// no review would change anything; [`COUNTING`] where all are. Another value is given only outside of
    /// scopes, to a chunk without others, and taken away when it is opened again or gets a spare.
    pub(super) calm_from: Cell<usize>,
    /// The size that chunks had grown to with this one, whatever its own; at most
    /// [`math::LARGEST_STEP`].
    pub(super) step: Cell<u32>,
    /// The rounds of work until it is looked at whether the chunk is too large.
    pub(super) patience: Cell<u8>,
    /// Whether it was used beyond its soft end since the last look.
    pub(super) is_needed: Cell<bool>,
}

/// The size of the header, after which a chunk's memory begins.
pub(super) const HEADER: usize = size_of::<Header>();

const _: () = assert!(HEADER % math::CHUNK_ALIGN == 0);
#[cfg(target_pointer_width = "64")]
const _: () = assert!(HEADER == 64);

/// A pointer to a chunk, good for all of its bytes.
///
/// It is a plain copyable pointer. Who may use it, and until when, is what the arena's invariants
/// say; so each method but [`addr`](Chunk::addr) asks its caller that the chunk is live.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk(NonNull<Header>);

impl Chunk {
    /// Makes a chunk of a block that the backing allocator gave for `layout`.
    ///
    /// # Safety
    ///
    /// `block` is valid for reads and writes of `layout.size()` bytes, aligned to `layout.align()`,
    /// and nobody else's. `layout` is at least as large and as aligned as [`Header`], its size a
    /// multiple of [`math::CHUNK_ALIGN`].
    pub(super) unsafe fn new(block: NonNull<u8>, layout: Layout, step: usize) -> Self {
        debug_assert!(layout.size() >= HEADER && layout.size() % math::CHUNK_ALIGN == 0);
        debug_assert!(step <= math::LARGEST_STEP);
        let header = block.cast::<Header>();
        // SAFETY: the block is large and aligned enough for a header, and ours, as promised.
        unsafe {
            header.write(Header {
                below: Cell::new(None),
                spare: Cell::new(None),
                layout,
                allocated_below: Cell::new(0),
                held: Cell::new(layout.size()),
                calm_from: Cell::new(COUNTING),
                step: Cell::new(step as u32),
                patience: Cell::new(PATIENCE),
                is_needed: Cell::new(false),
            });
        }
        Chunk(header)
    }

    /// The chunk's address, which names it.
    pub(super) fn addr(self) -> usize {
        self.0.addr().get()
    }

    /// The block that the chunk was made of.
    pub(super) fn block(self) -> NonNull<u8> {
        self.0.cast()
    }

    /// The chunk's header.
    ///
    /// # Safety
    ///
    /// The chunk stays live for `'a`.
    pub(super) unsafe fn header<'a>(self) -> &'a Header {
        // SAFETY: a live chunk has a header, of which only shared references are ever made.
        unsafe { self.0.as_ref() }
    }

    /// The size and alignment that the chunk was asked for with.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn layout(self) -> Layout {
        // SAFETY: the chunk is live.
        unsafe { self.header() }.layout
    }

    /// The size of the whole chunk.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn size(self) -> usize {
        // SAFETY: the chunk is live.
        unsafe { self.layout() }.size()
    }

    /// The address of the first byte after the header.
    pub(super) fn start(self) -> usize {
        self.addr() + HEADER
    }

    /// The address after the last byte.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn end(self) -> usize {
        // SAFETY: the chunk is live.
        self.addr() + unsafe { self.size() }
    }

    /// Whether the chunk is linked to no other.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn is_alone(self) -> bool {
        // SAFETY: the chunk is live.
        let header = unsafe { self.header() };
        header.below.get().is_none() && header.spare.get().is_none()
    }

    /// The bytes behind the header.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn room(self) -> usize {
        // SAFETY: the chunk is live.
        unsafe { self.size() - HEADER }
    }

    /// Where the arena takes note that the chunk is needed, when the cursor passes by.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn soft_end(self) -> usize {
        // SAFETY: the chunk is live.
        self.start() + math::enough_use(unsafe { self.room() })
    }

    /// Takes note from where on scopes need not be counted while the chunk is the current one.
    ///
    /// # Safety
    ///
    /// The chunk is live, and no scope is open.
    pub(super) unsafe fn calm_down(self, limit: usize) {
        // SAFETY: the chunk is live.
        unsafe {
            if self.is_alone() && self.size() <= limit {
                // A larger one than is always kept stays while something is in use in it.
                let is_kept = self.soft_end() == self.end();
                let from = self.start() + usize::from(!is_kept);
                self.header().calm_from.set(from);
            }
        }
    }

    /// A pointer to `addr`, good for all of the chunk.
    ///
    /// # Safety
    ///
    /// The chunk is live, and `addr` lies between its start and its end, both included.
    pub(super) unsafe fn at(self, addr: usize) -> NonNull<u8> {
        debug_assert!(self.start() <= addr);
        let pointer = self.0.as_ptr().cast::<u8>().with_addr(addr);
        // SAFETY: an address inside a block of memory is not null.
        unsafe { NonNull::new_unchecked(pointer) }
    }

    /// Whether a block of `layout` has room in the chunk while it is empty.
    ///
    /// # Safety
    ///
    /// The chunk is live.
    pub(super) unsafe fn has_room_for<const MIN_ALIGN: usize>(self, layout: Layout) -> bool {
        // SAFETY: the chunk is live.
        let (end, own) = unsafe { (self.end(), self.layout()) };
        // Under an interpreter with symbolic alignment a block can't be aligned more than its chunk.
        if cfg!(miri) && own.align() < layout.align() {
            return false;
        }
        math::place::<MIN_ALIGN>(
            self.start(),
            end,
            layout.size(),
            layout.align(),
            Known::Nothing,
        )
        .is_some()
    }
}

/// Chunks that are linked to each other and to nothing else.
pub(super) struct Chain(pub(super) Option<Chunk>);

impl Chain {
    /// A chain of one chunk.
    ///
    /// # Safety
    ///
    /// The chunk is live, and linked nowhere.
    pub(super) unsafe fn of(chunk: Chunk) -> Self {
        let mut chain = Chain(None);
        // SAFETY: as promised.
        unsafe { chain.push(chunk) };
        chain
    }

    /// Adds a chunk at the front.
    ///
    /// # Safety
    ///
    /// The chunk and those of the chain are live, and it is linked nowhere.
    pub(super) unsafe fn push(&mut self, chunk: Chunk) {
        // SAFETY: the chunk is live.
        unsafe { chunk.header() }.below.set(self.0.replace(chunk));
    }

    /// Takes the chunk at the front.
    ///
    /// # Safety
    ///
    /// The chunks of the chain are live.
    pub(super) unsafe fn pop(&mut self) -> Option<Chunk> {
        let chunk = self.0?;
        // SAFETY: the chunk is live.
        self.0 = unsafe { chunk.header() }.below.take();
        Some(chunk)
    }

    /// Takes the first chunk that `wanted` says yes to.
    ///
    /// # Safety
    ///
    /// The chunks of the chain are live, and stay so through each call of `wanted`.
    pub(super) unsafe fn take(&mut self, wanted: impl Fn(Chunk) -> bool) -> Option<Chunk> {
        let mut before: Option<Chunk> = None;
        let mut next = self.0;
        while let Some(chunk) = next {
            // SAFETY: the chunks are live, `before` is one of them.
            let below = unsafe { chunk.header() }.below.get();
            if wanted(chunk) {
                match before {
                    None => self.0 = below,
                    // SAFETY: as above.
                    Some(before) => unsafe { before.header() }.below.set(below),
                }
                return Some(chunk);
            }
            before = Some(chunk);
            next = below;
        }
        None
    }
}

/// The chunks from `first` downwards.
///
/// # Safety
///
/// They are live as long as the iterator is used.
pub(super) unsafe fn walk(first: Option<Chunk>) -> impl Iterator<Item = Chunk> {
    // SAFETY: the chunks are live, as promised.
    core::iter::successors(first, |chunk| unsafe { chunk.header() }.below.get())
}
