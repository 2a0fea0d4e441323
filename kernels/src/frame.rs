//! Where cells lie on the map: the only row / column ↔ metre arithmetic of the project.
//!
//! A frame is a north-up raster lattice of square cells. Its border rule is one for all: a cell holds its
//! west and its north edge, `[west, east) × (south, north]`, so that every point belongs to one cell.

use crate::extent::Extent;
use crate::unit::Metres;

/// Tolerance, in cells, when a position is compared with the lattice (binary fractions such as 0.1 m).
const SLACK: f64 = 1e-6;

/// Whether cell centres or cell edges lie on multiples of the cell size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Registration {
    /// Cell centres on multiples of the cell size, as IGN's own elevation models.
    Node,
    /// Cell edges on multiples of the cell size, as most other rasters.
    Cell,
}

/// Cell size and registration of all rasters of one resolution: it lays frames that always fit each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gridding {
    /// Side of a cell.
    pub cell: Metres,
    /// What lies on multiples of the cell size.
    pub registration: Registration,
}

impl Gridding {
    /// The frame of all cells whose centre lies in `[west, east) × (south, north]` of `extent`.
    ///
    /// Frames of adjoining extents adjoin: no cell is missing and none is twice there.
    pub fn frame(&self, extent: &Extent) -> Frame {
        let shift = self.shift();
        let first = |edge: f64| (edge / self.cell.0 - shift - SLACK).ceil();
        let (west, east) = (first(extent.west), first(extent.east));
        let (north, south) = (first(-extent.north), first(-extent.south));
        self.at(west, north, (south - north) as usize, (east - west) as usize)
    }

    /// The frame of all cells that hold a point of `extent`, borders included by the border rule.
    pub fn covering(&self, extent: &Extent) -> Frame {
        let shift = self.shift() - 0.5;
        let holding = |edge: f64| (edge / self.cell.0 - shift + SLACK).floor();
        let (west, east) = (holding(extent.west), holding(extent.east));
        let (north, south) = (holding(-extent.north), holding(-extent.south));
        self.at(west, north, (south - north) as usize + 1, (east - west) as usize + 1)
    }

    /// Centre of cell 0, in cells from the origin of coordinates.
    fn shift(&self) -> f64 {
        match self.registration {
            Registration::Node => 0.0,
            Registration::Cell => 0.5,
        }
    }

    fn at(&self, col: f64, row: f64, rows: usize, cols: usize) -> Frame {
        let edge = self.shift() - 0.5;
        Frame {
            west: (col + edge) * self.cell.0,
            north: -(row + edge) * self.cell.0,
            cell: self.cell,
            rows,
            cols,
        }
    }
}

