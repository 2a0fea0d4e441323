//! Points into cells: the highest point of a cell, and how many points each class group has there.
//!
//! In: columns of points on an integer lattice. Out: grids that only grow (a maximum, a count), so that
//! neither the order of the points nor the tiling changes anything. The border rule is the frame's:
//! `[west, east) × (south, north]`. Cost: about 3 ns a point, while its batch is in cache.

use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::points::Lattice;

/// The cell of a point that lies outside of the frame, or is not wanted.
pub const NOWHERE: u32 = u32::MAX;

/// Points are whole units, so a millionth of a unit decides a border without moving any other point; it
/// is far above the rounding of the arithmetic.
const BORDER: f64 = 1e-6;

/// From lattice units to the cells of one frame.
#[derive(Debug, Clone, Copy)]
pub struct Binning {
    west: f64,
    north: f64,
    cells_per_unit: f64,
    rows: f64,
    cols: f64,
}

impl Binning {
    /// How points on `lattice` fall into `frame`.
    pub fn new(frame: &Frame, lattice: &Lattice) -> Binning {
        let units = f64::from(lattice.per_metre);
        Binning {
            west: frame.west * units - lattice.x0 as f64,
            north: frame.north * units - lattice.y0 as f64,
            cells_per_unit: 1.0 / (frame.cell.0 * units),
            rows: frame.rows as f64,
            cols: frame.cols as f64,
        }
    }

    /// The cell index of each point, [`NOWHERE`] outside of the frame.
    pub fn locate(&self, x: &[i32], y: &[i32], cells: &mut Vec<u32>) {
        cells.clear();
        cells.extend(x.iter().zip(y).map(|(&x, &y)| {
            let col = (f64::from(x) - self.west + BORDER) * self.cells_per_unit;
            let row = (self.north - f64::from(y) + BORDER) * self.cells_per_unit;
            let inside = (col >= 0.0) & (row >= 0.0) & (col < self.cols) & (row < self.rows);
            // Inside, cutting the fraction off is rounding down, without a call to the mathematics library.
            if inside { row as u32 * self.cols as u32 + col as u32 } else { NOWHERE }
        }));
    }
}

/// Raises each cell to the highest `z` of its points; `wanted` says which classes count.
pub fn raise(highest: &mut [i32], cells: &[u32], z: &[i32], class: &[u8], wanted: &[bool; 256]) {
    for ((&cell, &z), &class) in cells.iter().zip(z).zip(class) {
        if wanted[usize::from(class)]
            && let Some(top) = highest.get_mut(cell as usize)
        {
            *top = (*top).max(z);
        }
    }
}

/// Counts each point in the layer of its class group; `group` is 255 for classes that do not count.
///
/// Cell `c` of group `g` is `counts[c * groups + g]`: the counts of a cell lie side by side, so that a
/// point touches one cache line. Counts stop at 65 535.
pub fn tally(counts: &mut [u16], groups: usize, cells: &[u32], class: &[u8], group: &[u8; 256]) {
    for (&cell, &class) in cells.iter().zip(class) {
        let group = usize::from(group[usize::from(class)]);
        if group < groups
            && cell != NOWHERE
            && let Some(count) = counts.get_mut(cell as usize * groups + group)
        {
            *count = count.saturating_add(1);
        }
    }
}

/// Lattice heights as metres; cells without a point become missing.
pub fn heights(highest: &Grid<i32>, lattice: &Lattice) -> Grid<f32> {
    let metre = f64::from(lattice.per_metre_up);
    crate::par::rows(*highest.frame(), f32::MISSING, |row, cells| {
        for (cell, &z) in cells.iter_mut().zip(highest.row(row)) {
            if !z.is_missing() {
                *cell = (f64::from(z) / metre) as f32;
            }
        }
    })
}

/// Points per square metre of one group, or of all groups together where `group` is `None`.
///
/// A cell without a point is 0, not missing: that it was not seen is what the product says.
pub fn density(frame: &Frame, counts: &[u16], groups: usize, group: Option<usize>) -> Grid<f32> {
    let area = frame.cell.0 * frame.cell.0;
    crate::par::rows(*frame, 0.0, |row, cells| {
        let counts = &counts[row * frame.cols * groups..];
        for (cell, counts) in cells.iter_mut().zip(counts.chunks_exact(groups)) {
            let seen: u32 = match group {
                Some(group) => u32::from(counts[group]),
                None => counts.iter().map(|&count| u32::from(count)).sum(),
            };
            *cell = (f64::from(seen) / area) as f32;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Metres;

    const LATTICE: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 0, y0: 0 };
    const FRAME: Frame = Frame { west: 0.0, north: 2.0, cell: Metres(0.5), rows: 4, cols: 4 };

    fn cells_of(points: &[(i32, i32)]) -> Vec<u32> {
        let (x, y): (Vec<i32>, Vec<i32>) = points.iter().copied().unzip();
        let mut cells = Vec::new();
        Binning::new(&FRAME, &LATTICE).locate(&x, &y, &mut cells);
        cells
    }

    #[test]
    fn a_cell_holds_its_west_and_its_north_edge() {
        assert_eq!(cells_of(&[(0, 200), (50, 150), (49, 151), (199, 1)]), [0, 5, 0, 15]);
        assert_eq!(cells_of(&[(200, 100), (100, 0), (-1, 100), (100, 201)]), [NOWHERE; 4]);
    }

    #[test]
    fn the_border_rule_does_not_depend_on_where_a_frame_starts() {
        let third = Metres(1.0 / 3.0);
        for first in 0..500 {
            let frame =
                Frame { west: f64::from(first) / 3.0, north: 100.0, cell: third, rows: 900, cols: 900 };
            let mut cells = Vec::new();
            Binning::new(&frame, &LATTICE).locate(&[20_000], &[5_000], &mut cells);
            assert_eq!(cells, [150 * 900 + (600 - first as u32)], "frame that starts at column {first}");
        }
    }

    #[test]
    fn the_highest_wanted_point_wins() {
        let mut wanted = [false; 256];
        wanted[2] = true;
        let mut highest = Grid::filled(FRAME, i32::MISSING);
        raise(highest.cells_mut(), &[0, 0, 0, NOWHERE], &[5, 9, 99, 7], &[2, 2, 6, 2], &wanted);
        assert_eq!(highest.at(0, 0), 9);
        assert!(highest.at(0, 1).is_missing());
        assert_eq!(heights(&highest, &LATTICE).at(0, 0), 0.09);
    }

    #[test]
    fn densities_of_groups_add_up_to_that_of_all() {
        let mut group = [255; 256];
        (group[2], group[6]) = (0, 1);
        let mut counts = vec![0; FRAME.len() * 2];
        tally(&mut counts, 2, &[3, 3, 3, 3], &[2, 6, 6, 7], &group);
        let of = |group| density(&FRAME, &counts, 2, group).at(0, 3);
        assert_eq!((of(Some(0)), of(Some(1)), of(None)), (4.0, 8.0, 12.0));
    }
}
