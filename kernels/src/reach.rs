//! How far it is to the nearest marked cell.
//!
//! In: a grid of marks, how far to look; out: the distance in metres between centres, at most the reach. Down the columns
//! first, then along the rows the nearest of the columns' distances (after Felzenszwalb & Huttenlocher 2012,
//! 10.4086/toc.2012.v008a019, without their envelope, as the reach is short). Exact between centres; any window that holds
//! the reach around it gives the same values. Fails nowhere. Cost: a nanosecond a cell and column within reach.

use crate::grid::Grid;
use crate::par;
use crate::unit::Metres;

/// Distances to the nearest marked cell; the reach where there is none within it.
pub fn to_nearest(marked: &Grid<bool>, reach: Metres) -> Grid<f32> {
    let frame = *marked.frame();
    let cell = frame.cell.0;
    let far = (reach.0 / cell).ceil() as usize + 1;
    let down = down(marked, far);
    par::rows(frame, f32::NAN, |row, out| {
        let own = &down[row * frame.cols..(row + 1) * frame.cols];
        for (col, out) in out.iter_mut().enumerate() {
            let (from, to) = (col.saturating_sub(far), (col + far + 1).min(frame.cols));
            let squares = (from..to).map(|other| {
                let (across, along) = (other.abs_diff(col), own[other]);
                across * across + along * along
            });
            let nearest = squares.min().unwrap_or(usize::MAX) as f64;
            *out = (nearest.sqrt() * cell).min(reach.0) as f32;
        }
    })
}

/// Cells to the nearest mark in the own column; `far` where it is farther.
fn down(marked: &Grid<bool>, far: usize) -> Vec<usize> {
    let frame = *marked.frame();
    let mut steps = vec![far; frame.len()];
    for col in 0..frame.cols {
        let mut pass = |rows: &mut dyn Iterator<Item = usize>| {
            let mut since = far;
            for row in rows {
                since = if marked.at(row, col) { 0 } else { (since + 1).min(far) };
                let own = &mut steps[row * frame.cols + col];
                *own = since.min(*own);
            }
        };
        pass(&mut (0..frame.rows));
        pass(&mut (0..frame.rows).rev());
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn distances_are_those_of_all_pairs() {
        let frame = Frame { west: 0.0, north: 0.0, cell: Metres(10.0), rows: 23, cols: 31 };
        let marks: Vec<bool> = (0..frame.len()).map(|cell| (cell * 7919 + 13) % 97 == 0).collect();
        let marked = Grid::new(frame, marks.clone());
        let found = to_nearest(&marked, Metres(75.0));
        for cell in 0..frame.len() {
            let (row, col) = (cell / 31, cell % 31);
            let nearest = (0..frame.len())
                .filter(|other| marks[*other])
                .map(|other| {
                    ((other / 31).abs_diff(row) as f64).hypot((other % 31).abs_diff(col) as f64) * 10.0
                })
                .fold(75.0, f64::min);
            assert!((f64::from(found.at(row, col)) - nearest).abs() < 1e-4, "{row} {col}");
        }
    }

    #[test]
    fn nothing_marked_is_as_far_as_the_reach() {
        let frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: 3, cols: 3 };
        let found = to_nearest(&Grid::filled(frame, false), Metres(5.0));
        assert!(found.cells().iter().all(|value| *value == 5.0));
    }
}
