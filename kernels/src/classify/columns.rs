//! The points of one block of the map with its ring, sorted into the columns of a fine grid.
//!
//! In: points, their returns and heights. Out: for each cell its points that are no ground, from low to high,
//! and the highest ground below. The grid lies on multiples of its cell in the CRS, whatever the block, so
//! that a column is the same column in every tiling. Cost: a counting sort and short sorts, 20 ns a point.

use std::collections::HashMap;

use super::{BLOCK, Cloud, Given, RING};
use crate::points::{Lattice, Points};
use crate::unit::Metres;

/// Cells around the grid that stay empty, so that windows of nine cells need no test of borders.
pub(super) const MARGIN: usize = 4;

/// The point is one of several returns of its pulse.
pub(super) const SEVERAL: u8 = 1;
/// A later return of the same pulse went through below it.
pub(super) const PASSED: u8 = 2;

/// A point of a column.
#[derive(Debug, Clone, Copy, Default)]
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

/// Squares along the side of a block. The ring of a block is one square wide.
const ALONG: i64 = (BLOCK.0 / RING.0) as i64;

/// The points of a cloud, sorted into squares as wide as the ring of a block.
pub(super) struct Squares {
    /// Units of the lattice in a cell, and cells in a square.
    cell: i64,
    along: i64,
    /// Number of each square, by its column and row from the origin of coordinates.
    numbers: HashMap<(i64, i64), u32>,
    /// First point of each square, in `order`.
    starts: Vec<u32>,
    order: Vec<u32>,
}

impl Squares {
    pub(super) fn of(points: &Points, cell: Metres) -> Squares {
        let per_metre = f64::from(points.lattice.per_metre);
        let cell = (cell.0 * per_metre).round().max(1.0);
        let along = (RING.0 * per_metre / cell).round().max(1.0);
        let (cell, along) = (cell as i64, along as i64);
        let mut squares =
            Squares { cell, along, numbers: HashMap::new(), starts: vec![0, 0], order: Vec::new() };
        let mut last = ((i64::MIN, i64::MIN), 0);
        let side = Divisor::new(cell * along);
        let of: Vec<u32> = (0..points.len())
            .map(|i| {
                let (east, south) = place(points, i);
                let square = (side.floor(east), side.floor(south));
                if square != last.0 {
                    let next = squares.numbers.len() as u32;
                    last = (square, *squares.numbers.entry(square).or_insert(next));
                    squares.starts.resize(squares.numbers.len() + 2, 0);
                }
                squares.starts[last.1 as usize + 2] += 1;
                last.1
            })
            .collect();
        squares.sort(&of);
        squares
    }

    fn sort(&mut self, of: &[u32]) {
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.order = vec![0; of.len()];
        for (&square, number) in of.iter().zip(0..) {
            let next = &mut self.starts[square as usize + 1];
            self.order[*next as usize] = number;
            *next += 1;
        }
    }

    /// The blocks that hold points, by column and row.
    pub(super) fn blocks(&self) -> Vec<(i64, i64)> {
        let block = |square: &(i64, i64)| (square.0.div_euclid(ALONG), square.1.div_euclid(ALONG));
        let mut blocks: Vec<(i64, i64)> = self.numbers.keys().map(block).collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// The points of a block and of its ring.
    fn around(&self, (col, row): (i64, i64)) -> Vec<u32> {
        let mut points = Vec::new();
        for row in row * ALONG - 1..=(row + 1) * ALONG {
            for col in col * ALONG - 1..=(col + 1) * ALONG {
                if let Some(&square) = self.numbers.get(&(col, row)) {
                    let square = square as usize;
                    let range = self.starts[square] as usize..self.starts[square + 1] as usize;
                    points.extend_from_slice(&self.order[range]);
                }
            }
        }
        points
    }
}

/// Floors of quotients by one divisor, without the processor's slow division: exact for values below 2⁵³.
struct Divisor {
    by: i64,
    inverse: f64,
}

impl Divisor {
    fn new(by: i64) -> Divisor {
        Divisor { by, inverse: 1.0 / by as f64 }
    }

