//! Programs of frames beside their model: frames in each other and across polls of a future, checkpoints, blocks that outlive
//! their frames, are reallocated, or freed on another thread. For this the global allocator is a `FrameAlloc`.

use crate::bytes::Bytes;
use crate::frame_model::{Op, forget_the_past, prepare, program};

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut left = 150;
    let ops = ops(&mut bytes, 200, 4, &mut left);
    prepare();
    program(&ops);
    forget_the_past();
}

/// At most `most` calls, and no more than are `left` for all.
fn ops(bytes: &mut Bytes<'_>, most: usize, depth: usize, left: &mut usize) -> Vec<Op> {
    let mut ops = Vec::new();
    while !bytes.0.is_empty() && ops.len() < most && *left > 0 {
        *left -= 1;
        ops.push(op(bytes, depth, left));
    }
    ops
}

fn size(bytes: &mut Bytes<'_>) -> usize {
    const EDGES: [usize; 8] = [4088, 4096, 4104, 8192, 16376, 16384, 16385, 65536];
    match bytes.next() {
        edge @ 240.. => EDGES[usize::from(edge) % EDGES.len()],
        _ => bytes.size() + 1,
    }
}

fn shift(bytes: &mut Bytes<'_>) -> u8 {
    bytes.shift()
}

fn op(bytes: &mut Bytes<'_>, depth: usize, left: &mut usize) -> Op {
    let which = |bytes: &mut Bytes<'_>| usize::from(bytes.next());
    match bytes.next() % 40 {
        0..8 => Op::Alloc {
            size: size(bytes),
            shift: shift(bytes),
            zeroed: bytes.flag(),
        },
        8..10 => Op::AllocMany {
            count: 1 + bytes.up_to(58),
            size: size(bytes),
        },
        10..14 => Op::Realloc {
            which: which(bytes),
            size: size(bytes),
        },
        14..18 => Op::Free {
            which: which(bytes),
        },
        // The one that was allocated last.
        18..20 => Op::Free { which: usize::MAX },
        20 => Op::FreeMany {
            which: which(bytes),
            step: 1 + bytes.which(),
            count: 1 + bytes.up_to(78),
        },
        21 if bytes.one_in(4) => Op::Move {
            which: which(bytes),
            size: size(bytes),
            how: bytes.next() % 4,
        },
        21..24 => Op::Enter,
        24 | 25 => Op::Exit {
            which: which(bytes),
        },
        26 => Op::Forget {
            which: which(bytes),
        },
        27 | 28 => Op::Checkpoint {
            which: which(bytes),
        },
        29 | 30 => Op::Rewind {
            which: which(bytes),
            to: which(bytes),
            unchecked: bytes.one_in(3),
        },
        31 => Op::PinLimit(bytes.flag().then(|| bytes.size() * 4)),
        32 => Op::Budget(bytes.flag().then(|| bytes.size() * 100)),
        33 => Op::Keep {
            which: which(bytes),
        },
        34 => Op::FreeKept {
            which: which(bytes),
        },
        _ if depth == 0 => Op::Enter,
        35 | 36 => {
            let most = bytes.up_to(20);
            Op::Scope {
                ops: ops(bytes, most, depth - 1, left),
                panics: bytes.one_in(5),
            }
        }
        37 => {
            let most = bytes.up_to(20);
            Op::With {
                ops: ops(bytes, most, depth - 1, left),
            }
        }
        38 => {
            let most = bytes.up_to(20);
            Op::Outside {
                ops: ops(bytes, most, depth - 1, left),
                panics: bytes.one_in(5),
            }
        }
        _ => {
            let polls = (0..bytes.up_to(3))
                .map(|_| {
                    let most = bytes.up_to(10);
                    ops(bytes, most, depth - 1, left)
                })
                .collect();
            let most = bytes.up_to(10);
            Op::Future {
                polls,
                between: ops(bytes, most, depth - 1, left),
                is_dropped: bytes.one_in(5),
            }
        }
    }
}
