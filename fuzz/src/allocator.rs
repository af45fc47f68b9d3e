//! The calls of `Allocator`, on each type that is one: what is in a block stays there, wherever it moves.

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Layout};
use arenula::sync::SyncArena;
use arenula::{Arena, FixedBuffer, Scope};

use crate::backing::Backing;
use crate::bytes::Bytes;
use crate::support::panic_quietly;
use crate::support::{Watch, Watched, panics};

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    match bytes.next() % 9 {
        0 => arena::<1>(&mut bytes),
        1 => arena::<2>(&mut bytes),
        2 => arena::<4>(&mut bytes),
        3 => arena::<8>(&mut bytes),
        4 => arena::<16>(&mut bytes),
        5 | 6 => sync_arena(&mut bytes),
        7 => fixed_buffer(&mut bytes),
        _ => over_a_fixed_buffer(&mut bytes),
    }
}

struct Block {
    start: NonNull<u8>,
    layout: Layout,
    contents: Vec<u8>,
}

/// The blocks that are out.
#[derive(Default)]
struct Blocks {
    out: Vec<Block>,
    made: usize,
    /// Those before can't be given back: they are of an outer scope.
    base: usize,
}

// SAFETY: a block is memory that nobody else uses.
unsafe impl Send for Blocks {}

impl Blocks {
    /// The bytes that are out.
    fn bytes(&self) -> usize {
        self.out.iter().map(|block| block.layout.size()).sum()
    }

    /// Takes a block, fills it and puts it where the `at`-th was.
    fn take(&mut self, at: usize, block: NonNull<[u8]>, layout: Layout, wants_all: bool) {
        assert!(block.len() >= layout.size());
        let start = block.cast::<u8>();
        assert_eq!(start.addr().get() % layout.align(), 0);
        let size = if wants_all {
            block.len()
        } else {
            layout.size()
        };
        self.made += 1;
        let contents: Vec<u8> = (0..size).map(|i| (self.made * 31 + i * 7) as u8).collect();
        // SAFETY: the block is ours, and this large.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(&contents[..]).cast(), size) };
        let layout = Layout::from_size_align(size, layout.align()).unwrap();
        let block = Block {
            start,
            layout,
            contents,
        };
        self.out.insert(at, block);
    }

    fn check(&self) {
        let mut places = Vec::new();
        for block in self.out.iter().filter(|block| block.layout.size() != 0) {
            let bytes = NonNull::slice_from_raw_parts(block.start, block.layout.size());
            // SAFETY: the block is out, and was filled.
            let bytes = unsafe { bytes.as_ref() };
            assert_eq!(bytes, block.contents, "contents changed");
            places.push((block.start.addr().get(), block.layout.size()));
        }
        places.sort_unstable();
        assert!(
            places.windows(2).all(|two| two[0].0 + two[0].1 <= two[1].0),
            "blocks overlap"
        );
    }

    /// One of those that may be given back: often one of the newest.
    fn pick(&self, bytes: &mut Bytes<'_>) -> Option<usize> {
        let count = self.out.len() - self.base;
        if bytes.flag() {
            Some(self.base + bytes.index(count)?)
        } else {
            count.checked_sub(1 + bytes.which()).map(|i| self.base + i)
        }
    }

