//! Who is near whom: the field in squares, with the numbers of the bodies in each.

use arenula::Arena;

use crate::world::Body;

/// Lies in the memory of a frame, as all that it is made of.
#[derive(Clone, Copy)]
pub struct Grid<'a> {
    cell: i32,
    /// How many cells there are in a row, and how many rows.
    columns: usize,
    /// Where each cell begins in `bodies`; and where the last one ends.
    starts: &'a [u32],
    /// The numbers of all rocks, cell by cell.
    bodies: &'a [u32],
}

impl<'a> Grid<'a> {
    pub const EMPTY: Grid<'static> = Grid {
        cell: 1,
        columns: 0,
        starts: &[],
        bodies: &[],
    };

    /// Sorts the rocks among `all` by their cells, of which none is smaller than `cell`.
    pub fn new(all: &[Body], side: i32, cell: i32, arena: &'a Arena) -> Self {
        let columns = (side / cell).max(1) as usize;
        let mut grid = Grid {
            // So that the last row ends where the field does.
            cell: side / columns as i32 + 1,
            columns,
            ..Grid::EMPTY
        };
        let rocks = || (0..).zip(all).filter(|(_, body)| body.is_rock);
        let starts = arena.alloc_slice_fill_copy(columns * columns + 1, 0);
        for (_, body) in rocks() {
            starts[grid.cell_of(body)] += 1;
        }
        let mut sum = 0;
        for start in &mut *starts {
            sum += *start;
            *start = sum;
        }
        // Of the length of all, so that a frame takes as much memory as the last one.
        let bodies = arena.alloc_slice_fill_copy(all.len(), 0);
        for (number, body) in rocks() {
            let start = &mut starts[grid.cell_of(body)];
            *start -= 1;
            bodies[*start as usize] = number;
        }
        (grid.starts, grid.bodies) = (starts, &bodies[..sum as usize]);
        grid
    }

    fn cell_of(&self, body: &Body) -> usize {
        let [x, y] = body.place.map(|along| (along / self.cell) as usize);
        y * self.columns + x
    }

    /// The rocks in the body's cell, and in those around it.
    pub fn near(&self, body: &Body) -> impl Iterator<Item = usize> + use<'a> {
        let Grid {
            columns,
            starts,
            bodies,
            ..
        } = *self;
        let cell = self.cell_of(body);
        let (x, y) = (cell % columns, cell / columns);
        let around = move |at: usize| at.saturating_sub(1)..=(at + 1).min(columns - 1);
        around(y).flat_map(move |row| {
            let row = row * columns;
            let (first, last) = (row + around(x).start(), row + around(x).end());
            let numbers = &bodies[starts[first] as usize..starts[last + 1] as usize];
            numbers.iter().map(|number| *number as usize)
        })
    }
}
