//! The comparison of one crate with its peers: rows of work, a column for each contender, and the ways to measure them,
//! which end in the same table.
//!
//! ```text
//! cargo bench -p peers --bench NAME -- PART                  # criterion, one after another; ids with this in them
//! cargo bench -p peers --bench NAME -- --interleaved PART    # all contenders of a row in turn
//! cargo bench -p peers --bench NAME -- --count PART          # instructions of an operation, by callgrind
//! ```
//!
//! With `--interleaved`, `--quick` takes fewer rounds, and fewer objects where a row has a great many. With it or with
//! `--count`, `--record PATH` appends to a file what will be measured and, once it is known, what was: see [`Record`].
//!
//! Where an operation costs a few cycles, it matters where the machine code of its loop happens to
//! lie, and where the memory that it works on: the same instructions can take half as long again,
//! and any change to the program deals the cards anew. So a [`Comparison`] takes every row in
//! several builds, which differ in just that, and counts for each contender the median of its best
//! build: everyone gets as many chances, and what is left is the cost of the work.

mod callgrind;
mod comparison;
mod counted;
mod figures;
mod heap;
mod interleaved;
mod options;
mod placement;
mod record;
mod row;
mod sequential;
mod spread;
mod table;
mod timed;

pub use crate::comparison::{Column, Comparison, Role};
pub use crate::figures::Figures;
pub use crate::heap::{Heap, taken};
pub use crate::interleaved::turn_order;
pub use crate::placement::place_code;
pub use crate::record::Record;
pub use crate::row::{Axis, Build, Point, Routine, Row};
pub use crate::spread::{Spread, median};
pub use crate::table::Aligned;
pub use crate::timed::{timed, timed_in_threads};
