//! Arenas that own their values: arenula beside its peers, boxes, and plain writes.
//!
//! ```text
//! cargo bench -p peers --bench typed                        # criterion, one after another
//! cargo bench -p peers --bench typed -- alloc               # only what has this in its name
//! cargo bench -p peers --bench typed -- --interleaved       # all contenders of a row in turn
//! cargo bench -p peers --bench typed -- --interleaved alloc
//! ```
//!
//! All of them end in a table of medians. Of the two ways, the interleaved one is fairer on a
//! machine that has other things to do.
//!
//! Most of the contenders cannot be emptied without giving their memory back. So in the rows called
//! `life` everyone is made, filled and dropped, by which the global allocator and the growth of the
//! chunks count; in all others everyone is made with the room that it needs and dropped while the
//! clock stands still.

mod contenders;
mod work;

use std::any::Any;
use std::hint::black_box;
use std::time::Duration;

use arenula::{DropArena, FrozenArena, TypedArena};
use blink_alloc::Blink;
use elsa::FrozenVec;
use peers::{Comparison, Row, builds, timed};

use crate::contenders::{
    Anything, Arena, Boxes, BumpScopeBoxes, BumpaloBoxes, ByHand, COLUMNS, Frozen, Get, Iterate,
    LIMIT, Referred, Values,
};
use crate::work::{Named, Node, Value};

/// The values of a pass.
const COUNT: usize = 10_000;

/// The values of an iterator, in the rows of those.
const LENGTH: usize = 100;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);

    comparison.run(
        "alloc 24 bytes",
        builds!(SHIFT => alloc_row::<Node, SHIFT>()),
    );
    comparison.run(
        "alloc 40 with String",
        builds!(SHIFT => alloc_row::<Named, SHIFT>()),
    );
    comparison.run(
        "life of 24 bytes",
        builds!(SHIFT => life_row::<Node, SHIFT>()),
    );
    comparison.run(
        "life of 40 with String",
        builds!(SHIFT => life_row::<Named, SHIFT>()),
    );
    comparison.run(
        "alloc_iter 100",
        builds!(SHIFT => exact_iter_row::<SHIFT>()),
    );
    comparison.run(
        "alloc_iter filtered",
        builds!(SHIFT => filtered_iter_row::<SHIFT>()),
    );
    comparison.run("iterate", builds!(SHIFT => iterate_row::<SHIFT>()));
    comparison.run("drop all", builds!(SHIFT => drop_row::<SHIFT>()));

    comparison.run("frozen push", builds!(SHIFT => push_row::<SHIFT>()));
    comparison.run("frozen life", builds!(SHIFT => frozen_life_row::<SHIFT>()));
    comparison.run("frozen index", builds!(SHIFT => index_row::<SHIFT>()));
    comparison.run("frozen iterate", builds!(SHIFT => values_row::<SHIFT>()));

    comparison.run(
        "any String, life",
        builds!(SHIFT => any_life_row::<SHIFT>()),
    );
    comparison.run(
        "any String, cycle",
        builds!(SHIFT => any_cycle_row::<SHIFT>()),
    );

    comparison.finish();
}

/// Enters work that needs something new for each pass, made and dropped while the clock stands still.
fn enter_prepared<P: 'static>(
    row: &mut Row,
    column: &'static str,
    prepare: impl Fn() -> P + 'static,
    work: impl Fn(&mut P) + 'static,
) {
    enter_consuming(row, column, prepare, move |mut prepared| {
        work(&mut prepared);
        prepared
    });
}

/// Enters work that takes what was prepared for each pass; what it gives back is dropped untimed.
fn enter_consuming<P: 'static, R>(
    row: &mut Row,
    column: &'static str,
    prepare: impl Fn() -> P + 'static,
    work: impl Fn(P) -> R + 'static,
) {
    row.enter_routine(
        column,
        Box::new(move |passes| {
            let mut elapsed = Duration::ZERO;
            for _ in 0..passes {
                let prepared = prepare();
                elapsed += timed(|| work(prepared));
            }
            elapsed
        }),
    );
}

fn alloc_row<T: Value, const SHIFT: usize>() -> Row {
    fn enter<T: Value, A: Arena<T>, const SHIFT: usize>(row: &mut Row) {
        enter_prepared(
            row,
            A::NAME,
            || A::with_capacity(COUNT),
            |arena| work::allocs::<T, A, SHIFT>(arena, COUNT),
        );
    }

    let mut row = Row::new(COUNT);
    enter::<T, TypedArena<T>, SHIFT>(&mut row);
    enter::<T, typed_arena::Arena<T>, SHIFT>(&mut row);
    enter::<T, stable_arena::TypedArena<T>, SHIFT>(&mut row);
    enter::<T, ByHand<T>, SHIFT>(&mut row);
    enter::<T, Boxes<T>, SHIFT>(&mut row);
    enter_prepared(
        &mut row,
        LIMIT,
        || Vec::<T>::with_capacity(COUNT),
        // SAFETY: the vector is empty and has the room.
        |vec| unsafe { work::writes::<T, SHIFT>(vec, COUNT) },
    );
    row
}

