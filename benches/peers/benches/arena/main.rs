//! Arenas for values of any type: arenula beside its peers and beside plain writes.
//!
//! ```text
//! cargo bench -p peers --bench arena                        # criterion, one after another
//! cargo bench -p peers --bench arena -- u64                 # only what has this in its name
//! cargo bench -p peers --bench arena -- --interleaved       # all contenders of a row in turn
//! cargo bench -p peers --bench arena -- --interleaved u64
//! ```
//!
//! All of them end in a table of medians. Of the two ways, the interleaved one is fairer on a
//! machine that has other things to do.

mod contenders;
mod input;
mod work;

use std::alloc::Layout;
use std::hint::black_box;

use blink_alloc::Blink;
use bump_scope::Bump;
use hashbrown::DefaultHashBuilder;
use peers::{Comparison, Row, builds};
use stable_arena::DroplessArena;

use crate::contenders::{Arena, Buffer, COLUMNS, InScope, LIMIT, TunedBump};
use crate::work::{Cursor, Value, Words};

/// The allocations of a pass where a row does not say otherwise.
const COUNT: usize = 10_000;

/// Enough for a pass of every row but one with 8 bytes of padding for each allocation.
const CAPACITY: usize = 1 << 20;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);

    comparison.run("value u8", builds!(SHIFT => value_row::<u8, SHIFT>()));
    comparison.run("value u16", builds!(SHIFT => value_row::<u16, SHIFT>()));
    comparison.run("value u32", builds!(SHIFT => value_row::<u32, SHIFT>()));
    comparison.run("value u64", builds!(SHIFT => value_row::<u64, SHIFT>()));
    comparison.run("value u128", builds!(SHIFT => value_row::<u128, SHIFT>()));
    comparison.run(
        "value 24 bytes",
        builds!(SHIFT => value_row::<Words<3>, SHIFT>()),
    );
    comparison.run(
        "value 64 bytes",
        builds!(SHIFT => value_row::<Words<8>, SHIFT>()),
    );
    comparison.run(
        "cycle of 1000 mixed",
        builds!(SHIFT => mixed_row::<SHIFT>()),
    );

    comparison.run("slice 8 bytes", builds!(SHIFT => slice_row::<SHIFT>(8)));
    comparison.run("slice 64 bytes", builds!(SHIFT => slice_row::<SHIFT>(64)));
    comparison.run("slice 512 bytes", builds!(SHIFT => slice_row::<SHIFT>(512)));
    comparison.run("words of a text", builds!(SHIFT => text_row::<SHIFT>()));
    comparison.run("layout by trait", builds!(SHIFT => allocate_row::<SHIFT>()));
    comparison.run("layout by method", builds!(SHIFT => layout_row::<SHIFT>()));

    comparison.run("Vec<u32> push", builds!(SHIFT => push_row::<SHIFT>()));
    comparison.run(
        "Vec<u8> reserve_exact",
        builds!(SHIFT => exact_reserve_row::<SHIFT>()),
    );
    comparison.run(
        "HashMap<u64, u64> insert",
        builds!(SHIFT => map_row::<SHIFT>()),
    );

    comparison.run("new, one u64, drop", builds!(SHIFT => life_row::<SHIFT>()));
    comparison.run("scope with one u64", builds!(SHIFT => scope_row::<SHIFT>()));

    comparison.finish();
}

/// Enters into a row, for each of the arenas, the work that a closure does with it.
///
/// The memory is warm and, where the arena can have that, a single chunk.
macro_rules! enter {
    ($row:ident, $capacity:expr, $work:expr, [$($arena:ty),+ $(,)?]) => {
        $(enter::<$arena>(&mut $row, $capacity, $work);)+
    };
    ($row:ident, $capacity:expr, $work:expr, with allocators) => {
        enter!($row, $capacity, $work, [
            arenula::Arena, arenula::Arena<1>, stumpalo::Arena, Bump, TunedBump,
            bumpalo::Bump<1>, bumpalo::Bump<8>, Blink, multitude::Arena,
        ]);
    };
    ($row:ident, $capacity:expr, $work:expr, all) => {
        enter!($row, $capacity, $work, with allocators);
        enter!($row, $capacity, $work, [DroplessArena]);
    };
}

fn enter<A: Arena>(row: &mut Row, capacity: usize, work: impl Fn(&A) + 'static) {
    let mut arena = A::with_capacity(capacity);
    row.enter(A::NAME, move || {
        work(&arena);
        arena.reset();
    });
}

/// Enters the work with plain writes.
///
/// # Safety
///
/// `CAPACITY` must be enough for it, and it must need no padding.
unsafe fn enter_limit(row: &mut Row, work: impl Fn(Cursor) + 'static) {
    let mut buffer = Buffer::with_capacity(CAPACITY);
    row.enter(LIMIT, move || {
        // SAFETY: the caller has promised it.
        work(unsafe { Cursor::new(black_box(buffer.start())) });
    });
}

fn value_row<T: Value, const SHIFT: usize>() -> Row {
    let mut row = Row::new(COUNT);
    enter!(
        row,
        CAPACITY,
        |arena| work::values::<T, SHIFT>(arena, COUNT),
        all
    );
    const { assert!(COUNT * size_of::<T>() <= CAPACITY) };
    // SAFETY: there is room, and values of one type need no padding between them.
    unsafe { enter_limit(&mut row, |cursor| work::values::<T, SHIFT>(cursor, COUNT)) };
    row
}

