//! The points of one block of the map with its ring, sorted into the columns of a fine grid.
//!
//! In: points, their returns and heights. Out: for each cell its points that are no ground, from low to high,
//! and the highest ground below. The grid lies on multiples of its cell in the CRS, whatever the block, so
//! that a column is the same column in every tiling. Cost: a counting sort and short sorts, 20 ns a point.

use super::{Given, Returns};
use crate::points::{Lattice, Points};

/// Cells around the grid that stay empty, so that windows of nine cells need no test of borders.
pub(super) const MARGIN: usize = 4;

/// The point is one of several returns of its pulse.
pub(super) const SEVERAL: u8 = 1;
/// A later return of the same pulse went through below it.
pub(super) const PASSED: u8 = 2;

/// A point of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// Units east of the grid's western edge.
    pub(super) x: i32,
    /// Units south of the grid's northern edge.
    pub(super) y: i32,
    /// Units above the vertical datum.
    pub(super) z: i32,
    /// Metres above the ground.
    pub(super) height: f32,
    /// Number of the point in the cloud.
    pub(super) number: u32,
    /// [`SEVERAL`], [`PASSED`].
    pub(super) pulse: u8,
}

/// Where the cells of a block lie: whole cells from the origin of coordinates, rows counted from north.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) west: i64,
    pub(super) north: i64,
    pub(super) cols: usize,
    pub(super) rows: usize,
}

/// The columns of a block.
pub(super) struct Columns {
    pub(super) cols: usize,
    pub(super) rows: usize,
    /// Side of a cell, metres.
    pub(super) side: f32,
    pub(super) lattice: Lattice,
    /// First member of each cell, and the number of members at the end.
    starts: Vec<u32>,
    pub(super) members: Vec<Member>,
    /// Highest ground point of each cell, units above the datum; `i32::MIN` where there is none.
    pub(super) ground: Vec<i32>,
}

impl Columns {
    /// The columns of a window, from the numbers of the points in it.
    pub(super) fn sort(cloud: &super::Cloud, window: &Window, numbers: &[u32], side: f64) -> Columns {
        let mut columns = Columns {
            cols: window.cols + 2 * MARGIN,
            rows: window.rows + 2 * MARGIN,
            side: side as f32,
            lattice: cloud.points.lattice,
            starts: Vec::new(),
            members: Vec::new(),
            ground: Vec::new(),
        };
        columns.ground = vec![i32::MIN; columns.len()];
        let mut starts = vec![0u32; columns.len() + 2];
        let places: Vec<u32> = numbers.iter().map(|&i| columns.place(cloud, window, i, side)).collect();
        for (&place, &number) in places.iter().zip(numbers) {
            match cloud.given(number) {
                Given::Object => starts[place as usize + 2] += 1,
                Given::Ground => {
                    let ground = &mut columns.ground[place as usize];
                    *ground = (*ground).max(cloud.points.z[number as usize]);
                }
                Given::Other => {}
            }
        }
        let mut sum = 0;
        starts.iter_mut().for_each(|start| {
            sum += *start;
            *start = sum;
        });
        columns.fill(cloud, window, side, numbers, &places, starts);
        columns
    }

    fn fill(
        &mut self,
        cloud: &super::Cloud,
        window: &Window,
        side: f64,
        numbers: &[u32],
        places: &[u32],
        mut starts: Vec<u32>,
    ) {
        let (west, north) = origin(window, side, &self.lattice);
        let empty = Member { x: 0, y: 0, z: 0, height: 0.0, number: 0, pulse: 0 };
        let mut members = vec![empty; starts.last().copied().unwrap_or(0) as usize];
        for (&place, &number) in places.iter().zip(numbers) {
            if cloud.given(number) != Given::Object {
                continue;
            }
            let i = number as usize;
            let next = &mut starts[place as usize + 1];
            members[*next as usize] = Member {
                x: (self.lattice.x0 + i64::from(cloud.points.x[i]) - west) as i32,
                y: (north - self.lattice.y0 - i64::from(cloud.points.y[i])) as i32,
                z: cloud.points.z[i],
                height: cloud.height[i],
                number,
                pulse: pulse(cloud.returns, i),
            };
            *next += 1;
        }
        starts.pop();
        for pair in starts.windows(2) {
            members[pair[0] as usize..pair[1] as usize].sort_unstable_by_key(|m| (m.z, m.x, m.y, m.number));
        }
        self.starts = starts;
        self.members = members;
    }

