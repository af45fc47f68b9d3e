//! A model of the arena: it knows each block that is alive with its contents, the chunks with how far
//! each is used, and so the exact statistics. It learns where the cursor is from an allocation without
//! a size, which changes nothing.

use std::alloc::Layout;
use std::cell::RefCell;
use std::fmt::{self, Display};
use std::ptr::NonNull;

use allocator_api2::alloc::Allocator;
use arenula::{Arena, Checkpoint, Retain, Scope};

use super::{HEADER, ON_PURPOSE, Watch, Watched, panic_quietly};

/// A call, or several.
#[derive(Clone, Debug)]
pub enum Op {
    Value(Kind),
    Slice {
        len: usize,
        how: u8,
    },
    Text {
        len: usize,
        how: u8,
    },
    Layout {
        size: usize,
        shift: u8,
    },
    Allocate {
        size: usize,
        shift: u8,
        zeroed: bool,
    },
    Grow {
        which: usize,
        by: usize,
        shift: u8,
        zeroed: bool,
    },
    Shrink {
        which: usize,
        to: usize,
        shift: u8,
    },
    Deallocate {
        which: usize,
    },
    Reenter {
        len: usize,
    },
    Fail {
        made: usize,
        panic: bool,
    },
    Impossible,
    Reserve(usize),
    Limit(Option<usize>),
    BackingFails {
        after: usize,
        on: bool,
    },
    BackingWorks,
    Checkpoint,
    Rewind {
        which: usize,
    },
    Scope {
        ops: Vec<Op>,
        panic: bool,
    },
    Reset,
    ResetWith(u8, usize),
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    U8,
    U16,
    U32,
    U64,
    U128,
    Bytes24,
    Bytes100,
    Aligned64,
    Empty,
}

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Aligned64(#[allow(dead_code)] [u8; 64]);

/// How an arena comes to its first call.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub capacity: usize,
    pub limit: Option<usize>,
    pub generous: bool,
}

/// Drives an arena and the model through `ops`, and compares them after each.
pub fn run<const M: usize>(start: Start, ops: &[Op]) {
    let watch = Watch::default();
    watch.generous.set(start.generous);
    let mut arena = Arena::<M, _>::with_min_align_in(Watched(&watch));
    arena.set_limit(start.limit);
    let mut model = Model::<M> {
        watch: &watch,
        blocks: Vec::new(),
        next_id: 0,
        chunks: Vec::new(),
        peak: 0,
        limit: start.limit,
        scope_id: 0,
    };
    if arena.try_reserve(start.capacity).is_ok() {
        model.follow(&arena);
    }
    model.run_all(&mut arena, ops);
    drop(arena);
    assert_eq!(watch.count(), 0, "memory leaks");
}

/// A block that is alive.
#[derive(Clone)]
struct Block {
    id: usize,
    start: NonNull<u8>,
    layout: Layout,
    contents: Vec<u8>,
}

/// What the model remembers at a checkpoint.
#[derive(Clone)]
struct Mark {
    checkpoint: Option<Checkpoint>,
    next_id: usize,
    chunk: Option<(usize, usize)>,
    /// Whether nothing was in use.
    is_empty: bool,
}

/// The model.
struct Model<'w, const M: usize> {
    watch: &'w Watch,
    blocks: Vec<Block>,
    next_id: usize,
    /// The start, the end and the cursor of each chunk in use, the newest last.
    chunks: Vec<(usize, usize, usize)>,
    peak: usize,
    limit: Option<usize>,
    /// The first block of the innermost scope: older ones can't be given back in it.
    scope_id: usize,
}

type Tested<'w, const M: usize> = Arena<M, Watched<'w>>;

fn round<const M: usize>(size: usize) -> usize {
    size.next_multiple_of(M)
}

/// Whether a block that became `new` is aligned for its new layout where it was. An interpreter may not see that: there one
/// that moved was not.
fn stays_aligned(old: &Block, layout: Layout, new: NonNull<[u8]>) -> bool {
    let is_seen = !cfg!(miri) || layout.align() <= 16 || new.cast() == old.start;
    is_seen && old.start.addr().get() % layout.align() == 0
}

