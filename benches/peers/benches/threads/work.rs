//! What each thread does: one body each, compiled once for every contender.

use std::hint::black_box;

use peers::place_code;

use crate::contenders::{Arena, Pool};

#[inline(never)]
pub fn allocs<A: Arena, const SHIFT: usize>(local: &A::Local<'_>, count: usize) {
    place_code::<SHIFT>();
    for index in 0..count {
        black_box(A::alloc(local, index as u64));
    }
    A::finish(local);
}

#[inline(never)]
pub fn pushes<A: Arena, const SHIFT: usize>(local: &A::Local<'_>, vecs: usize, length: u32) {
    place_code::<SHIFT>();
    for _ in 0..vecs {
        A::push_each(local, length);
    }
}

#[inline(never)]
pub fn leases<P: Pool, const SHIFT: usize>(pool: &P, count: usize) {
    place_code::<SHIFT>();
    for _ in 0..count {
        pool.come_and_go();
    }
}
