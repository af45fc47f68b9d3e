//! `FixedBuffer` as an allocator of its own: random calls, each block checked byte for byte.

mod support;

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec as ArenaVec;
use arenula::FixedBuffer;
use proptest::prelude::*;
use support::properties::properties;

#[derive(Clone, Copy, Debug)]
enum Op {
    Allocate(usize, u8),
    Grow(usize, usize, u8),
    Shrink(usize, usize, u8),
    Deallocate(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let size = || prop_oneof![0..40usize, 0..400usize];
    prop_oneof![
        3 => (size(), 0..7u8).prop_map(|(size, shift)| Op::Allocate(size, shift)),
        2 => (0..4usize, size(), 0..7u8).prop_map(|(i, by, shift)| Op::Grow(i, by, shift)),
        1 => (0..4usize, size(), 0..7u8).prop_map(|(i, to, shift)| Op::Shrink(i, to, shift)),
        3 => (0..4usize).prop_map(Op::Deallocate),
    ]
}

/// A block with the byte that fills it.
struct Block(NonNull<u8>, Layout, u8);

fn check(blocks: &[Block], buffer: std::ops::Range<usize>) {
    let mut places = Vec::new();
    for Block(start, layout, byte) in blocks {
        let addr = start.addr().get();
        assert_eq!(addr % layout.align(), 0);
        if layout.size() == 0 {
            continue;
        }
        assert!(buffer.start <= addr && addr + layout.size() <= buffer.end);
        places.push(addr..addr + layout.size());
        // SAFETY: the block is alive, and was filled.
        let bytes = unsafe { NonNull::slice_from_raw_parts(*start, layout.size()).as_ref() };
        assert!(bytes.iter().all(|b| b == byte));
    }
    places.sort_by_key(|place| place.start);
    assert!(places.windows(2).all(|pair| pair[0].end <= pair[1].start));
}

fn run(ops: &[Op], len: usize, skip: usize) {
    let mut memory = vec![MaybeUninit::uninit(); len + skip];
    let memory = &mut memory[skip..];
    let range = memory.as_ptr_range();
    let range = range.start.addr()..range.end.addr();
    let buffer = FixedBuffer::new(memory);
    let mut blocks: Vec<Block> = Vec::new();
    for (n, op) in ops.iter().enumerate() {
        let byte = n as u8;
        let pick = |i: usize| blocks.len().checked_sub(i + 1);
        // SAFETY: blocks are used with the layouts they have, and not after they were given back.
        unsafe {
            match *op {
                Op::Allocate(size, shift) => {
                    let layout = Layout::from_size_align(size, 1 << shift).unwrap();
                    if let Ok(block) = buffer.allocate(layout) {
                        block.cast::<u8>().write_bytes(byte, size);
                        blocks.push(Block(block.cast(), layout, byte));
                    }
                }
                Op::Grow(i, by, shift) => {
                    let Some(i) = pick(i) else { continue };
                    let Block(start, old, byte) = blocks[i];
                    let size = old.size() + by;
                    let layout = Layout::from_size_align(size, 1 << shift).unwrap();
                    if let Ok(grown) = buffer.grow(start, old, layout) {
                        grown.cast::<u8>().add(old.size()).write_bytes(byte, by);
                        blocks[i] = Block(grown.cast(), layout, byte);
                    }
                }
                Op::Shrink(i, to, shift) => {
                    let Some(i) = pick(i) else { continue };
                    let Block(start, old, byte) = blocks[i];
                    let layout = Layout::from_size_align(to.min(old.size()), 1 << shift).unwrap();
                    if let Ok(shrunk) = buffer.shrink(start, old, layout) {
                        blocks[i] = Block(shrunk.cast(), layout, byte);
                    }
                }
                Op::Deallocate(i) => {
                    let Some(i) = pick(i) else { continue };
                    let Block(start, layout, _) = blocks.remove(i);
                    buffer.deallocate(start, layout);
                }
            }
        }
        check(&blocks, range.clone());
    }
    for Block(start, layout, _) in blocks {
        // SAFETY: as above.
        unsafe { buffer.deallocate(start, layout) };
    }
    assert_eq!(buffer.remaining(), len, "all comes back");
}

proptest! {
    #![proptest_config(properties())]
    #[test]
    fn blocks_are_whole_apart_and_come_back(
        ops in prop::collection::vec(op(), 0..60),
        len in 0..2000usize,
        skip in 0..40usize,
    ) {
        run(&ops, len, skip);
    }
}

#[test]
fn the_last_block_grows_in_place_to_the_last_byte() {
    let mut memory = [MaybeUninit::uninit(); 1000];
    let buffer = FixedBuffer::new(&mut memory);
    let mut vec = ArenaVec::<u8, _>::new_in(&buffer);
    for n in 0..1000 {
        vec.try_reserve_exact(1).unwrap();
        vec.push(n as u8);
    }
    assert!(vec.try_reserve_exact(1).is_err());
    assert_eq!(buffer.remaining(), 0);
    assert!(vec.iter().enumerate().all(|(i, &n)| n == i as u8));
}