impl<'w, const M: usize> Model<'w, M> {
    /// Where the arena's cursor is.
    fn cursor(&self, arena: &Tested<'w, M>) -> usize {
        let nothing = Layout::from_size_align(0, 1).unwrap();
        arena.try_alloc_layout(nothing).unwrap().addr().get()
    }

    /// Takes note of the chunk that the arena is in, which may be a new one.
    ///
    /// Says whether it is.
    fn follow(&mut self, arena: &Tested<'w, M>) -> bool {
        let cursor = self.cursor(arena);
        // Chunks in which nothing is in use may be given back at any time.
        self.chunks
            .retain_mut(|chunk| match self.watch.end_of(chunk.0) {
                Some(end) => {
                    chunk.1 = end;
                    true
                }
                None => {
                    assert_eq!(chunk.2, chunk.0 + HEADER, "a chunk in use was given back");
                    false
                }
            });
        let Some((start, end)) = self.watch.block_around(cursor, HEADER) else {
            assert_eq!(self.watch.count(), 0, "without a chunk there is no memory");
            assert!(self.chunks.is_empty());
            return false;
        };
        if self.chunks.last().is_none_or(|chunk| chunk.0 != start) {
            self.peak = self.peak.max(self.allocated());
            assert!(self.chunks.iter().all(|chunk| chunk.0 != start));
            self.chunks.push((start, end, start + HEADER));
            return true;
        }
        false
    }

    fn allocated(&self) -> usize {
        self.chunks
            .iter()
            .map(|chunk| chunk.2 - chunk.0 - HEADER)
            .sum()
    }

    fn wasted(&self) -> usize {
        let left = self.chunks.len().saturating_sub(1);
        self.chunks[..left]
            .iter()
            .map(|chunk| chunk.1 - chunk.2)
            .sum()
    }

    /// A new block has come: it lies where the model says, and gets contents of its own.
    fn add(&mut self, arena: &Tested<'w, M>, start: NonNull<u8>, layout: Layout) {
        assert_eq!(start.addr().get() % layout.align(), 0);
        if layout.size() != 0 {
            let is_new = self.follow(arena);
            let chunk = self.chunks.last_mut().unwrap();
            let expected = chunk.2.next_multiple_of(layout.align());
            assert_eq!(
                start.addr().get(),
                expected,
                "not right behind the last block"
            );
            chunk.2 = expected + round::<M>(layout.size());
            assert!(chunk.2 <= chunk.1);
            if is_new {
                self.peak = self.peak.max(self.allocated());
            }
        } else if let Some(chunk) = self.chunks.last_mut() {
            // An aligned address may have been taken from the chunk, or from nowhere.
            let cursor = start.addr().get();
            if cursor >= chunk.2 && cursor <= chunk.1 && cursor - chunk.2 < layout.align() {
                chunk.2 = cursor;
            }
        }
        self.adopt(start, layout);
    }

    /// Fills a block, whose place is accounted for, with contents of its own.
    fn adopt(&mut self, start: NonNull<u8>, layout: Layout) {
        let id = self.next_id;
        self.next_id += 1;
        let contents: Vec<u8> = (0..layout.size())
            .map(|i| (id * 31 + i * 7) as u8)
            .collect();
        // SAFETY: the block is ours.
        unsafe {
            start.copy_from_nonoverlapping(NonNull::from(&contents[..]).cast(), layout.size())
        };
        self.blocks.push(Block {
            id,
            start,
            layout,
            contents,
        });
    }

    /// A block of values has come.
    fn add_slice<T>(&mut self, arena: &Tested<'w, M>, slice: *mut [T]) {
        let layout = Layout::array::<T>(slice.len()).unwrap();
        if layout.size() == 0 && size_of::<T>() == 0 {
            return;
        }
        self.add(arena, NonNull::new(slice).unwrap().cast(), layout);
    }

    /// A request was refused: there must be a reason, and nothing may have changed.
    fn refused(&mut self, arena: &Tested<'w, M>) {
        assert!(
            self.limit.is_some() || self.watch.fail_after.get().is_some() || self.failed_once(),
            "refused without a reason"
        );
        // Something may have been allocated, and left behind, before the request that failed.
        self.catch_up(arena);
    }

