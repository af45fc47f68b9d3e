//! Random programs of frames, beside a model.
#![cfg(feature = "frame")]

#[path = "support/frame_model.rs"]
mod model;
#[path = "support/properties.rs"]
mod properties;

use arenula::FrameAlloc;
use model::{Op, prepare, program};
use properties::properties;
use proptest::prelude::*;

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![
        10 => 1..200usize,
        4 => 1..5000usize,
        2 => 1..20_000usize,
        1 => prop::sample::select(vec![4088, 4096, 4104, 8192, 16376, 16384, 16385, 65536]),
    ]
}

fn shift() -> impl Strategy<Value = u8> {
    prop_oneof![8 => 0..4u8, 2 => 0..10u8, 1 => 0..14u8]
}

fn op() -> impl Strategy<Value = Op> {
    let which = 0..1000usize;
    let leaf = prop_oneof![
        12 => (size(), shift(), any::<bool>())
            .prop_map(|(size, shift, zeroed)| Op::Alloc { size, shift, zeroed }),
        3 => (1..60usize, size()).prop_map(|(count, size)| Op::AllocMany { count, size }),
        6 => (which.clone(), size()).prop_map(|(which, size)| Op::Realloc { which, size }),
        8 => which.clone().prop_map(|which| Op::Free { which }),
        // The one that was allocated last.
        4 => Just(Op::Free { which: usize::MAX }),
        3 => (which.clone(), 1..10usize, 1..80usize)
            .prop_map(|(which, step, count)| Op::FreeMany { which, step, count }),
        1 => (which.clone(), size(), 0..4u8)
            .prop_map(|(which, size, how)| Op::Move { which, size, how }),
        4 => Just(Op::Enter),
        3 => which.clone().prop_map(|which| Op::Exit { which }),
        1 => which.clone().prop_map(|which| Op::Forget { which }),
        3 => which.clone().prop_map(|which| Op::Checkpoint { which }),
        4 => (which.clone(), which.clone(), prop::bool::weighted(0.3))
            .prop_map(|(which, to, unchecked)| Op::Rewind { which, to, unchecked }),
        1 => prop::option::of(0..20_000usize).prop_map(Op::PinLimit),
        1 => prop::option::of(0..1_000_000usize).prop_map(Op::Budget),
        1 => which.clone().prop_map(|which| Op::Keep { which }),
        1 => which.prop_map(|which| Op::FreeKept { which }),
    ];
    leaf.prop_recursive(4, 200, 20, |inner| {
        let ops = || prop::collection::vec(inner.clone(), 0..if cfg!(miri) { 5 } else { 20 });
        let panics = || prop::bool::weighted(0.2);
        prop_oneof![
            4 => (ops(), panics()).prop_map(|(ops, panics)| Op::Scope { ops, panics }),
            2 => ops().prop_map(|ops| Op::With { ops }),
            2 => (ops(), panics()).prop_map(|(ops, panics)| Op::Outside { ops, panics }),
            2 => (prop::collection::vec(ops(), 0..4), ops(), prop::bool::weighted(0.2))
                .prop_map(|(polls, between, is_dropped)| Op::Future { polls, between, is_dropped }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..properties() })]

    #[test]
    fn random_programs_do_what_the_model_says(
        ops in prop::collection::vec(op(), 0..if cfg!(miri) { 12 } else { 50 }),
    ) {
        prepare();
        program(&ops);
    }
}