    #[inline(always)]
    fn floor(&self, value: i64) -> i64 {
        let near = (value as f64 * self.inverse) as i64;
        let rest = value - near * self.by;
        near + i64::from(rest >= self.by) - i64::from(rest < 0)
    }
}

/// Units east and south of the origin of coordinates; a cell holds its west and its north edge.
#[inline(always)]
fn place(points: &Points, i: usize) -> (i64, i64) {
    let lattice = &points.lattice;
    (lattice.x0 + i64::from(points.x[i]), -(lattice.y0 + i64::from(points.y[i])))
}

/// The columns of a block.
pub(super) struct Columns {
    pub(super) cols: usize,
    pub(super) rows: usize,
    /// Side of a cell, metres.
    pub(super) side: f32,
    pub(super) lattice: Lattice,
    /// Cells between the margin and the block itself.
    ring: usize,
    /// First member of each cell, and the number of members at the end.
    starts: Vec<u32>,
    pub(super) members: Vec<Member>,
    /// Highest ground point of each cell, units above the datum; `i32::MIN` where there is none.
    pub(super) ground: Vec<i32>,
}

impl Columns {
    /// The columns of a block and its ring.
    pub(super) fn sort(cloud: &Cloud, squares: &Squares, block: (i64, i64)) -> Columns {
        let lattice = cloud.points.lattice;
        let ring = squares.along as usize;
        let side = ring * (ALONG as usize + 2) + 2 * MARGIN;
        let mut columns = Columns {
            cols: side,
            rows: side,
            side: (squares.cell as f64 / f64::from(lattice.per_metre)) as f32,
            lattice,
            ring,
            starts: Vec::new(),
            members: Vec::new(),
            ground: vec![i32::MIN; side * side],
        };
        let edge = |block: i64| (block * ALONG - 1) * squares.along * squares.cell;
        columns.fill(cloud, &squares.around(block), (edge(block.0), edge(block.1)), squares.cell);
        columns
    }

    /// Sorts points into the cells; `edges` are the western and northern edge, units from the origin.
    fn fill(&mut self, cloud: &Cloud, numbers: &[u32], edges: (i64, i64), cell: i64) {
        let divisor = Divisor::new(cell);
        let mut starts = vec![0u32; self.len() + 2];
        let mut objects = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let given = cloud.given(number);
            let (east, south) = place(cloud.points, number as usize);
            let (east, south) = (east - edges.0, south - edges.1);
            let (col, row) = (divisor.floor(east) as usize, divisor.floor(south) as usize);
            let cell = (row + MARGIN) * self.cols + col + MARGIN;
            if given == Given::Object {
                starts[cell + 2] += 1;
                objects.push((cell as u32, member(cloud, number, (east, south))));
            } else if given == Given::Ground {
                self.ground[cell] = self.ground[cell].max(cloud.points.z[number as usize]);
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut members = vec![Member::default(); objects.len()];
        for (cell, member) in objects {
            let next = &mut starts[cell as usize + 1];
            members[*next as usize] = member;
            *next += 1;
        }
        starts.pop();
        for pair in starts.windows(2) {
            members[pair[0] as usize..pair[1] as usize].sort_unstable_by_key(|m| (m.z, m.x, m.y, m.number));
        }
        (self.starts, self.members) = (starts, members);
    }

    /// The cells of the block itself.
    pub(super) fn own(&self) -> impl Iterator<Item = usize> + use<> {
        let (around, cols, rows) = (MARGIN + self.ring, self.cols, self.rows);
        (around..rows - around).flat_map(move |row| (around..cols - around).map(move |col| row * cols + col))
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

/// A point of the columns, so many units from their edges.
fn member(cloud: &Cloud, number: u32, (east, south): (i64, i64)) -> Member {
    let i = number as usize;
    let (nth, count) = (cloud.returns.number[i], cloud.returns.count[i]);
    Member {
        x: east as i32,
        y: south as i32,
        z: cloud.points.z[i],
        height: cloud.height[i],
        number,
        pulse: u8::from(count > 1) * SEVERAL + u8::from(nth < count) * PASSED,
    }
}
