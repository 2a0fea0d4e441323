//! Means of what lies around: discs over a raster, at many places.
//!
//! In: a raster, a frame of places, a radius; out: per place the mean of the cells whose centre is no farther, missing
//! ones left out; missing where too few are known. Each row of the raster is summed up once; a disc then is two
//! look-ups per row. Sums are whole millionths, so that no result depends on where a strip began. Fails where: values
//! beyond ± 10⁹ are taken as missing; the raster ends: the mean of what is known of the disc. Cost: 1 ns per place and row
//! of the disc; memory: 12 bytes per cell of the raster.

use crate::frame::Frame;
use crate::grid::Grid;
use crate::par;
use crate::unit::Metres;

/// Fixed-point units of a value.
const UNITS: f64 = (1_u64 << 20) as f64;

/// Largest value that is summed.
const LARGEST: f32 = 1e9;

/// A value in whole units, halves away from zero: `f64::round` without a call, exact since a float and a half fit.
#[inline(always)]
fn units(value: f32) -> i64 {
    let scaled = f64::from(value) * UNITS;
    (scaled + 0.5_f64.copysign(scaled)) as i64
}

/// `f64::ceil` without a call.
#[inline(always)]
fn ceil(value: f64) -> i64 {
    let whole = value as i64;
    whole + i64::from((whole as f64) < value)
}

/// `f64::floor` without a call.
#[inline(always)]
fn floor(value: f64) -> i64 {
    let whole = value as i64;
    whole - i64::from((whole as f64) > value)
}

/// Sums of a raster's rows, from their west ends.
#[derive(Debug)]
pub struct RowSums {
    frame: Frame,
    /// `cols + 1` sums a row.
    sums: Vec<i64>,
    /// Known cells, likewise.
    counts: Vec<u32>,
}

impl RowSums {
    /// Sums up the rows.
    pub fn of(grid: &Grid<f32>) -> RowSums {
        let frame = *grid.frame();
        let mut sums = Vec::with_capacity((frame.cols + 1) * frame.rows);
        let mut counts = Vec::with_capacity((frame.cols + 1) * frame.rows);
        for row in 0..frame.rows {
            let (mut sum, mut count) = (0_i64, 0_u32);
            sums.push(0);
            counts.push(0);
            for value in grid.row(row) {
                if value.abs() < LARGEST {
                    sum += units(*value);
                    count += 1;
                }
                sums.push(sum);
                counts.push(count);
            }
        }
        RowSums { frame, sums, counts }
    }

    /// Means of discs around the centres of `places`; missing where less than `least` of a disc is known.
    pub fn means(&self, places: &Frame, radius: Metres, least: f64) -> Grid<f32> {
        let cell = self.frame.cell.0;
        let whole = std::f64::consts::PI * (radius.0 / cell).powi(2);
        par::rows(*places, f32::NAN, |row, out| {
            let mut sums = vec![(0_i64, 0_u32); out.len()];
            self.gather(places, places.y(row), radius.0.max(cell * 0.5), &mut sums);
            for (out, (sum, count)) in out.iter_mut().zip(sums) {
                if f64::from(count) >= (least * whole).max(1.0) {
                    *out = (sum as f64 / UNITS / f64::from(count)) as f32;
                }
            }
        })
    }

    /// Adds the discs of a row of places whose northing is `y`.
    fn gather(&self, places: &Frame, y: f64, radius: f64, sums: &mut [(i64, u32)]) {
        let Frame { west, north, rows, cols, .. } = self.frame;
        let cell = self.frame.cell.0;
        // A little slack: centres on the very circle belong to it, whatever the rounding.
        let radius = radius * (1.0 + 1e-9);
        let first = ((north - y - radius) / cell - 0.5).ceil().max(0.0) as usize;
        let last = ((north - y + radius) / cell - 0.5).floor().min(rows as f64 - 1.0);
        if last < 0.0 {
            return;
        }
        let middles: Vec<f64> = (0..sums.len()).map(|col| (places.x(col) - west) / cell - 0.5).collect();
        let aligned = places.cell.0 == cell;
        for row in first..=last as usize {
            let apart = north - (row as f64 + 0.5) * cell - y;
            let half = (radius * radius - apart * apart).max(0.0).sqrt() / cell;
            let (row_sums, row_counts) =
                (&self.sums[row * (cols + 1)..][..=cols], &self.counts[row * (cols + 1)..][..=cols]);
            let bound = |place: i64| place.clamp(0, cols as i64) as usize;
            let mut one = |col: usize, from: usize, to: usize| {
                if from < to {
                    sums[col].0 += row_sums[to] - row_sums[from];
                    sums[col].1 += row_counts[to] - row_counts[from];
                }
            };
            if aligned {
                // Places as far apart as cells: all discs cut a row alike, most of them within it.
                let (from, to) = (ceil(middles[0] - half), floor(middles[0] + half) + 1);
                let count = middles.len() as i64;
                let inside = (-from).clamp(0, count)..(cols as i64 - to + 1).clamp(0, count);
                let inside = if from < to { inside } else { 0..0 };
                let edges = (0..inside.start.min(inside.end)).chain(inside.end.max(inside.start)..count);
                edges.for_each(|col| one(col as usize, bound(from + col), bound(to + col)));
                if inside.start < inside.end {
                    let (start, wide) = (inside.start as usize, (inside.end - inside.start) as usize);
                    let at = |first: i64| (first + inside.start) as usize..(first + inside.end) as usize;
                    let ends = row_sums[at(to)].iter().zip(&row_sums[at(from)]);
                    let counts = row_counts[at(to)].iter().zip(&row_counts[at(from)]);
                    let own = sums[start..start + wide].iter_mut().zip(ends.zip(counts));
                    own.for_each(|(own, ((to, from), (counted, before)))| {
                        own.0 += to - from;
                        own.1 += counted - before;
                    });
                }
            } else {
                for (col, middle) in middles.iter().enumerate() {
                    one(col, bound(ceil(middle - half)), bound(floor(middle + half) + 1));
                }
            }
        }
    }
}

