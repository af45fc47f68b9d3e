//! The comparison of one crate with its peers: rows of work, a column for each contender, and the ways to measure them,
//! which end in the same table.
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
pub use crate::interleaved::turn_order;
pub use crate::placement::place_code;
pub use crate::record::Record;
pub use crate::row::{Axis, Build, Point, Routine, Row};
pub use crate::spread::{Spread, median};
pub use crate::table::Aligned;
pub use crate::timed::{timed, timed_in_threads};