    /// Whether the backing allocator was told to fail just once, and has.
    fn failed_once(&self) -> bool {
        !self.watch.fail_on.get()
    }

    fn mark(&self, checkpoint: Option<Checkpoint>) -> Mark {
        Mark {
            checkpoint,
            next_id: self.next_id,
            chunk: self.chunks.last().map(|chunk| (chunk.0, chunk.2)),
            is_empty: self.allocated() == 0,
        }
    }

    /// Once the arena is empty, marks from before are void but those of an empty arena.
    fn forget_void(&self, marks: &mut Vec<Mark>) {
        if self.allocated() == 0 {
            marks.retain(|mark| mark.is_empty);
        }
    }

    /// What is newer than the mark is gone.
    fn rewound(&mut self, arena: &Tested<'w, M>, mark: &Mark) {
        self.peak = self.peak.max(self.allocated());
        self.blocks.retain(|block| block.id < mark.next_id);
        let is_scope = mark.checkpoint.is_none();
        let left = self.chunks.len().saturating_sub(1);
        let is_empty_below = self.chunks[..left]
            .iter()
            .all(|chunk| chunk.2 == chunk.0 + HEADER);
        match (mark.chunk, &mut self.chunks[..]) {
            // In the same chunk the cursor moves back; unless it is another chunk with the address of
            // one that was empty at the mark and has been given back.
            (Some((start, cursor)), [.., last])
                if start == last.0 && (!mark.is_empty || is_empty_below) =>
            {
                last.2 = last.2.min(cursor);
            }
            (_, [only]) if mark.is_empty && !is_scope => only.2 = only.0 + HEADER,
            // All chunks become one, or one besides that of the mark.
            _ if mark.is_empty => self.chunks.clear(),
            _ => {
                let (start, cursor) = mark.chunk.unwrap();
                while self.chunks.last().unwrap().0 != start {
                    self.chunks.pop();
                }
                let chunk = self.chunks.last_mut().unwrap();
                chunk.2 = chunk.2.min(cursor);
            }
        }
        self.follow(arena);
    }

    fn check(&mut self, arena: &Tested<'w, M>) {
        let stats = arena.stats();
        self.peak = self.peak.max(self.allocated());
        assert_eq!(stats.allocated, self.allocated());
        assert_eq!(stats.allocated, arena.allocated_bytes());
        assert_eq!(stats.capacity, self.watch.bytes());
        assert_eq!(stats.capacity, arena.capacity());
        assert_eq!(stats.chunks, self.watch.count());
        assert_eq!(stats.wasted, self.wasted());
        assert_eq!(stats.peak, self.peak);
        if let Some(chunk) = self.chunks.last() {
            assert_eq!(self.cursor(arena), chunk.2);
            assert_eq!(chunk.2 % M, 0);
        }
        let mut blocks: Vec<&Block> = self
            .blocks
            .iter()
            .filter(|b| b.layout.size() != 0)
            .collect();
        blocks.sort_by_key(|block| block.start);
        for pair in blocks.windows(2) {
            let end = pair[0].start.addr().get() + pair[0].layout.size();
            assert!(end <= pair[1].start.addr().get(), "blocks overlap");
        }
        for block in blocks {
            // SAFETY: the block is alive, and was filled.
            let contents =
                unsafe { NonNull::slice_from_raw_parts(block.start, block.layout.size()).as_ref() };
            assert_eq!(contents, &block.contents[..], "contents changed");
            assert!(arena.contains(block.start.as_ptr()));
        }
    }

