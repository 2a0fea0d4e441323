//! Distance from each cell centre to the nearest point.
//!
//! In: an index of points, a frame, how far to look. Out: a grid of horizontal distances in metres, missing
//! where no point lies within the reach.
//!
//! Idea: a point near the last centre bounds the distance of the next; from the coarsest level down, only cells
//! that are nearer than the best point so far are opened (branch and bound), so that lakes cost no more than
//! their shores. Distances are compared as whole numbers: any tiling gives the same bits, as long as all
//! points within the reach are there.
//!
//! Source: Fukunaga & Narendra (1975), 10.1109/T-C.1975.224297. Limits: centres are moved to the nearest half unit, as in
//! `tin.rs`; distances above 2²⁶ units are rounded before they are compared. Cost: 0.05 µs a cell where points
//! are dense.

use rayon::prelude::*;

use crate::buckets::{Buckets, Level};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::tin::Centres;
use crate::unit::Metres;

/// Rows of cells that are done in one go.
const ROWS: usize = 64;

/// Horizontal distance in metres from each cell centre to the nearest point; missing beyond `reach`.
pub fn distance(index: &Buckets, frame: &Frame, reach: Metres) -> Grid<f32> {
    let mut cells = vec![f32::NAN; frame.len()];
    if !index.is_empty() && !frame.is_empty() && reach.0 >= 0.0 {
        let centres = Centres::of(frame, index);
        let per_metre = f64::from(index.lattice().per_metre);
        // Whole half units, so that the square of a distance equal to the reach is within.
        let limit = ((reach.0 * per_metre * 2.0).round() / 2.0).powi(2);
        cells.par_chunks_mut(ROWS * frame.cols).enumerate().for_each(|(band, cells)| {
            let mut search = Search::new(index);
            for (row, cells) in cells.chunks_mut(frame.cols).enumerate() {
                let y = centres.y[band * ROWS + row];
                for (cell, &x) in cells.iter_mut().zip(&centres.x) {
                    if let Some(square) = search.nearest(x, y, limit) {
                        *cell = (square.sqrt() / per_metre) as f32;
                    }
                }
            }
        });
    }
    Grid::new(*frame, cells)
}

/// Searches one after the other.
struct Search<'a> {
    levels: &'a [Level],
    /// Nearest point of the last centre.
    last: Option<(f64, f64)>,
    /// Cells still to be opened: level, row, column.
    open: Vec<(usize, usize, usize)>,
}

/// The nearest point so far.
struct Best {
    square: f64,
    at: Option<(f64, f64)>,
}

impl<'a> Search<'a> {
    fn new(index: &'a Buckets) -> Search<'a> {
        Search { levels: index.levels(), last: None, open: Vec::new() }
    }

    /// Squared distance of the nearest point, in units, where it is at most `limit`.
    fn nearest(&mut self, x: f64, y: f64, limit: f64) -> Option<f64> {
        let mut best = Best { square: limit, at: None };
        if let Some(last) = self.last {
            best.try_point(last, x, y);
        }
        self.look(&mut best, x, y);
        self.last = best.at.or(self.last);
        best.at.map(|_| best.square)
    }

    /// Open the cells that can hold a nearer point, the finest at once where they are few.
    fn look(&mut self, best: &mut Best, x: f64, y: f64) {
        let finest = &self.levels[0];
        let reach = best.square.sqrt();
        if reach <= NEAR * finest.side() {
            if let Some(window) = finest.window(x - reach, x + reach, y - reach, y + reach) {
                for row in window.south..=window.north {
                    best.try_range(finest, finest.range(row, window.west, window.east), x, y);
                }
            }
            return;
        }
        self.open.clear();
        let top = self.levels.len() - 1;
        for row in 0..self.levels[top].rows {
            for col in 0..self.levels[top].cols {
                self.open.push((top, row, col));
            }
        }
        while let Some((at, row, col)) = self.open.pop() {
            self.descend(best, (at, row, col), x, y);
        }
    }

    /// Try the points of a finest cell, or open the cells below a coarser one, the nearest last.
    fn descend(&mut self, best: &mut Best, (at, row, col): (usize, usize, usize), x: f64, y: f64) {
        let level = &self.levels[at];
        let range = level.range(row, col, col);
        if range.0 == range.1 || away(level, row, col, x, y) > best.square {
            return;
        }
        best.try_range(level, range, x, y);
        if at == 0 {
            return;
        }
        let finer = &self.levels[at - 1];
        let first = self.open.len();
        for row in (row * 4..row * 4 + 4).filter(|row| *row < finer.rows) {
            for col in (col * 4..col * 4 + 4).filter(|col| *col < finer.cols) {
                let (first, end) = finer.range(row, col, col);
                if first < end && away(finer, row, col, x, y) <= best.square {
                    self.open.push((at - 1, row, col));
                }
            }
        }
        let below = &mut self.open[first..];
        let far = |cell: &(usize, usize, usize)| away(finer, cell.1, cell.2, x, y);
        below.sort_unstable_by(|a, b| far(b).total_cmp(&far(a)));
    }
}

/// Up to so many cells away, all cells are read.
const NEAR: f64 = 2.5;

impl Best {
    #[inline(always)]
    fn try_point(&mut self, (px, py): (f64, f64), x: f64, y: f64) {
        let square = (px - x).powi(2) + (py - y).powi(2);
        if square <= self.square {
            (self.square, self.at) = (square, Some((px, py)));
        }
    }

    #[inline(always)]
    fn try_range(&mut self, level: &Level, (first, end): (usize, usize), x: f64, y: f64) {
        for (&px, &py) in level.x[first..end].iter().zip(&level.y[first..end]) {
            self.try_point((f64::from(px), f64::from(py)), x, y);
        }
    }
}

/// Not more than the squared distance of the points of a cell, which lie in it to about a unit.
#[inline(always)]
fn away(level: &Level, row: usize, col: usize, x: f64, y: f64) -> f64 {
    let beyond = |low: f64, at: f64| (low - at).max(at - low - level.side()) - 2.0;
    let (du, dv) = (beyond(level.easting(col), x).max(0.0), beyond(level.northing(row), y).max(0.0));
    du * du + dv * dv
}