    /// A call. Answers the layout that was refused, if one was.
    fn call(&mut self, bytes: &mut Bytes<'_>, alloc: impl Allocator) -> Option<Layout> {
        let wants_all = bytes.flag();
        match bytes.next() % 8 {
            0..=2 => {
                let layout = Layout::from_size_align(bytes.size(), 1 << bytes.shift()).unwrap();
                let zeroed = bytes.flag();
                let block = if zeroed {
                    alloc.allocate_zeroed(layout)
                } else {
                    alloc.allocate(layout)
                };
                let Ok(block) = block else {
                    return Some(layout);
                };
                if zeroed {
                    // SAFETY: the block is ours, and was written to.
                    assert!(unsafe { block.as_ref() }.iter().all(|&byte| byte == 0));
                }
                self.take(self.out.len(), block, layout, wants_all);
            }
            grows @ 3..=5 => {
                let at = self.pick(bytes)?;
                let Block {
                    start,
                    layout: old,
                    ref contents,
                } = self.out[at];
                let align = 1 << bytes.shift();
                let zeroed = bytes.flag();
                let size = match grows {
                    5 => bytes.size().min(old.size()),
                    _ => old.size() + bytes.size(),
                };
                let new = Layout::from_size_align(size, align).unwrap();
                // SAFETY: the block came from there, and is as large; it grows or shrinks, as it is called.
                let block = unsafe {
                    match grows {
                        5 => alloc.shrink(start, old, new),
                        _ if zeroed => alloc.grow_zeroed(start, old, new),
                        _ => alloc.grow(start, old, new),
                    }
                };
                let Ok(block) = block else { return Some(new) };
                let kept = old.size().min(size);
                // SAFETY: the block is ours; so much of it was filled, or is zeroed.
                unsafe {
                    let kept_bytes = NonNull::slice_from_raw_parts(block.cast::<u8>(), kept);
                    assert_eq!(kept_bytes.as_ref(), &contents[..kept]);
                    if zeroed && grows != 5 {
                        assert!(block.as_ref()[kept..].iter().all(|&byte| byte == 0));
                    }
                }
                self.out.remove(at);
                self.take(at, block, new, wants_all);
            }
            _ => {
                let at = self.pick(bytes)?;
                let Block { start, layout, .. } = self.out.remove(at);
                // SAFETY: the block came from there, and is not used any more.
                unsafe { alloc.deallocate(start, layout) };
            }
        }
        None
    }
}

/// An arena's calls and scopes, on a backing allocator that is watched.
struct Run<'w> {
    watch: &'w Watch,
    blocks: Blocks,
    /// Whether requests may be refused.
    may_refuse: bool,
}

impl Run<'_> {
    fn check<const M: usize>(&self, arena: &Arena<M, Watched<'_>>) {
        self.blocks.check();
        let stats = arena.stats();
        assert_eq!(
            (stats.capacity, stats.chunks),
            (self.watch.bytes(), self.watch.count())
        );
        assert!(self.blocks.bytes() <= stats.allocated && stats.allocated <= stats.peak);
        for block in self
            .blocks
            .out
            .iter()
            .filter(|block| block.layout.size() != 0)
        {
            assert!(arena.contains(block.start.as_ptr()));
        }
    }

    fn call<const M: usize>(&mut self, bytes: &mut Bytes<'_>, arena: &Arena<M, Watched<'_>>) {
        match bytes.next() % 12 {
            0 => {
                let limit = bytes.flag().then(|| bytes.size() * 4);
                self.may_refuse |= limit.is_some();
                arena.set_limit(limit);
            }
            1 => {
                self.watch.fail_after.set(bytes.nth());
                self.watch.fail_on.set(bytes.flag());
                self.may_refuse |= self.watch.fail_after.get().is_some();
            }
            2 => drop(arena.try_alloc_str("between the blocks")),
            _ => {
                let refused = self.blocks.call(bytes, arena);
                assert!(
                    self.may_refuse || refused.is_none(),
                    "refused without a reason"
                );
            }
        }
        self.check(arena);
    }

    fn scope<const M: usize>(
        &mut self,
        bytes: &mut Bytes<'_>,
        scope: &mut Scope<'_, M, Watched<'_>>,
        depth: usize,
    ) {
        let base = std::mem::replace(&mut self.blocks.base, self.blocks.out.len());
        let calls = bytes.up_to(12);
        for _ in 0..calls {
            if depth > 0 && bytes.one_in(8) {
                scope.scope(|inner| self.scope(bytes, inner, depth - 1));
                self.check(scope);
            } else if bytes.flag() {
                let refused = self.blocks.call(bytes, &*scope);
                assert!(
                    self.may_refuse || refused.is_none(),
                    "refused without a reason"
                );
                self.check(scope);
            } else {
                self.call(bytes, scope);
            }
        }
        self.blocks.out.truncate(self.blocks.base);
        self.blocks.base = base;
    }
}

