//! Fills all voids of a height grid smoothly, as far as there is something around them.
//!
//! In: a grid of heights, missing where NaN, whose cells lie on an absolute lattice. Out: the same cells, with the
//! voids filled from coarse to fine: means of ever larger blocks, interpolated bilinearly where finer ones say
//! nothing, then relaxed towards the mean of the neighbours. Blocks begin at absolute multiples of their size and
//! each cell is computed by the same sums in the same order, so that a tile's cells are those of the whole.
//! Source: Gortler et al. 1996, 10.1145/237170.237200 (pull-push).
//!
//! Fails where: a void is farther than some 60 cells from any height: it stays missing. Looks [`REACH`] cells
//! far. Cost: 10 ns a cell, 20 ns a void cell and pass.

use crate::frame::Frame;
use crate::grid::Grid;

/// Halvings of the resolution: the largest blocks are 32 cells wide.
const LEVELS: usize = 5;
/// Levels from the finest on that are relaxed.
const RELAXED: usize = 3;
/// How often missing blocks of the coarsest level take the mean of their neighbours.
const SPREADS: usize = 2;
/// Most passes of relaxation.
pub const MOST_PASSES: usize = 4;
/// How far a filled cell depends on others, in cells: spreads, the block itself, interpolation, relaxation.
pub const REACH: usize =
    (SPREADS + 1) * (1 << LEVELS) + (1 << (LEVELS + 1)) + MOST_PASSES * ((1 << RELAXED) - 1);

/// One resolution.
struct Level {
    rows: usize,
    cols: usize,
    cells: Vec<f32>,
}

/// Fills the voids, relaxing `passes` times (at most [`MOST_PASSES`]) on each of the finest levels.
pub fn fill(grid: &Grid<f32>, passes: usize) -> Grid<f32> {
    let frame = *grid.frame();
    if !grid.cells().iter().any(|height| height.is_nan()) {
        return grid.clone();
    }
    let passes = passes.min(MOST_PASSES);
    let corner = corner(&frame);
    let mut levels = vec![Level::aligned(grid, corner)];
    for _ in 0..LEVELS {
        let coarser = levels.last().map(Level::halved);
        levels.extend(coarser);
    }
    let mut coarse = levels.pop().unwrap_or(Level { rows: 0, cols: 0, cells: Vec::new() });
    for _ in 0..SPREADS {
        coarse = coarse.spread();
    }
    while let Some(mut fine) = levels.pop() {
        let voids: Vec<usize> = (0..fine.cells.len()).filter(|&at| fine.cells[at].is_nan()).collect();
        for &at in &voids {
            fine.cells[at] = coarse.interpolated(at / fine.cols, at % fine.cols);
        }
        if levels.len() < RELAXED {
            (0..passes).for_each(|_| fine.relax(&voids));
        }
        coarse = fine;
    }
    let cells = (0..frame.rows).flat_map(|row| {
        let first = (row + corner.0) * coarse.cols + corner.1;
        coarse.cells[first..first + frame.cols].iter().copied()
    });
    Grid::new(frame, cells.collect())
}

/// How many cells the frame's corner lies behind the beginning of a block of the coarsest level.
fn corner(frame: &Frame) -> (usize, usize) {
    let block = 1 << LEVELS;
    let behind = |edge: f64| (edge / frame.cell.0).round().rem_euclid(f64::from(block)) as usize;
    (behind(-frame.north), behind(frame.west))
}

impl Level {
    /// The grid, with voids around it up to the borders of the coarsest blocks.
    fn aligned(grid: &Grid<f32>, (down, right): (usize, usize)) -> Level {
        let block = 1 << LEVELS;
        let frame = grid.frame();
        let rows = (down + frame.rows).next_multiple_of(block);
        let cols = (right + frame.cols).next_multiple_of(block);
        let mut cells = vec![f32::NAN; rows * cols];
        for row in 0..frame.rows {
            cells[(row + down) * cols + right..][..frame.cols].copy_from_slice(grid.row(row));
        }
        Level { rows, cols, cells }
    }

    /// Means of blocks of four.
    fn halved(&self) -> Level {
        let (rows, cols) = (self.rows / 2, self.cols / 2);
        let mean = |at: usize| {
            let first = at / cols * 2 * self.cols + at % cols * 2;
            mean([0, 1, self.cols, self.cols + 1].map(|next| self.cells[first + next]))
        };
        Level { rows, cols, cells: (0..rows * cols).map(mean).collect() }
    }

