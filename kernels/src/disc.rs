//! Means of what lies around: discs over a raster, at many places.
//!
//! In: a raster, a frame of places, a radius; out: per place the mean of the cells whose centre is no farther, missing
//! ones left out; missing where too few are known. Each row of the raster is summed up once; a disc then is two
//! look-ups per row. Places whose columns keep step with those of the raster (every cell, every tenth, three to a cell) fall
//! into a few phases, within which all discs cut a row alike. Sums are whole millionths, so that no result depends on where
//! a strip began. Fails where: values beyond ± 10⁹ are taken as missing; the raster ends: the mean of what is known of the
//! disc. Cost: 0.5 ns per place and row of the disc; memory: 12 bytes per cell of the raster.

use crate::frame::Frame;
use crate::grid::Grid;
use crate::par;
use crate::unit::Metres;

/// Fixed-point units of a value.
const UNITS: f64 = (1_u64 << 20) as f64;

/// Largest value that is summed.
const LARGEST: f32 = 1e9;

/// Most phases of places.
const PHASES: usize = 32;

/// A value in whole units: adding 1.5 · 2⁵² leaves no room for a fraction, the rounding is the processor's own. Nothing that
/// is summed comes near 2⁵¹ units.
#[inline(always)]
fn units(value: f32) -> i64 {
    const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;
    (f64::from(value) * UNITS + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits()) as i64
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

/// How the columns of places keep step with those of the raster: every `phases`-th place lies `stride` cells farther.
#[derive(Debug, Clone, Copy)]
struct Pace {
    phases: usize,
    stride: usize,
}

impl Pace {
    /// The pace of places; each place a phase of its own where there is none.
    fn of(places: &Frame, cell: f64) -> Pace {
        let ratio = places.cell.0 / cell;
        let even = |phases: &usize| {
            let stride = ratio * *phases as f64;
            stride > 0.5 && (stride - stride.round()).abs() < 1e-9 * stride
        };
        let phases = (1..=PHASES).find(even);
        phases.map_or(Pace { phases: places.cols.max(1), stride: 1 }, |phases| Pace {
            phases,
            stride: (ratio * phases as f64).round() as usize,
        })
    }
}

/// Sums and counts of a row of places, phase by phase.
struct Gathered {
    /// Places of a phase.
    length: usize,
    sums: Vec<i64>,
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
            sums.extend(grid.row(row).iter().map(|value| {
                sum += if value.abs() < LARGEST { units(*value) } else { 0 };
                sum
            }));
            counts.extend(grid.row(row).iter().map(|value| {
                count += u32::from(value.abs() < LARGEST);
                count
            }));
        }
        RowSums { frame, sums, counts }
    }

    /// Means of discs around the centres of `places`; missing where less than `least` of a disc is known.
    pub fn means(&self, places: &Frame, radius: Metres, least: f64) -> Grid<f32> {
        let cell = self.frame.cell.0;
        let whole = std::f64::consts::PI * (radius.0 / cell).powi(2);
        let few = (least * whole).max(1.0);
        let pace = Pace::of(places, cell);
        let length = places.cols.div_ceil(pace.phases);
        par::rows(*places, f32::NAN, |row, out| {
            let (sums, counts) = (vec![0; length * pace.phases], vec![0; length * pace.phases]);
            let mut gathered = Gathered { length, sums, counts };
            let disc = Discs { y: places.y(row), radius: radius.0.max(cell * 0.5), pace };
            pulp::Arch::new().dispatch(Gather { rows: self, places, disc, gathered: &mut gathered });
            for phase in 0..pace.phases {
                let own = phase * length..(phase + 1) * length;
                let found = gathered.sums[own.clone()].iter().zip(&gathered.counts[own]);
                for (out, (sum, count)) in out.iter_mut().skip(phase).step_by(pace.phases).zip(found) {
                    if f64::from(*count) >= few {
                        *out = (*sum as f64 / UNITS / f64::from(*count)) as f32;
                    }
                }
            }
        })
    }
}

/// The discs of a row of places.
#[derive(Clone, Copy)]
struct Discs {
    /// Northing of their middles.
    y: f64,
    radius: f64,
    pace: Pace,
}

/// Adds up the discs of a row of places; a closure would not be inlined where the wide instructions are.
struct Gather<'a> {
    rows: &'a RowSums,
    places: &'a Frame,
    disc: Discs,
    gathered: &'a mut Gathered,
}