    fn place(&self, cloud: &super::Cloud, window: &Window, number: u32, side: f64) -> u32 {
        let (col, row) = cell_of(cloud.points, number as usize, side);
        let (col, row) = ((col - window.west) as usize + MARGIN, (row - window.north) as usize + MARGIN);
        (row * self.cols + col) as u32
    }

    /// Number of cells, the margin included.
    pub(super) fn len(&self) -> usize {
        self.cols * self.rows
    }

    /// The members of a cell, from low to high.
    pub(super) fn of(&self, cell: usize) -> &[Member] {
        &self.members[self.range(cell)]
    }

    /// Where the members of a cell stand.
    pub(super) fn range(&self, cell: usize) -> std::ops::Range<usize> {
        self.starts[cell] as usize..self.starts[cell + 1] as usize
    }

    /// The cells inside of the margin.
    pub(super) fn inner(&self) -> impl Iterator<Item = usize> + use<> {
        let (cols, rows) = (self.cols, self.rows);
        (MARGIN..rows - MARGIN).flat_map(move |row| (MARGIN..cols - MARGIN).map(move |col| row * cols + col))
    }

    /// Whether a cell lies in the empty margin.
    pub(super) fn is_margin(&self, cell: usize) -> bool {
        let (row, col) = (cell / self.cols, cell % self.cols);
        row < MARGIN || col < MARGIN || row >= self.rows - MARGIN || col >= self.cols - MARGIN
    }

    /// Sums over the square of so many cells to each side, at most [`MARGIN`].
    pub(super) fn sums(&self, values: Vec<u32>, reach: usize) -> Vec<u32> {
        self.squares(&values, 0, reach, |a, b| a + b)
    }

    /// Highest values within so many cells to each side, at most [`MARGIN`].
    pub(super) fn highest(&self, values: &[f32], reach: usize) -> Vec<f32> {
        self.squares(values, f32::MIN, reach, f32::max)
    }

    fn squares<T: Copy>(&self, values: &[T], none: T, reach: usize, join: impl Fn(T, T) -> T) -> Vec<T> {
        let along = |values: &[T], step: usize| {
            let mut out = vec![none; values.len()];
            let ends = MARGIN * self.cols..(self.rows - MARGIN) * self.cols;
            let ends = if step == 1 { MARGIN..values.len() - MARGIN } else { ends };
            for cell in ends {
                let first = cell - reach * step;
                out[cell] = (0..=2 * reach).map(|k| values[first + k * step]).fold(none, &join);
            }
            out
        };
        along(&along(values, 1), self.cols)
    }

    /// The eight cells around a cell, row by row.
    pub(super) fn around(&self, cell: usize) -> [usize; 8] {
        let cols = self.cols;
        [
            cell - cols - 1,
            cell - cols,
            cell - cols + 1,
            cell - 1,
            cell + 1,
            cell + cols - 1,
            cell + cols,
            cell + cols + 1,
        ]
    }

    /// Metres east and south from the corner of the grid to the middle of a cell.
    pub(super) fn middle(&self, cell: usize) -> (f64, f64) {
        let half = |index: usize| (index as f64 - MARGIN as f64 + 0.5) * f64::from(self.side);
        (half(cell % self.cols), half(cell / self.cols))
    }

    /// Metres east and south from the middle of a cell to one of its members.
    pub(super) fn offset(&self, cell: usize, member: &Member) -> (f32, f32) {
        let (east, south) = self.middle(cell);
        let metres = |units: i32| f64::from(units) / f64::from(self.lattice.per_metre);
        ((metres(member.x) - east) as f32, (metres(member.y) - south) as f32)
    }

    /// A height above the datum, metres.
    pub(super) fn metres_up(&self, z: i32) -> f32 {
        z as f32 / self.lattice.per_metre_up as f32
    }
}

/// Cell of a point: whole cells from the origin of coordinates; west and north edges belong to a cell.
pub(super) fn cell_of(points: &Points, i: usize, side: f64) -> (i64, i64) {
    let lattice = &points.lattice;
    let east = lattice.easting(points.x[i]) / side;
    let south = -lattice.northing(points.y[i]) / side;
    (east.floor() as i64, south.floor() as i64)
}

/// Western and northern edge of a window, in units of the lattice from the origin of coordinates.
fn origin(window: &Window, side: f64, lattice: &Lattice) -> (i64, i64) {
    let units = |cells: i64| (cells as f64 * side * f64::from(lattice.per_metre)).round() as i64;
    (units(window.west), -units(window.north))
}

fn pulse(returns: Returns, i: usize) -> u8 {
    let (number, count) = (returns.number[i], returns.count[i]);
    u8::from(count > 1) * SEVERAL + u8::from(number < count) * PASSED
}
