//! A raster in memory: one value per cell of a frame, rows from north to south.

use crate::frame::Frame;

/// What a cell may hold. Each type has one missing value in memory; the nodata value of a file is
/// translated to it when the file is read, and back when it is written.
pub trait Sample: Copy + PartialEq + Send + Sync + 'static {
    /// The missing value.
    const MISSING: Self;
    /// Whether this is the missing value.
    fn is_missing(self) -> bool;
}

impl Sample for f32 {
    const MISSING: f32 = f32::NAN;
    fn is_missing(self) -> bool {
        self.is_nan()
    }
}

/// 0 is missing: bytes hold classes from 1, or shades from 1.
impl Sample for u8 {
    const MISSING: u8 = 0;
    fn is_missing(self) -> bool {
        self == 0
    }
}

/// A whole percentage; 255 is missing, so that 0 % is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Percent(pub u8);

impl Sample for Percent {
    const MISSING: Percent = Percent(255);
    fn is_missing(self) -> bool {
        self.0 == 255
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> f64 {
        f64::from(percent.0)
    }
}

impl Sample for i32 {
    const MISSING: i32 = i32::MIN;
    fn is_missing(self) -> bool {
        self == i32::MIN
    }
}

/// A frame and its values, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid<T> {
    frame: Frame,
    cells: Vec<T>,
}

impl<T: Copy> Grid<T> {
    /// A grid of one value.
    pub fn filled(frame: Frame, value: T) -> Grid<T> {
        Grid { frame, cells: vec![value; frame.len()] }
    }

    /// A grid of these values, rows from north to south.
    ///
    /// # Panics
    /// Where the number of values is not the frame's: the caller built both.
    pub fn new(frame: Frame, cells: Vec<T>) -> Grid<T> {
        assert_eq!(frame.len(), cells.len(), "a grid needs one value per cell of its frame");
        Grid { frame, cells }
    }

    /// Where the cells lie.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// All values, row by row.
    pub fn cells(&self) -> &[T] {
        &self.cells
    }

    /// All values, to be changed in place.
    pub fn cells_mut(&mut self) -> &mut [T] {
        &mut self.cells
    }

    /// The values without their frame.
    pub fn into_cells(self) -> Vec<T> {
        self.cells
    }

    /// The value of a cell.
    pub fn at(&self, row: usize, col: usize) -> T {
        self.cells[row * self.frame.cols + col]
    }

    /// One row from west to east.
    pub fn row(&self, row: usize) -> &[T] {
        &self.cells[row * self.frame.cols..(row + 1) * self.frame.cols]
    }

    /// The part of this grid that `part` covers.
    ///
    /// # Panics
    /// Where `part` is not wholly inside on the same lattice: the engine lays both frames.
    pub fn cropped(&self, part: &Frame) -> Grid<T> {
        let (row, col) =
            self.frame.offset_of(part).expect("a crop lies inside its grid, on the same lattice");
        let mut cells = Vec::with_capacity(part.len());
        for r in row..row + part.rows {
            cells.extend_from_slice(&self.row(r)[col..col + part.cols]);
        }
        Grid { frame: *part, cells }
    }

    /// The same, without a copy where the part is the whole.
    ///
    /// # Panics
    /// Where `part` does not lie inside.
    pub fn into_cropped(self, part: &Frame) -> Grid<T> {
        if self.frame == *part { self } else { self.cropped(part) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Metres;

    #[test]
    fn a_crop_keeps_the_place_of_each_value() {
        let frame = Frame { west: 0.0, north: 4.0, cell: Metres(1.0), rows: 4, cols: 5 };
        let grid = Grid::new(frame, (0..20).collect());
        let part = Frame { west: 2.0, north: 3.0, rows: 2, cols: 2, ..frame };
        assert_eq!(grid.cropped(&part).cells(), &[7, 8, 12, 13]);
    }
}
