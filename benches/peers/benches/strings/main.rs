//! Text that grows, and maps, in an arena: arenula beside its peers and beside the heap.
//!
//! ```text
//! cargo bench -p peers --bench strings                        # criterion, one after another
//! cargo bench -p peers --bench strings -- push                # only what has this in its name
//! cargo bench -p peers --bench strings -- --interleaved       # all contenders of a row in turn
//! cargo bench -p peers --bench strings -- --interleaved push
//! ```
//!
//! All of them end in a table of medians. Of the two ways, the interleaved one is fairer on a
//! machine that has other things to do.
//!
//! Each container is made, filled and dropped while the clock runs; arenas are warm, and reset after a
//! pass. The column `heap` is the standard library's `String` and `hashbrown`'s map in the memory of the
//! global allocator.

mod contenders;
#[path = "../arena/input.rs"]
#[allow(dead_code, reason = "the other benchmark needs more of it")]
mod input;
mod work;

use bump_scope::Bump;
use hashbrown::DefaultHashBuilder;
use peers::{Comparison, Row, builds};

use crate::contenders::{COLUMNS, Heap, Texts};

/// Enough for a pass of every row.
const CAPACITY: usize = 4 << 20;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);

    comparison.run("push, 1000 ASCII", builds!(SHIFT => push_row::<SHIFT>("e")));
    comparison.run(
        "push, 1000 mixed",
        builds!(SHIFT => push_row::<SHIFT>("der Weißstorch grüßt: λόγος 𝄞, ")),
    );
    comparison.run(
        "push_str, 1000 words",
        builds!(SHIFT => word_row::<SHIFT>(1000, 1)),
    );
    comparison.run(
        "push_str, 10 words",
        builds!(SHIFT => word_row::<SHIFT>(10, 100)),
    );
    comparison.run(
        "format!, small",
        builds!(SHIFT => small_format_row::<SHIFT>()),
    );
    comparison.run(
        "format!, large",
        builds!(SHIFT => large_format_row::<SHIFT>()),
    );
    comparison.run("map of 8", builds!(SHIFT => map_row::<SHIFT>(8)));
    comparison.run("map of 100", builds!(SHIFT => map_row::<SHIFT>(100)));
    comparison.run("map of 10 000", builds!(SHIFT => map_row::<SHIFT>(10_000)));
    comparison.run(
        "map of 100 texts",
        builds!(SHIFT => text_map_row::<SHIFT>(100)),
    );
    comparison.run(
        "map of 10 000 texts",
        builds!(SHIFT => text_map_row::<SHIFT>(10_000)),
    );

    comparison.finish();
}

/// Enters, for each of the contenders, the work that a closure does with it.
macro_rules! enter {
    ($row:ident, $work:expr) => {
        enter::<arenula::Arena>(&mut $row, $work);
        enter::<arenula::Arena<1>>(&mut $row, $work);
        enter::<Bump>(&mut $row, $work);
        enter::<bumpalo::Bump>(&mut $row, $work);
        enter::<Heap>(&mut $row, $work);
    };
}

fn enter<T: Texts>(row: &mut Row, work: impl Fn(&T) + 'static) {
    let mut memory = T::with_capacity(CAPACITY);
    row.enter(T::NAME, move || {
        work(&memory);
        memory.reset();
    });
}

/// An operation is a character.
fn push_row<const SHIFT: usize>(pattern: &'static str) -> Row {
    const COUNT: usize = 1000;
    let chars: &[char] = pattern
        .chars()
        .cycle()
        .take(COUNT)
        .collect::<Vec<_>>()
        .leak();
    let mut row = Row::new(COUNT);
    enter!(row, |memory| work::pushes::<_, SHIFT>(memory, chars));
    row
}

/// An operation is a word.
fn word_row<const SHIFT: usize>(words: usize, texts: usize) -> Row {
    let all: &[&str] = input::words(words * texts).leak();
    let mut row = Row::new(all.len());
    enter!(row, move |memory| work::words::<_, SHIFT>(
        memory, all, words
    ));
    row
}

/// An operation is a text.
fn small_format_row<const SHIFT: usize>() -> Row {
    const COUNT: usize = 1000;
    let words: &[&str] = input::words(COUNT).leak();
    let mut row = Row::new(COUNT);
    enter!(row, |memory| work::small_formats::<_, SHIFT>(memory, words));
    row
}

/// An operation is a text, of some 8 KiB.
fn large_format_row<const SHIFT: usize>() -> Row {
    let words: &[&str] = input::words(1000).leak();
    let mut row = Row::new(1);
    enter!(row, |memory| work::large_format::<_, SHIFT>(memory, words));
    row
}

/// An operation is an insertion, with a part of what the map costs as a whole.
fn map_row<const SHIFT: usize>(count: usize) -> Row {
    let maps = (1000 / count).max(1);
    let keys: &[u64] = input::keys(count * maps).leak();
    // One for all, since its random seed decides how well the keys are spread.
    let hasher: &DefaultHashBuilder = Box::leak(Box::default());
    let mut row = Row::new(keys.len());
    enter!(row, move |memory| work::maps::<_, SHIFT>(
        memory, hasher, keys, count
    ));
    row
}

/// An operation is an insertion, with a copy of the key in the same memory.
fn text_map_row<const SHIFT: usize>(count: usize) -> Row {
    let words = input::words(count);
    let keys = words
        .iter()
        .enumerate()
        .map(|(number, word)| format!("{word} {number}"));
    let keys: &[String] = keys.collect::<Vec<_>>().leak();
    let hasher: &DefaultHashBuilder = Box::leak(Box::default());
    let mut row = Row::new(keys.len());
    enter!(row, |memory| work::maps_of_text::<_, SHIFT>(
        memory, hasher, keys
    ));
    row
}