    fn run(&mut self, arena: &Tested<'w, M>, op: &Op, marks: &mut Vec<Mark>) {
        match *op {
            Op::Value(kind) => self.value(arena, kind),
            Op::Slice { len, how } => self.slice(arena, len, how),
            Op::Text { len, how } => self.text(arena, len, how),
            Op::Layout { size, shift } => {
                let layout = Layout::from_size_align(size, 1 << shift).unwrap();
                match arena.try_alloc_layout(layout) {
                    Ok(start) => self.add(arena, start, layout),
                    Err(_) => self.refused(arena),
                }
            }
            Op::Allocate {
                size,
                shift,
                zeroed,
            } => {
                let layout = Layout::from_size_align(size, 1 << shift).unwrap();
                let block = if zeroed {
                    arena.allocate_zeroed(layout)
                } else {
                    arena.allocate(layout)
                };
                match block {
                    Ok(block) => {
                        assert_eq!(block.len(), size);
                        // SAFETY: the block is ours.
                        if zeroed && unsafe { block.as_ref() }.iter().any(|&byte| byte != 0) {
                            panic!("not zeroed");
                        }
                        self.add(arena, block.cast(), layout);
                    }
                    Err(_) => self.refused(arena),
                }
            }
            Op::Grow {
                which,
                by,
                shift,
                zeroed,
            } => self.grow(arena, which, by, shift, zeroed),
            Op::Shrink { which, to, shift } => self.shrink(arena, which, to, shift),
            Op::Deallocate { which } => {
                let Some(i) = self.pick(which) else { return };
                let block = self.blocks.remove(i);
                // SAFETY: the block is the arena's, and no longer used.
                unsafe { arena.deallocate(block.start, block.layout) };
                self.give_back(&block, 0);
            }
            Op::Reenter { len } => {
                // Each value is allocated while the slice that refers to it is being made.
                let made = arena.try_alloc_slice_fill_with(len, |_| {
                    self.catch_up(arena);
                    let value = arena.try_alloc_uninit::<u64>();
                    self.catch_up(arena);
                    value.map(|slot| slot.as_mut_ptr()).ok()
                });
                self.catch_up(arena);
                let Ok(made) = made else {
                    return self.refused(arena);
                };
                assert_eq!(made.len(), len);
                let inner: Vec<usize> = made.iter().flatten().map(|p| p.addr()).collect();
                for (i, addr) in inner.iter().enumerate() {
                    assert!(!inner[..i].contains(addr));
                    let outer = made.as_ptr_range();
                    assert!(!(outer.start.addr()..outer.end.addr()).contains(addr));
                }
            }
            Op::Fail { made, panic } => {
                let fail = |i: usize| {
                    if i < made {
                        Ok(i as u64)
                    } else if panic {
                        panic_quietly()
                    } else {
                        Err(i)
                    }
                };
                let asked = self.watch.asked.get();
                let before = self.cursor(arena);
                let panicked = guarded(|| {
                    assert!(arena.try_alloc_slice_try_fill_with(made + 1, fail).is_err());
                });
                assert!(panic || !panicked);
                let panicked = guarded(|| {
                    assert!(arena.try_alloc_try_with(|| fail(made)).is_err());
                });
                assert!(panic || !panicked);
                if self.watch.asked.get() == asked && self.chunks.len() == arena.stats().chunks {
                    assert_eq!(self.cursor(arena), before, "a failure keeps memory");
                }
                self.catch_up(arena);
            }
            Op::Impossible => {
                assert!(arena.try_alloc_slice_uninit::<u64>(usize::MAX).is_err());
                assert!(
                    arena
                        .try_alloc_slice_uninit::<u64>(isize::MAX as usize / 8 + 1)
                        .is_err()
                );
                let huge = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
                assert!(arena.try_alloc_layout(huge).is_err());
                assert!(arena.try_reserve(usize::MAX).is_err());
                assert!(arena.try_reserve(isize::MAX as usize).is_err());
            }
            Op::Reserve(bytes) => {
                if arena.try_reserve(bytes).is_err() {
                    self.refused(arena);
                } else {
                    self.follow(arena);
                }
            }
            Op::Limit(limit) => {
                self.limit = limit;
                arena.set_limit(limit);
                assert_eq!(arena.limit(), limit);
                self.follow(arena);
            }
            Op::BackingFails { after, on } => {
                self.watch.fail_after.set(Some(after));
                self.watch.fail_on.set(on);
            }
            Op::BackingWorks => self.watch.fail_after.set(None),
            Op::Checkpoint => marks.push(self.mark(Some(arena.checkpoint()))),
            Op::Rewind { which } => {
                if which >= marks.len() {
                    return;
                }
                let mark = marks[marks.len() - 1 - which].clone();
                marks.truncate(marks.len() - which);
                // SAFETY: the model forgets what was allocated since.
                unsafe { arena.rewind(mark.checkpoint.unwrap()) };
                self.rewound(arena, &mark);
            }
            Op::Scope { .. } | Op::Reset | Op::ResetWith(..) => {
                unreachable!("needs the arena to itself")
            }
        }
    }