fn life_row<T: Value, const SHIFT: usize>() -> Row {
    fn enter<T: Value, A: Arena<T>, const SHIFT: usize>(row: &mut Row) {
        row.enter(A::NAME, || work::life::<T, A, SHIFT>(COUNT));
    }

    let mut row = Row::new(COUNT);
    enter::<T, TypedArena<T>, SHIFT>(&mut row);
    enter::<T, typed_arena::Arena<T>, SHIFT>(&mut row);
    enter::<T, stable_arena::TypedArena<T>, SHIFT>(&mut row);
    enter::<T, ByHand<T>, SHIFT>(&mut row);
    enter::<T, Boxes<T>, SHIFT>(&mut row);
    row.enter(LIMIT, || {
        let mut vec = Vec::<T>::with_capacity(COUNT);
        // SAFETY: the vector is empty and has the room.
        unsafe { work::writes::<T, SHIFT>(&mut vec, COUNT) };
    });
    row
}

/// Enters into a row, for each of those that have such a method, the work with iterators.
macro_rules! enter_iters {
    ($row:ident, $work:ident, [$($arena:ty),+ $(,)?]) => {
        $(enter_prepared(
            &mut $row,
            <$arena as Arena<Node>>::NAME,
            || <$arena as Arena<Node>>::with_capacity(COUNT),
            |arena| work::$work::<Node, $arena, SHIFT>(arena, COUNT / LENGTH, LENGTH),
        );)+
        // SAFETY: the vector is empty and has the room.
        enter_prepared(&mut $row, LIMIT, || Vec::<Node>::with_capacity(COUNT), |vec| unsafe {
            work::writes::<Node, SHIFT>(vec, COUNT);
        });
    };
    ($row:ident, $work:ident) => {
        enter_iters!($row, $work, [
            TypedArena<Node>, typed_arena::Arena<Node>, stable_arena::TypedArena<Node>, ByHand<Node>,
        ]);
    };
}

fn exact_iter_row<const SHIFT: usize>() -> Row {
    let mut row = Row::new(COUNT);
    enter_iters!(row, exact_iters);
    row
}

fn filtered_iter_row<const SHIFT: usize>() -> Row {
    let mut row = Row::new(COUNT);
    enter_iters!(row, filtered_iters);
    row
}

/// One of many chunks, as it comes where nobody knows the number of the values before.
fn filled<T: Value, A: Arena<T>>() -> A {
    let arena = A::new();
    for index in 0..COUNT {
        arena.alloc(T::from_index(index));
    }
    arena
}

fn filled_vec<T: Value>() -> Vec<T> {
    (0..COUNT).map(T::from_index).collect()
}

fn iterate_row<const SHIFT: usize>() -> Row {
    fn enter<A: Iterate<Node>, const SHIFT: usize>(row: &mut Row) {
        let mut arena = filled::<Node, A>();
        row.enter(A::NAME, move || {
            work::iterates::<Node, A, SHIFT>(black_box(&mut arena))
        });
    }

    let mut row = Row::new(COUNT);
    enter::<TypedArena<Node>, SHIFT>(&mut row);
    enter::<typed_arena::Arena<Node>, SHIFT>(&mut row);
    enter::<Referred<stable_arena::TypedArena<Node>, Node>, SHIFT>(&mut row);
    enter::<Referred<ByHand<Node>, Node>, SHIFT>(&mut row);
    enter::<Boxes<Node>, SHIFT>(&mut row);
    let mut vec = filled_vec::<Node>();
    row.enter(LIMIT, move || {
        work::iterates_vec::<Node, SHIFT>(black_box(&mut vec))
    });
    row
}

fn drop_row<const SHIFT: usize>() -> Row {
    fn enter<A: Arena<Named>, const SHIFT: usize>(row: &mut Row) {
        enter_consuming(row, A::NAME, filled::<Named, A>, work::drops::<A, SHIFT>);
    }

    let mut row = Row::new(COUNT);
    enter::<TypedArena<Named>, SHIFT>(&mut row);
    enter::<typed_arena::Arena<Named>, SHIFT>(&mut row);
    enter::<stable_arena::TypedArena<Named>, SHIFT>(&mut row);
    enter::<ByHand<Named>, SHIFT>(&mut row);
    enter::<Boxes<Named>, SHIFT>(&mut row);
    enter_consuming(
        &mut row,
        LIMIT,
        filled_vec::<Named>,
        work::drops::<Vec<Named>, SHIFT>,
    );
    row
}

