//! Arenas together with what was built in them: arenula beside crates for values that borrow from themselves, over
//! bumpalo's arena.
//!
//! ```text
//! cargo bench -p peers --bench owned                      # criterion, one after another
//! cargo bench -p peers --bench owned -- --interleaved     # all contenders of a row in turn
//! ```
//!
//! All of them end in a table of medians.

mod contenders;
mod work;

use peers::{Comparison, Row, builds};

use crate::contenders::{Again, COLUMNS, Cell, Frames, Fresh, Lives, Plain, Vecs, Warm, Yoked};

/// The nodes of a large tree: all of a binary one.
const NODES: usize = (1 << 11) - 1;

/// The owners of a row in which they are read.
const OWNERS: usize = 1000;

/// The values of a frame.
const VALUES: usize = 1000;

fn main() {
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);
    comparison.run("life of 1 node", builds!(SHIFT => life_row::<1, SHIFT>()));
    comparison.run(
        "life of 2047 nodes",
        builds!(SHIFT => life_row::<NODES, SHIFT>()),
    );
    comparison.run("read", builds!(SHIFT => read_row::<SHIFT>()));
    comparison.run("frame", builds!(SHIFT => frame_row::<SHIFT>()));
    comparison.finish();
}

/// An owner is made, read and dropped. An operation is a node.
fn life_row<const COUNT: usize, const SHIFT: usize>() -> Row {
    fn enter<L: Lives, const COUNT: usize, const SHIFT: usize>(row: &mut Row) {
        let mut state = L::default();
        row.enter(L::NAME, move || work::life::<L, SHIFT>(&mut state, COUNT));
    }

    let mut row = Row::new(COUNT);
    enter::<Fresh, COUNT, SHIFT>(&mut row);
    enter::<Warm, COUNT, SHIFT>(&mut row);
    enter::<Cell, COUNT, SHIFT>(&mut row);
    enter::<Yoked, COUNT, SHIFT>(&mut row);
    enter::<Plain, COUNT, SHIFT>(&mut row);
    row
}

/// Owners are read that were made before.
fn read_row<const SHIFT: usize>() -> Row {
    fn enter<L: Lives, const SHIFT: usize>(row: &mut Row)
    where
        L::Owner: 'static,
    {
        let owners: Vec<L::Owner> = (0..OWNERS).map(|_| L::make(7)).collect();
        row.enter(L::NAME, move || work::reads::<L, SHIFT>(&owners));
    }

    let mut row = Row::new(OWNERS);
    enter::<Fresh, SHIFT>(&mut row);
    enter::<Cell, SHIFT>(&mut row);
    enter::<Yoked, SHIFT>(&mut row);
    row
}

/// A frame is made of the last one. An operation is a value.
fn frame_row<const SHIFT: usize>() -> Row {
    fn enter<F: Frames + 'static, const SHIFT: usize>(row: &mut Row) {
        let mut frames = F::make(VALUES);
        row.enter(F::NAME, move || work::frame::<F, SHIFT>(&mut frames));
    }

    let mut row = Row::new(VALUES);
    enter::<contenders::Buffer, SHIFT>(&mut row);
    enter::<Again, SHIFT>(&mut row);
    enter::<contenders::CellAgain, SHIFT>(&mut row);
    enter::<Vecs, SHIFT>(&mut row);
    row
}