    /// Accepts where the arena's cursor is now: for what does several things in one call, or may keep
    /// a padding. Not more than one chunk may have been opened since the last look. What was used for a
    /// moment in between only the arena knows.
    fn catch_up(&mut self, arena: &Tested<'w, M>) {
        self.follow(arena);
        let cursor = self.cursor(arena);
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.2 = cursor;
        }
        let peak = arena.stats().peak;
        assert!(self.peak <= peak);
        self.peak = peak;
    }

    fn value(&mut self, arena: &Tested<'w, M>, kind: Kind) {
        fn put<'w, const M: usize, T>(model: &mut Model<'w, M>, arena: &Tested<'w, M>, value: T) {
            match arena.try_alloc(value) {
                Ok(value) => {
                    let value: *mut T = value;
                    model.add_slice(arena, std::ptr::slice_from_raw_parts_mut(value, 1));
                }
                Err(_) => model.refused(arena),
            }
        }
        match kind {
            Kind::U8 => put(self, arena, 1_u8),
            Kind::U16 => put(self, arena, 1_u16),
            Kind::U32 => put(self, arena, 1_u32),
            Kind::U64 => put(self, arena, 1_u64),
            Kind::U128 => put(self, arena, 1_u128),
            Kind::Bytes24 => put(self, arena, [1_u64; 3]),
            Kind::Bytes100 => put(self, arena, [1_u8; 100]),
            Kind::Aligned64 => put(self, arena, Aligned64([1; 64])),
            Kind::Empty => put(self, arena, ()),
        }
    }

    fn slice(&mut self, arena: &Tested<'w, M>, len: usize, how: u8) {
        let source: Vec<u16> = (0..len as u16).collect();
        let made = match how {
            0 => arena.try_alloc_slice_copy(&source),
            1 => arena.try_alloc_slice_clone(&source),
            2 => arena.try_alloc_slice_fill_with(len, |i| i as u16),
            3 => arena.try_alloc_slice_fill_iter(source.iter().copied()),
            // These may leave blocks behind while they grow.
            4 => arena.try_alloc_iter(source.iter().copied().inspect(|_| self.catch_up(arena))),
            5 => arena.try_alloc_iter(source.iter().copied().filter(|_| {
                self.catch_up(arena);
                true
            })),
            6 => arena
                .try_alloc_slice_try_fill_with(len, |i| Ok::<u16, ()>(i as u16))
                .map_err(|_| arenula::AllocError),
            7 => match arena.try_alloc_slice_fill_default::<u16>(len) {
                Ok(made) => {
                    made.copy_from_slice(&source);
                    Ok(made)
                }
                error => error,
            },
            8 => arena.try_alloc_slice_fill_copy(len, 7),
            _ => arena.try_alloc_slice_fill_clone(len, &7),
        };
        match made {
            Ok(made) => {
                if how < 8 {
                    assert_eq!(made, source);
                } else {
                    assert!(made.len() == len && made.iter().all(|&n| n == 7));
                }
                if matches!(how, 4 | 5) {
                    self.catch_up(arena);
                    return self.adopt(NonNull::from(made).cast(), Layout::for_value(&source[..]));
                }
                self.add_slice(arena, made);
            }
            Err(_) => self.refused(arena),
        }
    }

    fn text(&mut self, arena: &Tested<'w, M>, len: usize, how: u8) {
        let source: String = (0..len)
            .map(|i| char::from(b'a' + (i % 26) as u8))
            .collect();
        let half = len / 2;
        let made = match how {
            0 => arena.try_alloc_str(&source),
            1 => arena.try_alloc_concat(&[&source[..half], "", &source[half..]]),
            _ => {
                // Growing may leave blocks behind: the model looks on after each piece.
                let model = RefCell::new(&mut *self);
                let look = || model.borrow_mut().catch_up(arena);
                let (first, second) =
                    (Piece(&source[..half], &look), Piece(&source[half..], &look));
                arena.try_alloc_fmt(format_args!("{first}{second}"))
            }
        };
        match made {
            Ok(made) => {
                assert_eq!(&*made, source);
                // SAFETY: the bytes are overwritten from here on, and are text for nobody any more.
                let bytes = unsafe { made.as_bytes_mut() };
                if how < 2 {
                    return self.add_slice(arena, bytes);
                }
                self.catch_up(arena);
                self.adopt(
                    NonNull::from(bytes).cast(),
                    Layout::for_value(source.as_bytes()),
                );
            }
            Err(_) => self.refused(arena),
        }
    }

    /// The place of a block: one of the newest, for which things in place are likely.
    fn pick(&self, which: usize) -> Option<usize> {
        let i = self.blocks.len().checked_sub(1 + which)?;
        (self.blocks[i].id >= self.scope_id).then_some(i)
    }

    /// A block was given back from `keep` on.
    fn give_back(&mut self, block: &Block, keep: usize) {
        let start = block.start.addr().get();
        if let Some(chunk) = self.chunks.last_mut() {
            if start + round::<M>(block.layout.size()) == chunk.2 && start >= chunk.0 + HEADER {
                chunk.2 = start + round::<M>(keep);
            }
        }
    }

    fn grow(&mut self, arena: &Tested<'w, M>, which: usize, by: usize, shift: u8, zeroed: bool) {
        let Some(i) = self.pick(which) else { return };
        let old = self.blocks[i].clone();
        let size = old.layout.size() + by;
        let layout = Layout::from_size_align(size, 1 << shift).unwrap();
        let asked = self.watch.asked.get();
        // SAFETY: the block is the arena's, and this large.
        let grown = unsafe {
            if zeroed {
                arena.grow_zeroed(old.start, old.layout, layout)
            } else {
                arena.grow(old.start, old.layout, layout)
            }
        };
        let Ok(grown) = grown else {
            // The block is still there: `check` looks at it.
            return self.refused(arena);
        };
        assert_eq!(grown.len(), size);
        // SAFETY: the block is ours, and what grew in place was written to before.
        unsafe {
            let kept = NonNull::slice_from_raw_parts(grown.cast::<u8>(), old.layout.size());
            assert_eq!(kept.as_ref(), &old.contents[..]);
            if zeroed
                && grown.as_ref()[old.layout.size()..]
                    .iter()
                    .any(|&byte| byte != 0)
            {
                panic!("not zeroed");
            }
        }
        self.blocks.remove(i);
        let start = old.start.addr().get();
        let was_last = self
            .chunks
            .last()
            .is_some_and(|chunk| start + round::<M>(old.layout.size()) == chunk.2);
        if was_last && stays_aligned(&old, layout, grown) {
            let end = self.chunks.last().unwrap().1;
            if start >= self.chunks.last().unwrap().0 + HEADER && start + round::<M>(size) <= end {
                assert_eq!(
                    grown.cast::<u8>(),
                    old.start,
                    "the last block grows in place"
                );
                assert_eq!(self.watch.asked.get(), asked);
                self.chunks.last_mut().unwrap().2 = start;
            }
        }
        self.add(arena, grown.cast(), layout);
    }

    fn shrink(&mut self, arena: &Tested<'w, M>, which: usize, to: usize, shift: u8) {
        let Some(i) = self.pick(which) else { return };
        let old = self.blocks[i].clone();
        let size = to.min(old.layout.size());
        let layout = Layout::from_size_align(size, 1 << shift).unwrap();
        // SAFETY: the block is the arena's, and this large.
        let shrunk = unsafe { arena.shrink(old.start, old.layout, layout) };
        let Ok(shrunk) = shrunk else {
            return self.refused(arena);
        };
        assert_eq!(shrunk.len(), size);
        // SAFETY: the block is ours, and was filled.
        unsafe { assert_eq!(shrunk.as_ref(), &old.contents[..size]) };
        self.blocks.remove(i);
        if stays_aligned(&old, layout, shrunk) {
            assert_eq!(
                shrunk.cast::<u8>(),
                old.start,
                "what stays aligned shrinks in place"
            );
            self.give_back(&old, size);
            let contents = old.contents[..size].to_vec();
            self.blocks.insert(
                i,
                Block {
                    layout,
                    contents,
                    ..old
                },
            );
        } else {
            self.add(arena, shrunk.cast(), layout);
        }
    }

    fn run_in_scope(&mut self, scope: &mut Scope<'_, M, Watched<'w>>, ops: &[Op], panic: bool) {
        let mut marks: Vec<Mark> = Vec::new();
        for op in ops {
            match op {
                Op::Scope { ops, panic } => {
                    let mark = self.mark(None);
                    let outer = std::mem::replace(&mut self.scope_id, self.next_id);
                    let panicked = guarded(|| {
                        scope.scope(|inner| self.run_in_scope(inner, ops, *panic));
                    });
                    assert_eq!(panicked, *panic);
                    self.scope_id = outer;
                    self.rewound(scope, &mark);
                }
                Op::Reset | Op::ResetWith(..) => {}
                op => self.run(scope, op, &mut marks),
            }
            self.forget_void(&mut marks);
            self.check(scope);
        }
        if panic {
            panic_quietly();
        }
    }

    fn run_all(&mut self, arena: &mut Tested<'w, M>, ops: &[Op]) {
        let mut marks: Vec<Mark> = Vec::new();
        for op in ops {
            let capacity = arena.capacity();
            match op {
                Op::Scope { ops, panic } => {
                    let mark = self.mark(None);
                    let outer = std::mem::replace(&mut self.scope_id, self.next_id);
                    let panicked = guarded(|| {
                        arena.scope(|scope| self.run_in_scope(scope, ops, *panic));
                    });
                    assert_eq!(panicked, *panic);
                    self.scope_id = outer;
                    self.rewound(arena, &mark);
                }
                Op::Reset => {
                    arena.reset();
                    self.was_emptied(arena);
                    marks.clear();
                    assert!(arena.stats().chunks <= 1);
                }
                Op::ResetWith(how, bytes) => {
                    let retain = match how {
                        0 => Retain::All,
                        1 => Retain::Largest,
                        2 => Retain::UpTo(*bytes),
                        _ => Retain::Nothing,
                    };
                    arena.reset_with(retain);
                    self.was_emptied(arena);
                    marks.clear();
                    match retain {
                        Retain::All if self.limit.is_none_or(|limit| capacity <= limit) => {
                            assert_eq!(arena.capacity(), capacity);
                        }
                        Retain::All => assert!(arena.capacity() <= self.limit.unwrap()),
                        Retain::Largest => assert!(arena.stats().chunks <= 1),
                        Retain::UpTo(bytes) => assert!(arena.capacity() <= bytes),
                        Retain::Nothing => assert_eq!(arena.capacity(), 0),
                    }
                }
                op => self.run(arena, op, &mut marks),
            }
            self.forget_void(&mut marks);
            self.check(arena);
            let handed_out: usize = arena.iter_chunks().map(<[_]>::len).sum();
            assert_eq!(handed_out, self.allocated());
            // What the limit allowed before may stay, but nothing is added beyond it.
            if let Some(limit) = self.limit {
                assert!(
                    arena.capacity() <= limit.max(capacity),
                    "the limit is exact"
                );
            }
        }
    }

    fn was_emptied(&mut self, arena: &Tested<'w, M>) {
        self.peak = self.peak.max(self.allocated());
        self.blocks.clear();
        self.chunks.clear();
        self.follow(arena);
    }
}

/// Runs `f`, and says whether it panicked on purpose. Other panics go on.
fn guarded(f: impl FnOnce()) -> bool {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) {
        Ok(()) => false,
        Err(payload) if payload.downcast_ref() == Some(&ON_PURPOSE) => true,
        Err(payload) => std::panic::resume_unwind(payload),
    }
}

/// Text that is looked after once it was written.
struct Piece<'a>(&'a str, &'a dyn Fn());

impl Display for Piece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = f.write_str(self.0);
        (self.1)();
        outcome
    }
}
