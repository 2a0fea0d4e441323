//! Small voids of a surface, interpolated from around; larger ones stay open.
//!
//! In: a grid with missing cells. Out: the same with those cells filled that data enclose. A missing
//! cell looks along eight directions, at most `reach` far:
//!
//! ```text
//!   \ | /      it is filled where at least two of the four lines hit data at both ends:
//!   — ? —      a narrow strip is, the outside of the cloud and the middle of a lake are not.
//!   / | \
//! ```
//!
//! The value is the mean of the hits weighted by the inverse square of their distance (Shepard 1968,
//! 10.1145/800186.810616). A cell depends on nothing farther than `reach`: tiles with that halo agree to
//! the bit. Cost: only the missing cells.

use crate::grid::{Grid, Sample};
use crate::unit::Metres;

/// The eight directions; each is the opposite of the one four places on.
const DIRECTIONS: [(isize, isize); 8] =
    [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)];

/// How many of the four lines must hit data at both ends.
const LINES: usize = 2;

/// How many whole cells the filling looks from a cell.
pub fn ring(reach: Metres, cell: Metres) -> usize {
    (reach.0 / cell.0 + 1e-9) as usize
}

/// Fills the missing cells that data enclose within `reach`.
pub fn small_voids(surface: &Grid<f32>, reach: Metres) -> Grid<f32> {
    let frame = *surface.frame();
    let ring = ring(reach, frame.cell);
    crate::par::rows(frame, f32::MISSING, |row, cells| {
        cells.copy_from_slice(surface.row(row));
        if ring == 0 {
            return;
        }
        for (col, cell) in cells.iter_mut().enumerate().filter(|(_, cell)| cell.is_missing()) {
            *cell = enclosed_mean(surface, row, col, ring);
        }
    })
}

/// The weighted mean of the data around a cell, missing where data do not enclose it.
fn enclosed_mean(surface: &Grid<f32>, row: usize, col: usize, ring: usize) -> f32 {
    let hits = DIRECTIONS.map(|step| first_hit(surface, (row, col), step, ring));
    let lines = (0..4).filter(|&line| hits[line].is_some() && hits[line + 4].is_some()).count();
    if lines < LINES {
        return f32::MISSING;
    }
    let (sum, weights) = hits.iter().flatten().fold((0.0, 0.0), |(sum, weights), &(value, square)| {
        (sum + f64::from(value) / square, weights + 1.0 / square)
    });
    (sum / weights) as f32
}

/// The first value met along a direction, and the square of its distance in cells.
fn first_hit(
    surface: &Grid<f32>,
    from: (usize, usize),
    step: (isize, isize),
    ring: usize,
) -> Option<(f32, f64)> {
    let straight = (step.0 * step.0 + step.1 * step.1) as f64;
    (1..=ring as isize).take_while(|&n| (n * n) as f64 * straight <= (ring * ring) as f64).find_map(|n| {
        let row = from.0.checked_add_signed(n * step.0).filter(|&row| row < surface.frame().rows)?;
        let col = from.1.checked_add_signed(n * step.1).filter(|&col| col < surface.frame().cols)?;
        let value = surface.at(row, col);
        (!value.is_missing()).then_some((value, (n * n) as f64 * straight))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    fn plane(size: usize, hole: impl Fn(usize, usize) -> bool) -> Grid<f32> {
        let frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: size, cols: size };
        let cells = (0..size * size).map(|i| (i / size, i % size));
        let cells = cells.map(|(r, c)| if hole(r, c) { f32::NAN } else { 2.0 * r as f32 + c as f32 });
        Grid::new(frame, cells.collect())
    }

    #[test]
    fn a_hole_in_a_plane_is_that_plane() {
        let filled = small_voids(&plane(7, |r, c| (r, c) == (3, 3)), Metres(2.0));
        assert_eq!(filled.at(3, 3), 9.0);
    }

    #[test]
    fn a_lake_and_the_outside_stay_open() {
        let lake = small_voids(&plane(21, |r, c| (3..18).contains(&r) && (3..18).contains(&c)), Metres(3.0));
        assert!(lake.at(10, 10).is_missing());
        let shore = small_voids(&plane(9, |_, c| c > 4), Metres(3.0));
        assert!(shore.at(4, 5).is_missing());
    }

    #[test]
    fn a_cell_larger_than_the_reach_is_never_filled() {
        assert!(small_voids(&plane(7, |r, c| (r, c) == (3, 3)), Metres(0.9)).at(3, 3).is_missing());
    }
}