fn push_row<const SHIFT: usize>() -> Row {
    fn enter<A: Frozen<Node>, const SHIFT: usize>(row: &mut Row) {
        enter_prepared(
            row,
            A::NAME,
            || A::with_room(COUNT),
            |arena| work::pushes::<Node, A, SHIFT>(arena, COUNT),
        );
    }

    let mut row = Row::new(COUNT);
    enter::<FrozenArena<Node>, SHIFT>(&mut row);
    enter::<typed_arena::Arena<Node>, SHIFT>(&mut row);
    enter::<FrozenVec<Box<Node>>, SHIFT>(&mut row);
    enter_prepared(
        &mut row,
        LIMIT,
        || Vec::<Node>::with_capacity(COUNT),
        // SAFETY: the vector is empty and has the room.
        |vec| unsafe { work::writes::<Node, SHIFT>(vec, COUNT) },
    );
    row
}

fn frozen_life_row<const SHIFT: usize>() -> Row {
    fn enter<A: Frozen<Node>, const SHIFT: usize>(row: &mut Row) {
        row.enter(A::NAME, || work::frozen_life::<Node, A, SHIFT>(COUNT));
    }

    let mut row = Row::new(COUNT);
    enter::<FrozenArena<Node>, SHIFT>(&mut row);
    enter::<typed_arena::Arena<Node>, SHIFT>(&mut row);
    enter::<FrozenVec<Box<Node>>, SHIFT>(&mut row);
    row.enter(LIMIT, || {
        let mut vec = Vec::<Node>::with_capacity(COUNT);
        // SAFETY: the vector is empty and has the room.
        unsafe { work::writes::<Node, SHIFT>(&mut vec, COUNT) };
    });
    row
}

/// As many values as stay in the nearest cache, so that the row is not about the others.
const FEW: usize = 1_000;

/// Numbers below [`FEW`] without an order.
fn shuffled() -> impl Iterator<Item = usize> {
    // The multiplier of a well-known generator.
    (0..COUNT as u64).map(|n| ((n.wrapping_mul(0x5851_f42d_4c95_7f2d) >> 33) as usize) % FEW)
}

fn index_row<const SHIFT: usize>() -> Row {
    fn enter<A: Get<Node>, const SHIFT: usize>(row: &mut Row) {
        let arena = A::new();
        let keys: Vec<A::Key> = (0..FEW).map(|n| arena.push(Node::from_index(n))).collect();
        let order: Vec<A::Key> = shuffled().map(|index| keys[index]).collect();
        row.enter(A::NAME, move || {
            black_box(work::gets::<Node, A, SHIFT>(black_box(&arena), &order));
        });
    }

    let mut row = Row::new(COUNT);
    enter::<FrozenArena<Node>, SHIFT>(&mut row);
    enter::<Referred<typed_arena::Arena<Node>, Node>, SHIFT>(&mut row);
    enter::<FrozenVec<Box<Node>>, SHIFT>(&mut row);
    let values: Vec<Node> = (0..FEW).map(Node::from_index).collect();
    let order: Vec<usize> = shuffled().collect();
    row.enter(LIMIT, move || {
        black_box(work::gets_of_slice::<Node, SHIFT>(
            black_box(&values),
            &order,
        ));
    });
    row
}

fn values_row<const SHIFT: usize>() -> Row {
    fn enter<A: Values<Node>, const SHIFT: usize>(row: &mut Row) {
        let mut arena = A::new();
        for index in 0..COUNT {
            arena.push(Node::from_index(index));
        }
        row.enter(A::NAME, move || {
            black_box(work::sums::<Node, A, SHIFT>(black_box(&mut arena)));
        });
    }

    let mut row = Row::new(COUNT);
    enter::<FrozenArena<Node>, SHIFT>(&mut row);
    enter::<typed_arena::Arena<Node>, SHIFT>(&mut row);
    enter::<FrozenVec<Box<Node>>, SHIFT>(&mut row);
    let vec = filled_vec::<Node>();
    row.enter(LIMIT, move || {
        black_box(work::sums_of_slice::<Node, SHIFT>(black_box(&vec)));
    });
    row
}

fn any_life_row<const SHIFT: usize>() -> Row {
    fn enter<A: Anything, const SHIFT: usize>(row: &mut Row) {
        row.enter(A::NAME, || work::any_life::<A, SHIFT>(COUNT));
    }

    let mut row = Row::new(COUNT);
    enter::<DropArena, SHIFT>(&mut row);
    enter::<BumpaloBoxes, SHIFT>(&mut row);
    enter::<BumpScopeBoxes, SHIFT>(&mut row);
    enter::<Blink, SHIFT>(&mut row);
    enter::<Boxes<dyn Any>, SHIFT>(&mut row);
    row
}

fn any_cycle_row<const SHIFT: usize>() -> Row {
    fn enter<A: Anything, const SHIFT: usize>(row: &mut Row) {
        let mut arena = A::new();
        row.enter(A::NAME, move || {
            work::any_cycle::<A, SHIFT>(&mut arena, COUNT)
        });
    }

    let mut row = Row::new(COUNT);
    enter::<DropArena, SHIFT>(&mut row);
    enter::<BumpaloBoxes, SHIFT>(&mut row);
    enter::<BumpScopeBoxes, SHIFT>(&mut row);
    enter::<Blink, SHIFT>(&mut row);
    enter::<Boxes<dyn Any>, SHIFT>(&mut row);
    row
}