/// The lattice of one raster: outer north-west corner, cell size, rows from north to south, columns from
/// west to east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Western edge of the first column, metres.
    pub west: f64,
    /// Northern edge of the first row, metres.
    pub north: f64,
    /// Side of a cell.
    pub cell: Metres,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Frame {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// Whether the frame has no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Easting of the centres of a column.
    pub fn x(&self, col: usize) -> f64 {
        self.west + (col as f64 + 0.5) * self.cell.0
    }

    /// Northing of the centres of a row.
    pub fn y(&self, row: usize) -> f64 {
        self.north - (row as f64 + 0.5) * self.cell.0
    }

    /// The cell `(row, col)` that holds a position, or `None` outside.
    pub fn locate(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let col = ((x - self.west) / self.cell.0).floor();
        let row = ((self.north - y) / self.cell.0).floor();
        let inside = col >= 0.0 && row >= 0.0 && col < self.cols as f64 && row < self.rows as f64;
        inside.then_some((row as usize, col as usize))
    }

    /// Outer edges.
    pub fn extent(&self) -> Extent {
        Extent {
            west: self.west,
            south: self.north - self.rows as f64 * self.cell.0,
            east: self.west + self.cols as f64 * self.cell.0,
            north: self.north,
        }
    }

    /// The frame with `ring` more cells on each side.
    pub fn padded(&self, ring: usize) -> Frame {
        Frame {
            west: self.west - ring as f64 * self.cell.0,
            north: self.north + ring as f64 * self.cell.0,
            rows: self.rows + 2 * ring,
            cols: self.cols + 2 * ring,
            ..*self
        }
    }

    /// The cells that both frames of one lattice have; a frame without cells where there is none.
    pub fn intersection(&self, other: &Frame) -> Frame {
        let shift = |from: f64, to: f64| ((to - from) / self.cell.0).round() as isize;
        let (col, row) = (shift(self.west, other.west), shift(other.north, self.north));
        let first = (row.max(0), col.max(0));
        let last_row = (self.rows as isize).min(row + other.rows as isize).max(first.0);
        let last_col = (self.cols as isize).min(col + other.cols as isize).max(first.1);
        Frame {
            west: self.west + first.1 as f64 * self.cell.0,
            north: self.north - first.0 as f64 * self.cell.0,
            rows: (last_row - first.0) as usize,
            cols: (last_col - first.1) as usize,
            ..*self
        }
    }

    /// The smallest frame that holds all `frames` of one lattice; `None` where there is none.
    pub fn union(frames: impl IntoIterator<Item = Frame>) -> Option<Frame> {
        let mut frames = frames.into_iter();
        let first = frames.next()?;
        let extent = frames.fold(first.extent(), |extent, frame| extent.union(&frame.extent()));
        let cells = |span: f64| (span / first.cell.0).round() as usize;
        let (rows, cols) = (cells(extent.height().0), cells(extent.width().0));
        Some(Frame { west: extent.west, north: extent.north, rows, cols, cell: first.cell })
    }

    /// Squares of `side` cells that make up the frame, smaller at its eastern and southern edge, from north to south, then from
    /// west to east.
    ///
    /// # Panics
    /// Where the side is 0.
    pub fn squares(&self, side: usize) -> Vec<Frame> {
        let square = |row: usize, col: usize| Frame {
            west: self.west + col as f64 * self.cell.0,
            north: self.north - row as f64 * self.cell.0,
            rows: side.min(self.rows - row),
            cols: side.min(self.cols - col),
            ..*self
        };
        let rows = (0..self.rows).step_by(side);
        rows.flat_map(|row| (0..self.cols).step_by(side).map(move |col| square(row, col))).collect()
    }

    /// `(row, col)` of `part`'s first cell in this frame, where `part` lies wholly inside on the same lattice.
    pub fn offset_of(&self, part: &Frame) -> Option<(usize, usize)> {
        let col = (part.west - self.west) / self.cell.0;
        let row = (self.north - part.north) / self.cell.0;
        let aligned = (col - col.round()).abs() < 1e-3 && (row - row.round()).abs() < 1e-3;
        let (row, col) = (row.round(), col.round());
        let inside = row >= 0.0
            && col >= 0.0
            && row as usize + part.rows <= self.rows
            && col as usize + part.cols <= self.cols;
        (aligned && inside && self.cell == part.cell).then_some((row as usize, col as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KILOMETRE: Extent =
        Extent { west: 770_000.0, south: 6_277_000.0, east: 771_000.0, north: 6_278_000.0 };

    #[test]
    fn node_registration_lies_over_ign_tiles() {
        let frame = Gridding { cell: Metres(0.5), registration: Registration::Node }.frame(&KILOMETRE);
        assert_eq!((frame.west, frame.north), (769_999.75, 6_278_000.25));
        assert_eq!((frame.rows, frame.cols), (2000, 2000));
        assert_eq!((frame.x(0), frame.y(0)), (770_000.0, 6_278_000.0));
    }

    #[test]
    fn cell_registration_starts_at_the_corner() {
        let frame = Gridding { cell: Metres(0.5), registration: Registration::Cell }.frame(&KILOMETRE);
        assert_eq!((frame.west, frame.north), (770_000.0, 6_278_000.0));
        assert_eq!((frame.rows, frame.cols), (2000, 2000));
    }

    #[test]
    fn adjoining_tiles_adjoin_for_any_cell_size() {
        for cell in [0.1, 0.25, 0.3, 0.5, 0.7, 1.0, 3.0] {
            for registration in [Registration::Node, Registration::Cell] {
                let gridding = Gridding { cell: Metres(cell), registration };
                let whole = gridding.frame(&Extent { east: 772_000.0, ..KILOMETRE });
                let left = gridding.frame(&KILOMETRE);
                let right = gridding.frame(&Extent { west: 771_000.0, east: 772_000.0, ..KILOMETRE });
                assert_eq!(left.cols + right.cols, whole.cols, "cell {cell} {registration:?}");
                assert_eq!(whole.offset_of(&right), Some((0, left.cols)), "cell {cell} {registration:?}");
            }
        }
    }

    #[test]
    fn every_border_point_has_one_cell() {
        let frame = Frame { west: 0.0, north: 10.0, cell: Metres(1.0), rows: 10, cols: 10 };
        assert_eq!(frame.locate(0.0, 10.0), Some((0, 0)));
        assert_eq!(frame.locate(1.0, 9.0), Some((1, 1)));
        assert_eq!(frame.locate(10.0, 5.0), None);
        assert_eq!(frame.locate(5.0, 0.0), None);
    }

    #[test]
    fn the_intersection_is_what_both_have() {
        let frame = Frame { west: 0.0, north: 10.0, cell: Metres(1.0), rows: 10, cols: 10 };
        let other = Frame { west: 7.0, north: 12.0, ..frame };
        assert_eq!(frame.intersection(&other), Frame { west: 7.0, north: 10.0, rows: 8, cols: 3, ..frame });
        assert_eq!(frame.intersection(&other), other.intersection(&frame));
        assert!(frame.intersection(&Frame { west: 20.0, ..frame }).is_empty());
    }

    #[test]
    fn the_union_holds_all_frames() {
        let frame = Frame { west: 0.0, north: 10.0, cell: Metres(1.0), rows: 2, cols: 3 };
        let other = Frame { west: 7.0, north: 12.0, ..frame };
        let both = Frame { north: 12.0, rows: 4, cols: 10, ..frame };
        assert_eq!(Frame::union([frame, other]), Some(both));
        assert_eq!(Frame::union([]), None);
    }

    #[test]
    fn covering_holds_the_border_points() {
        let gridding = Gridding { cell: Metres(5.0), registration: Registration::Cell };
        let frame = gridding.covering(&Extent { west: 10.0, south: 3.0, east: 20.0, north: 17.0 });
        assert_eq!((frame.west, frame.north, frame.rows, frame.cols), (10.0, 20.0, 4, 3));
        assert!(frame.locate(20.0, 3.0).is_some());
    }
}
