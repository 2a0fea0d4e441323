//! Sums over the cells of a raster that a small polygon covers, each weighted by its covered share.
//!
//! In: the corners of a polygon and the frame of a raster. Out: each run of cells with the share of them inside, as
//! [`super::coverage`] finds it. It serves cells of one map over those of another: a cell of EPSG:3035 is a turned
//! quadrilateral in Lambert-93. Fails where: the polygon crosses itself more often than [`super::outline`] bears. Cost:
//! 50 ns a touched cell.

use super::coverage::Coverage;
use super::outline::{Outline, Tangled};
use crate::frame::Frame;
use std::ops::Range;

/// Gives row, columns and covered share of all cells of `frame` that a ring covers; returns the ring's area in cells,
/// with what lies beyond the frame.
///
/// # Errors
/// Where a coordinate is not a number.
pub fn covered(
    ring: &[(f64, f64)],
    frame: &Frame,
    mut take: impl FnMut(usize, Range<usize>, f64),
) -> Result<f64, Tangled> {
    let outline = Outline::new(&[ring], frame)?;
    let area = outline.area();
    let mut coverage = Coverage::new(outline, frame);
    let mut spans = Vec::new();
    for row in coverage.rows() {
        coverage.row(row, &mut spans);
        spans.iter().for_each(|span| take(row, span.start..span.end, span.share));
    }
    Ok(area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Metres;

    #[test]
    fn a_diamond_covers_halves_of_cells() {
        let frame = Frame { west: 0.0, north: 4.0, cell: Metres(1.0), rows: 4, cols: 3 };
        let mut shares = [[0.0; 3]; 4];
        let ring = [(1.0, 1.0), (2.0, 2.0), (1.0, 3.0), (0.0, 2.0)];
        let area = covered(&ring, &frame, |row, cols, share| {
            cols.for_each(|col| shares[row][col] += share);
        });
        assert!((area.unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(shares, [[0.0; 3], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0; 3]]);
    }
}