fn arena<const M: usize>(bytes: &mut Bytes<'_>) {
    let watch = Watch::default();
    watch.generous.set(bytes.flag());
    let mut arena = Arena::<M, _>::with_min_align_in(Watched(&watch));
    let mut run = Run {
        watch: &watch,
        blocks: Blocks::default(),
        may_refuse: false,
    };
    for _ in 0..100 {
        if bytes.0.is_empty() {
            break;
        }
        match bytes.next() % 16 {
            0 => {
                arena.reset();
                run.blocks.out.clear();
                assert_eq!(arena.allocated_bytes(), 0);
            }
            1 | 2 => {
                let panic = bytes.one_in(4);
                let panicked = panics(|| {
                    arena.scope(|scope| {
                        run.scope(bytes, scope, 2);
                        if panic {
                            panic_quietly();
                        }
                    });
                });
                assert_eq!(panicked, panic);
            }
            _ => run.call(bytes, &arena),
        }
        run.check(&arena);
    }
    drop(arena);
    assert_eq!(watch.count(), 0, "memory leaks");
}

fn sync_arena(bytes: &mut Bytes<'_>) {
    let backing = Backing::default();
    let mut arena = SyncArena::new_in(&backing);
    let mut blocks = Blocks::default();
    let mut may_refuse = false;
    for _ in 0..100 {
        if bytes.0.is_empty() {
            break;
        }
        match bytes.next() % 32 {
            0 | 1 => {
                let limit = bytes.flag().then(|| bytes.size() * 8);
                may_refuse |= limit.is_some();
                arena.set_limit(limit);
            }
            2 | 3 => {
                let nth = bytes.nth();
                may_refuse |= nth.is_some();
                backing.fail_after(nth);
            }
            4 => {
                // Another thread goes on with the same blocks.
                let calls = bytes.up_to(12);
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        for _ in 0..calls {
                            let refused = blocks.call(bytes, &arena);
                            assert!(may_refuse || refused.is_none(), "refused without a reason");
                        }
                    });
                });
            }
            5 => {
                arena.reset();
                blocks.out.clear();
                assert_eq!(arena.allocated_bytes(), 0);
            }
            _ => {
                let refused = blocks.call(bytes, &arena);
                assert!(may_refuse || refused.is_none(), "refused without a reason");
            }
        }
        blocks.check();
        assert!(blocks.bytes() <= arena.allocated_bytes());
        assert_eq!(arena.capacity(), backing.bytes());
        for block in blocks.out.iter().filter(|block| block.layout.size() != 0) {
            assert!(arena.contains(block.start.as_ptr()));
        }
    }
}

fn fixed_buffer(bytes: &mut Bytes<'_>) {
    let mut memory = vec![MaybeUninit::uninit(); bytes.size() * 2];
    let range = memory.as_ptr_range();
    let buffer = FixedBuffer::new(&mut memory);
    let whole = buffer.remaining();
    let mut blocks = Blocks::default();
    for _ in 0..100 {
        if bytes.0.is_empty() {
            break;
        }
        if let Some(refused) = blocks.call(bytes, &buffer) {
            assert!(
                buffer.remaining() < refused.size() + refused.align(),
                "refused without a reason"
            );
        }
        blocks.check();
        let live = blocks.out.iter().filter(|block| block.layout.size() != 0);
        for block in live.clone() {
            assert!(range.contains(&block.start.as_ptr().cast_const().cast()));
        }
        if live.count() == 0 {
            assert_eq!(buffer.remaining(), whole);
        }
        assert!(blocks.bytes() + buffer.remaining() <= whole);
    }
}

fn over_a_fixed_buffer(bytes: &mut Bytes<'_>) {
    let mut memory = vec![MaybeUninit::uninit(); bytes.size() * 2];
    let whole = memory.len();
    let mut arena = Arena::<8, _>::new_in(FixedBuffer::new(&mut memory));
    let mut blocks = Blocks::default();
    for _ in 0..100 {
        if bytes.0.is_empty() {
            break;
        }
        if bytes.one_in(32) {
            arena.reset();
            blocks.out.clear();
        } else {
            blocks.call(bytes, &arena);
        }
        blocks.check();
        assert!(blocks.bytes() <= arena.allocated_bytes());
        assert!(arena.capacity() + arena.allocator().remaining() <= whole);
    }
}
