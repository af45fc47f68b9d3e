//! An arena and a model of it, side by side through random calls of the whole surface.

mod support;

use proptest::prelude::*;
use support::model::{Kind, Op, Start, run};
use support::properties::properties;

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0..64usize, 3 => 0..600usize, 1 => 0..5000usize]
}

fn shift() -> impl Strategy<Value = u8> {
    prop_oneof![8 => 0..5u8, 1 => 0..8u8, 1 => 0..13u8]
}

fn kind() -> impl Strategy<Value = Kind> {
    use Kind::*;
    prop::sample::select(vec![
        U8, U16, U32, U64, U128, Bytes24, Bytes100, Aligned64, Empty,
    ])
}

fn op() -> impl Strategy<Value = Op> {
    let leaf = prop_oneof![
        6 => kind().prop_map(Op::Value),
        4 => (size(), 0..10u8).prop_map(|(len, how)| Op::Slice { len, how }),
        4 => (size(), 0..4u8).prop_map(|(len, how)| Op::Text { len, how }),
        3 => (size(), shift()).prop_map(|(size, shift)| Op::Layout { size, shift }),
        4 => (size(), shift(), any::<bool>())
            .prop_map(|(size, shift, zeroed)| Op::Allocate { size, shift, zeroed }),
        6 => (0..8usize, size(), shift(), any::<bool>())
            .prop_map(|(which, by, shift, zeroed)| Op::Grow { which, by, shift, zeroed }),
        3 => (0..8usize, size(), shift())
            .prop_map(|(which, to, shift)| Op::Shrink { which, to, shift }),
        4 => (0..8usize).prop_map(|which| Op::Deallocate { which }),
        1 => (0..20usize).prop_map(|len| Op::Reenter { len }),
        1 => (0..20usize, any::<bool>()).prop_map(|(made, panic)| Op::Fail { made, panic }),
        1 => Just(Op::Impossible),
        1 => size().prop_map(Op::Reserve),
        1 => prop::option::of(0..20_000usize).prop_map(Op::Limit),
        1 => (0..4usize, any::<bool>()).prop_map(|(after, on)| Op::BackingFails { after, on }),
        1 => Just(Op::BackingWorks),
        2 => Just(Op::Checkpoint),
        2 => (0..3usize).prop_map(|which| Op::Rewind { which }),
        1 => Just(Op::Reset),
        1 => (0..4u8, 0..8000usize).prop_map(|(how, bytes)| Op::ResetWith(how, bytes)),
    ];
    leaf.prop_recursive(3, 64, 16, |inner| {
        (
            prop::collection::vec(inner, 0..if cfg!(miri) { 6 } else { 16 }),
            prop::bool::weighted(0.2),
        )
            .prop_map(|(ops, panic)| Op::Scope { ops, panic })
    })
}

fn start() -> impl Strategy<Value = Start> {
    let capacity = prop_oneof![3 => Just(0), 1 => 1..64usize, 1 => 0..10_000usize];
    let limit = prop_oneof![3 => Just(None), 1 => (0..20_000usize).prop_map(Some)];
    (capacity, limit, any::<bool>()).prop_map(|(capacity, limit, generous)| Start {
        capacity,
        limit,
        generous,
    })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 0..if cfg!(miri) { 12 } else { 120 })
}

macro_rules! tests {
    ($($name:ident: $min_align:literal),*) => {
        proptest! {
            #![proptest_config(properties())]
            $(#[test]
            fn $name(start in start(), ops in ops()) {
                run::<$min_align>(start, &ops);
            })*
        }
    };
}

tests! {
    behaves_like_the_model_at_min_align_1: 1,
    behaves_like_the_model_at_min_align_2: 2,
    behaves_like_the_model_at_min_align_4: 4,
    behaves_like_the_model_at_min_align_8: 8,
    behaves_like_the_model_at_min_align_16: 16
}