/// Means of square blocks of `factor` cells a side, missing ones left out; the last blocks may be smaller.
pub fn coarsened(grid: &Grid<f32>, factor: usize) -> Grid<f32> {
    let own = *grid.frame();
    let frame = Frame {
        cell: own.cell * factor as f64,
        rows: own.rows.div_ceil(factor),
        cols: own.cols.div_ceil(factor),
        ..own
    };
    par::rows(frame, f32::NAN, |row, out| {
        let mut sums = vec![(0_i64, 0_u32); out.len()];
        for source in row * factor..((row + 1) * factor).min(own.rows) {
            for (values, (sum, count)) in grid.row(source).chunks(factor).zip(&mut sums) {
                for value in values.iter().filter(|value| value.abs() < LARGEST) {
                    *sum += units(*value);
                    *count += 1;
                }
            }
        }
        for (out, (sum, count)) in out.iter_mut().zip(sums) {
            if count > 0 {
                *out = (sum as f64 / UNITS / f64::from(count)) as f32;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(cell: f64, rows: usize, cols: usize) -> Frame {
        Frame { west: 100.0, north: 500.0, cell: Metres(cell), rows, cols }
    }

    fn wavy(frame: Frame) -> Grid<f32> {
        let cells =
            (0..frame.len()).map(|i| if i % 17 == 3 { f32::NAN } else { (i * 7919 % 101) as f32 / 8.0 });
        Grid::new(frame, cells.collect())
    }

    /// Cell by cell.
    fn by_hand(grid: &Grid<f32>, x: f64, y: f64, radius: f64) -> f32 {
        let frame = grid.frame();
        let (mut sum, mut count) = (0.0, 0.0);
        for row in 0..frame.rows {
            for col in 0..frame.cols {
                let near = (frame.x(col) - x).hypot(frame.y(row) - y) <= radius * (1.0 + 1e-9);
                let value = grid.at(row, col);
                if near && !value.is_nan() {
                    sum += f64::from(value);
                    count += 1.0;
                }
            }
        }
        (sum / count) as f32
    }

    #[test]
    fn means_are_those_counted_cell_by_cell() {
        let grid = wavy(frame(1.0, 40, 50));
        let places = Frame { west: 95.0, north: 505.0, cell: Metres(10.0), rows: 5, cols: 6 };
        for radius in [1.0, 7.5, 20.0] {
            let means = RowSums::of(&grid).means(&places, Metres(radius), 0.0);
            for row in 0..5 {
                for col in 0..6 {
                    let (found, expected) =
                        (means.at(row, col), by_hand(&grid, places.x(col), places.y(row), radius));
                    let same = found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-4;
                    assert!(same, "{radius} {row} {col}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn a_strip_gives_the_bits_of_the_whole() {
        let grid = wavy(frame(1.0, 60, 60));
        let places = Frame { west: 120.0, north: 480.0, cell: Metres(2.0), rows: 10, cols: 10 };
        let part = Frame { west: 110.0, north: 490.0, rows: 45, cols: 48, ..*grid.frame() };
        let whole = RowSums::of(&grid).means(&places, Metres(8.0), 0.1);
        let strip = RowSums::of(&grid.cropped(&part)).means(&places, Metres(8.0), 0.1);
        assert_eq!(whole, strip);
    }

    #[test]
    fn discs_that_are_hardly_known_are_missing() {
        let mut grid = Grid::filled(frame(1.0, 20, 20), f32::NAN);
        grid.cells_mut()[0] = 1.0;
        let places = frame(10.0, 2, 2);
        let means = RowSums::of(&grid).means(&places, Metres(8.0), 0.2);
        assert!(means.cells().iter().all(|cell| cell.is_nan()));
        assert_eq!(RowSums::of(&grid).means(&places, Metres(8.0), 0.0).at(0, 0), 1.0);
    }

    #[test]
    fn blocks_have_the_mean_of_what_is_known() {
        let grid = Grid::new(frame(1.0, 2, 3), vec![1.0, f32::NAN, 5.0, 3.0, 8.0, 7.0]);
        assert_eq!(coarsened(&grid, 2).cells(), [4.0, 6.0]);
    }
}