impl pulp::NullaryFnOnce for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Gather { rows: raster, places, disc: Discs { y, radius, pace }, gathered } = self;
        let Frame { west, north, rows, cols, .. } = raster.frame;
        let cell = raster.frame.cell.0;
        // A little slack: centres on the very circle belong to it, whatever the rounding.
        let radius = radius * (1.0 + 1e-9);
        let first = ((north - y - radius) / cell - 0.5).ceil().max(0.0) as usize;
        let last = ((north - y + radius) / cell - 0.5).floor().min(rows as f64 - 1.0);
        if last < 0.0 {
            return;
        }
        for row in first..=last as usize {
            let apart = north - (row as f64 + 0.5) * cell - y;
            let half = (radius * radius - apart * apart).max(0.0).sqrt() / cell;
            let sums = &raster.sums[row * (cols + 1)..][..=cols];
            let counts = &raster.counts[row * (cols + 1)..][..=cols];
            for phase in 0..pace.phases.min(places.cols) {
                let middle = (places.x(phase) - west) / cell - 0.5;
                let span = (ceil(middle - half), floor(middle + half) + 1);
                gathered.add(phase, span, pace.stride as i64, (sums, counts));
            }
        }
    }
}

impl Gathered {
    /// Adds, to the places of a phase, what lies from `from` to before `to` of a row for the first and `stride` farther for each
    /// next one.
    #[inline(always)]
    fn add(&mut self, phase: usize, (from, to): (i64, i64), stride: i64, (row, known): (&[i64], &[u32])) {
        if from >= to {
            return;
        }
        let own = phase * self.length..(phase + 1) * self.length;
        let (sums, counts) = (&mut self.sums[own.clone()], &mut self.counts[own]);
        let (cols, length) = (row.len() as i64 - 1, sums.len() as i64);
        // The places whose span lies within the row; the others, at its ends, one by one.
        let start = ((-from).max(0) + stride - 1) / stride;
        let start = start.min(length);
        let end = if cols < to { 0 } else { ((cols - to) / stride + 1).min(length) }.max(start);
        for place in (0..start).chain(end..length) {
            let bound = |at: i64| (at + place * stride).clamp(0, cols) as usize;
            let (from, to) = (bound(from), bound(to));
            sums[place as usize] += row[to] - row[from];
            counts[place as usize] += known[to] - known[from];
        }
        let inside = start as usize..end as usize;
        let (sums, counts) = (&mut sums[inside.clone()], &mut counts[inside.clone()]);
        let at = |first: i64| (first + start * stride) as usize;
        if sums.is_empty() {
            return;
        }
        if stride == 1 {
            let part = |first: i64| at(first)..at(first) + sums.len();
            let ends = row[part(to)].iter().zip(&row[part(from)]);
            let knowns = known[part(to)].iter().zip(&known[part(from)]);
            sums.iter_mut().zip(ends).for_each(|(sum, (to, from))| *sum += to - from);
            counts.iter_mut().zip(knowns).for_each(|(count, (to, from))| *count += to - from);
        } else {
            let stride = stride as usize;
            let ends = row[at(to)..].iter().step_by(stride).zip(row[at(from)..].iter().step_by(stride));
            let knowns = known[at(to)..].iter().step_by(stride).zip(known[at(from)..].iter().step_by(stride));
            for ((sum, count), ((to, from), (counted, before))) in
                sums.iter_mut().zip(counts).zip(ends.zip(knowns))
            {
                *sum += to - from;
                *count += counted - before;
            }
        }
    }
}

/// Adds the known ones of a row's values to sums and counts.
struct Pile<'a> {
    values: &'a [f32],
    sums: &'a mut [i64],
    counts: &'a mut [u32],
}

impl pulp::NullaryFnOnce for Pile<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((value, sum), count) in self.values.iter().zip(self.sums).zip(self.counts) {
            let known = value.abs() < LARGEST;
            *sum += if known { units(*value) } else { 0 };
            *count += u32::from(known);
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
        // Down first, a row at a time, then across.
        let (mut sums, mut counts) = (vec![0_i64; own.cols], vec![0_u32; own.cols]);
        for source in row * factor..((row + 1) * factor).min(own.rows) {
            let (sums, counts) = (&mut sums, &mut counts);
            pulp::Arch::new().dispatch(Pile { values: grid.row(source), sums, counts });
        }
        for ((out, sums), counts) in out.iter_mut().zip(sums.chunks(factor)).zip(counts.chunks(factor)) {
            let (sum, count) = (sums.iter().sum::<i64>(), counts.iter().sum::<u32>());
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
        // Places at a tenth of the raster's pace, at its own, at three to a cell, at three cells to two, and at none.
        let paces = [10.0, 1.0, 1.0 / 3.0, 1.5, 0.777_77].map(|cell| {
            let (rows, cols) = ((60.0 / cell) as usize, (65.0 / cell) as usize);
            Frame { cell: Metres(cell), rows: rows.min(9), cols, ..places }
        });
        for (places, radius) in
            paces.iter().flat_map(|places| [1.0, 7.5, 20.0].map(|radius| (places, radius)))
        {
            let means = RowSums::of(&grid).means(places, Metres(radius), 0.0);
            for row in 0..places.rows {
                for col in 0..places.cols {
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