    /// Voids take the mean of their neighbours.
    fn spread(&self) -> Level {
        let cell = |at: usize| if self.cells[at].is_nan() { self.mean_around(at) } else { self.cells[at] };
        Level { rows: self.rows, cols: self.cols, cells: (0..self.cells.len()).map(cell).collect() }
    }

    /// Moves each of the voids to the mean of its neighbours and itself.
    fn relax(&mut self, voids: &[usize]) {
        let means: Vec<f32> = voids.iter().map(|&at| self.mean_around(at)).collect();
        for (&at, mean) in voids.iter().zip(means) {
            if !self.cells[at].is_nan() {
                self.cells[at] = mean;
            }
        }
    }

    /// The mean of the known cells of the 3 × 3 around a cell.
    fn mean_around(&self, at: usize) -> f32 {
        let (row, col) = (at / self.cols, at % self.cols);
        let mut near = [f32::NAN; 9];
        for down in 0..3 {
            for right in 0..3 {
                let (r, c) = ((row + down).wrapping_sub(1), (col + right).wrapping_sub(1));
                if r < self.rows && c < self.cols {
                    near[down * 3 + right] = self.cells[r * self.cols + c];
                }
            }
        }
        mean(near)
    }

    /// The height at the centre of a cell of the next finer level, from the four nearest that are known.
    fn interpolated(&self, row: usize, col: usize) -> f32 {
        let beside = |at: usize, most: usize| {
            let own = at / 2;
            let other = if at.is_multiple_of(2) { own.checked_sub(1) } else { Some(own + 1) };
            (own, other.filter(|&other| other < most))
        };
        let ((r, down), (c, right)) = (beside(row, self.rows), beside(col, self.cols));
        let (mut sum, mut weight) = (0.0, 0.0);
        let corners =
            [(Some(r), Some(c), 9.0), (Some(r), right, 3.0), (down, Some(c), 3.0), (down, right, 1.0)];
        for (r, c, share) in corners {
            let height = r.zip(c).map_or(f32::NAN, |(r, c)| self.cells[r * self.cols + c]);
            if !height.is_nan() {
                sum += share * height;
                weight += share;
            }
        }
        sum / weight
    }
}

/// The mean of the values that are there; missing where none is.
fn mean<const N: usize>(values: [f32; N]) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0_f32);
    for value in values.into_iter().filter(|value| !value.is_nan()) {
        sum += value;
        count += 1.0;
    }
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Metres;

    fn ramp(frame: Frame, void: impl Fn(f64, f64) -> bool) -> Grid<f32> {
        let cells = (0..frame.len()).map(|at| {
            let (x, y) = (frame.x(at % frame.cols), frame.y(at / frame.cols));
            if void(x, y) { f32::NAN } else { (0.1 * x + 0.05 * y) as f32 }
        });
        Grid::new(frame, cells.collect())
    }

    const FRAME: Frame = Frame { west: 1000.0, north: 2200.0, cell: Metres(1.0), rows: 200, cols: 200 };

    #[test]
    fn a_ramp_is_continued_through_a_hole() {
        let hole = |x: f64, y: f64| (x - 1100.0).hypot(y - 2100.0) < 12.0;
        let filled = fill(&ramp(FRAME, hole), 4);
        let whole = ramp(FRAME, |_, _| false);
        let worst = filled.cells().iter().zip(whole.cells()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // The hole spans 2.4 m of height.
        assert!(worst < 0.6, "off by {worst}");
    }

    #[test]
    fn a_far_void_stays_missing() {
        let filled = fill(&ramp(Frame { cols: 1000, ..FRAME }, |x, _| x > 1010.0), 2);
        assert!(filled.at(100, 60).is_finite() && filled.at(100, 700).is_nan());
    }

    #[test]
    fn a_tile_is_filled_as_the_whole() {
        let void =
            |x: f64, y: f64| (x * 7.0 + y * 13.0).rem_euclid(17.0) > 2.0 || (1300.0..1340.0).contains(&x);
        let large = Frame { rows: 700, cols: 700, ..FRAME };
        let whole = fill(&ramp(large, void), 4);
        let part = Frame { west: 1301.0, north: 1861.0, rows: 20, cols: 20, ..FRAME };
        let tile = fill(&ramp(part.padded(REACH), void), 4);
        assert_eq!(tile.cropped(&part), whole.cropped(&part));
    }
}