/// Also shows what the reset costs, which comes after fewer allocations than elsewhere.
fn mixed_row<const SHIFT: usize>() -> Row {
    const COUNT: usize = 1_000;
    let mut row = Row::new(COUNT);
    enter!(
        row,
        CAPACITY,
        |arena| work::mixed_values::<SHIFT>(arena, COUNT),
        all
    );
    // SAFETY: there is room, and the values' order is such that they need no padding.
    unsafe {
        enter_limit(&mut row, |cursor| {
            work::mixed_values::<SHIFT>(cursor, COUNT)
        })
    };
    row
}

/// As many as stay in the nearest cache, so that the row is not about the others.
fn slice_row<const SHIFT: usize>(length: usize) -> Row {
    let count = 32 * 1024 / length;
    let bytes = &input::BYTES.0[..length];
    let mut row = Row::new(count);
    enter!(
        row,
        CAPACITY,
        move |arena| work::slices::<SHIFT>(arena, count, black_box(bytes)),
        all
    );
    // SAFETY: there is room, and bytes need no padding.
    unsafe {
        enter_limit(&mut row, move |cursor| {
            work::slices::<SHIFT>(cursor, count, black_box(bytes))
        })
    };
    row
}

fn text_row<const SHIFT: usize>() -> Row {
    let words: &[&str] = input::words(COUNT).leak();
    let mut row = Row::new(words.len());
    enter!(
        row,
        CAPACITY,
        |arena| work::texts::<SHIFT>(arena, words),
        all
    );
    assert!(words.iter().map(|word| word.len()).sum::<usize>() <= CAPACITY);
    // SAFETY: there is room, and text needs no padding.
    unsafe { enter_limit(&mut row, |cursor| work::texts::<SHIFT>(cursor, words)) };
    row
}

/// Through `Allocator::allocate`.
fn allocate_row<const SHIFT: usize>() -> Row {
    let layouts: &[Layout] = input::layouts(COUNT).leak();
    let mut row = Row::new(layouts.len());
    enter!(
        row,
        CAPACITY,
        |arena| work::allocates::<_, SHIFT>(arena, black_box(layouts)),
        with allocators
    );
    row
}

/// Through the arenas' own method.
fn layout_row<const SHIFT: usize>() -> Row {
    let layouts: &[Layout] = input::layouts(COUNT).leak();
    let mut row = Row::new(layouts.len());
    enter!(
        row,
        CAPACITY,
        |arena| work::layouts::<_, SHIFT>(arena, black_box(layouts)),
        [
            arenula::Arena, arenula::Arena<1>, stumpalo::Arena, Bump, TunedBump,
            bumpalo::Bump<1>, bumpalo::Bump<8>, Blink, DroplessArena,
        ]
    );
    row
}

fn push_row<const SHIFT: usize>() -> Row {
    let mut row = Row::new(COUNT);
    enter!(row, CAPACITY, |arena| work::pushes::<_, SHIFT>(arena, COUNT as u32), with allocators);
    // SAFETY: there is room, and values of one type need no padding between them.
    unsafe {
        enter_limit(&mut row, |cursor| {
            work::pushes_at_limit::<SHIFT>(cursor, COUNT as u32)
        })
    };
    row
}

fn exact_reserve_row<const SHIFT: usize>() -> Row {
    const COUNT: usize = 10_007;
    // The sum of all capacities, with padding, for those that move the vector at every growth.
    const CAPACITY: usize = COUNT * (COUNT / 2 + 8);
    let mut row = Row::new(COUNT);
    enter!(row, CAPACITY, |arena| work::exact_reserves::<_, SHIFT>(arena, COUNT), with allocators);
    row
}

fn map_row<const SHIFT: usize>() -> Row {
    let keys: &[u64] = input::keys(COUNT).leak();
    // One for all, since its random seed decides how well the keys are spread.
    let hasher: &DefaultHashBuilder = Box::leak(Box::default());
    let mut row = Row::new(keys.len());
    enter!(row, CAPACITY, |arena| work::inserts::<_, SHIFT>(arena, hasher, keys), with allocators);
    row
}

/// The one row that is about the global allocator as well.
fn life_row<const SHIFT: usize>() -> Row {
    const COUNT: usize = 1_000;
    fn enter_life<A: Arena, const SHIFT: usize>(row: &mut Row) {
        row.enter(A::NAME, || work::lives::<A, SHIFT>(COUNT));
    }

    let mut row = Row::new(COUNT);
    enter_life::<arenula::Arena, SHIFT>(&mut row);
    enter_life::<arenula::Arena<1>, SHIFT>(&mut row);
    enter_life::<stumpalo::Arena, SHIFT>(&mut row);
    enter_life::<Bump, SHIFT>(&mut row);
    enter_life::<TunedBump, SHIFT>(&mut row);
    enter_life::<bumpalo::Bump<1>, SHIFT>(&mut row);
    enter_life::<bumpalo::Bump<8>, SHIFT>(&mut row);
    enter_life::<Blink, SHIFT>(&mut row);
    enter_life::<multitude::Arena, SHIFT>(&mut row);
    enter_life::<DroplessArena, SHIFT>(&mut row);
    row
}

fn scope_row<const SHIFT: usize>() -> Row {
    fn enter_scopes<A: InScope, const SHIFT: usize>(row: &mut Row) {
        let mut arena = A::with_capacity(CAPACITY);
        row.enter(A::NAME, move || work::scopes::<A, SHIFT>(&mut arena, COUNT));
    }

    let mut row = Row::new(COUNT);
    enter_scopes::<arenula::Arena, SHIFT>(&mut row);
    enter_scopes::<arenula::Arena<1>, SHIFT>(&mut row);
    enter_scopes::<stumpalo::Arena, SHIFT>(&mut row);
    enter_scopes::<Bump, SHIFT>(&mut row);
    enter_scopes::<TunedBump, SHIFT>(&mut row);
    row
}
