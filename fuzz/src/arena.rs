//! The arena beside its model.

use crate::bytes::Bytes;
use crate::support::model::{self, Kind, Op, Start};

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let start = Start {
        capacity: bytes.size(),
        limit: bytes.flag().then(|| bytes.size() * 4),
        generous: bytes.flag(),
    };
    let min_align = bytes.next();
    let mut ops = Vec::new();
    while !bytes.0.is_empty() && ops.len() < 200 {
        ops.push(op(&mut bytes, 3));
    }
    match min_align % 5 {
        0 => model::run::<1>(start, &ops),
        1 => model::run::<2>(start, &ops),
        2 => model::run::<4>(start, &ops),
        3 => model::run::<8>(start, &ops),
        _ => model::run::<16>(start, &ops),
    }
}

fn op(bytes: &mut Bytes<'_>, depth: usize) -> Op {
    use Kind::*;
    match bytes.next() % 24 {
        0..=3 => {
            let kinds = [U8, U16, U32, U64, U128, Bytes24, Bytes100, Aligned64, Empty];
            Op::Value(kinds[usize::from(bytes.next()) % kinds.len()])
        }
        4 | 5 => Op::Slice {
            len: bytes.size(),
            how: bytes.next() % 10,
        },
        6 | 7 => Op::Text {
            len: bytes.size(),
            how: bytes.next() % 4,
        },
        8 => Op::Layout {
            size: bytes.size(),
            shift: bytes.shift(),
        },
        9 => Op::Allocate {
            size: bytes.size(),
            shift: bytes.shift(),
            zeroed: bytes.flag(),
        },
        10 | 11 => Op::Grow {
            which: bytes.which(),
            by: bytes.size(),
            shift: bytes.shift(),
            zeroed: bytes.flag(),
        },
        12 => Op::Shrink {
            which: bytes.which(),
            to: bytes.size(),
            shift: bytes.shift(),
        },
        13 => Op::Deallocate {
            which: bytes.which(),
        },
        14 => Op::Reenter {
            len: bytes.size() % 20,
        },
        15 => Op::Fail {
            made: bytes.size() % 20,
            panic: bytes.flag(),
        },
        16 => Op::Reserve(bytes.size()),
        17 => Op::Limit(bytes.flag().then(|| bytes.size() * 2)),
        18 => match bytes.next() % 4 {
            0 => Op::BackingWorks,
            n => Op::BackingFails {
                after: usize::from(n),
                on: bytes.flag(),
            },
        },
        19 => Op::Checkpoint,
        20 => Op::Rewind {
            which: bytes.which() % 3,
        },
        21 | 22 if depth > 0 => {
            let ops = (0..bytes.next() % 16)
                .map(|_| op(bytes, depth - 1))
                .collect();
            Op::Scope {
                ops,
                panic: bytes.next() % 8 == 0,
            }
        }
        23 => match bytes.next() % 8 {
            0 => Op::Impossible,
            1..4 => Op::ResetWith(bytes.next() % 4, bytes.size()),
            _ => Op::Reset,
        },
        _ => Op::Reset,
    }
}
