//! Zonal statistics: what the cells of a raster say of the area inside a polygon, by exact coverage.
//!
//! In: the rings of a polygon, metres, and strips of a raster from north to south. Out: the share of each cell
//! that lies inside, and of the values weighted by it: area, mean, sum, extremes, deviation, percentiles, classes.
//! A cell cut by the border counts for the part inside. The border is walked through the rows
//! ([`coverage`]), as Baston's exactextract does and as font rasterisers do, each edge adding its signed area; which
//! side of an edge is inside is settled before, by the even-odd rule ([`outline`]), so that neither the winding of
//! rings nor crossings matter. Every sum runs from row to row: strips, threads and the start of a ring change no bit.
//!
//! Fails where: a polygon crosses itself millions of times ([`outline::Tangled`]). Percentiles of more than
//! [`spread::EXACT`] cells come from bins 2⁻¹² wide (relative). Cost: 1 ns per whole cell, 50 ns per cut cell;
//! memory: the outline, and 4 bytes a cell up to `EXACT` where percentiles are wanted.

pub mod coverage;
pub mod inside;
pub mod outline;
pub mod overlap;
pub mod quad;
pub mod spread;
pub mod statistics;
mod sums;

use crate::frame::Frame;
use crate::grid::Grid;
use coverage::{Coverage, Span};
use outline::{Outline, Tangled};
use statistics::{Statistics, Wanted};
use std::ops::Range;

/// Less of a cell than this is not seen: coordinates of millions of metres are that coarse. Sums take it all;
/// extremes, classes and percentiles leave it out.
pub const DUST: f64 = 1e-8;

/// A polygon over a raster, on its way from north to south.
#[derive(Debug)]
pub struct Zone {
    coverage: Coverage,
    statistics: Statistics,
    /// Area of the whole polygon, in cells, inside of the raster or not.
    area: f64,
    spans: Vec<Span>,
    /// Whole cells of the last strip: row, first column, column after the last.
    pub(crate) whole: Vec<(u32, u32, u32)>,
    overlaps: bool,
}

impl Zone {
    /// A polygon of these rings, in the metres of the frame's CRS; shells and holes in any order and winding.
    ///
    /// # Errors
    /// Where it crosses itself too often, or a coordinate is not a number.
    pub fn new(rings: &[&[(f64, f64)]], frame: &Frame, wanted: Wanted) -> Result<Zone, Tangled> {
        let outline = Outline::new(rings, frame)?;
        Ok(Zone {
            area: outline.area(),
            coverage: Coverage::new(outline, frame),
            statistics: Statistics::new(wanted),
            spans: Vec::new(),
            whole: Vec::new(),
            overlaps: false,
        })
    }

    /// The rows of the raster that it touches.
    pub fn rows(&self) -> Range<usize> {
        self.coverage.rows()
    }

    /// The columns of the raster that it touches.
    pub fn cols(&self) -> Range<usize> {
        self.coverage.cols()
    }

    /// Area of the polygon in cells, the part outside of the raster included.
    pub fn area(&self) -> f64 {
        self.area
    }

    /// What was gathered so far.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Whether it was found to share whole cells with another zone.
    pub fn overlaps(&self) -> bool {
        self.overlaps
    }

    /// Settles the percentiles after the zone's last row, and lets its distribution go.
    pub fn finish(&mut self, percentiles: &[f64]) {
        self.statistics.finish(percentiles);
    }

    pub(crate) fn mark_overlap(&mut self) {
        self.overlaps = true;
    }

    /// Gathers a strip whose first cell is `(row, col)` of the raster. Strips come from north to south, each once,
    /// and each holds all of [`Zone::cols`].
    pub fn gather(&mut self, strip: &Grid<f32>, (first_row, first_col): (usize, usize)) {
        self.whole.clear();
        let own = self.rows();
        for row in own.start.max(first_row)..own.end.min(first_row + strip.frame().rows) {
            self.coverage.row(row, &mut self.spans);
            let values = strip.row(row - first_row);
            for span in &self.spans {
                self.statistics.add(span.share, &values[span.start - first_col..span.end - first_col]);
                if span.share == 1.0 {
                    self.whole.push((row as u32, span.start as u32, span.end as u32));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
