//! Where parallelism lives, so that kernels read as serial maths.
//!
//! Rows are independent and each is computed by the same code, so that the number of threads changes no bit.

use crate::frame::Frame;
use crate::grid::Grid;
use rayon::prelude::*;

/// Builds a grid row by row: `fill(row, cells)` sets the cells of one row, which start as `initial`.
pub fn rows<T: Copy + Send + Sync>(
    frame: Frame,
    initial: T,
    fill: impl Fn(usize, &mut [T]) + Send + Sync,
) -> Grid<T> {
    let mut grid = Grid::filled(frame, initial);
    if !frame.is_empty() {
        grid.cells_mut().par_chunks_mut(frame.cols).enumerate().for_each(|(row, cells)| fill(row, cells));
    }
    grid
}
