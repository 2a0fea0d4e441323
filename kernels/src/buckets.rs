//! A cloud sorted into square buckets, so that the points near a position lie together.
//!
//! In: points in any order. Out: the same points without horizontal duplicates, in columns sorted by bucket,
//! and a pyramid of coarser levels with one point per non-empty cell, for searches that cross empty ground.
//!
//! Method: counting sort into row-major buckets (a row of a window is one contiguous range), sides chosen from
//! the density where the points are. Nothing that is computed from the index depends on the side, on the order
//! of the points or on the extent of the cloud. Limits: 4 · 10⁹ points; a few very remote points coarsen all
//! buckets (their number is bounded by that of the points), which costs time, never a result. Cost: three
//! passes, about 25 ns a point; 12 bytes a point beside the consumed columns, and 4 bytes a bucket.

use crate::points::{Lattice, Points};

/// Points that are loaded together; columns end with so many copies of the last point.
pub(crate) const GRAIN: usize = 4;

/// Mean number of points in the buckets that hold any.
const LOAD: f64 = 4.0;

/// How many cells of a level make one of the next, along a side.
const COARSER: usize = 4;

/// Which point stays where several share their easting and northing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicate {
    /// The lowest: bare ground.
    Lowest,
    /// The highest: surfaces.
    Highest,
}

/// Points without horizontal duplicates, indexed by position.
#[derive(Debug, Clone)]
pub struct Buckets {
    lattice: Lattice,
    levels: Vec<Level>,
    z: Vec<i32>,
    len: usize,
}

/// One grid of cells over the cloud and the points in each.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    /// Local coordinates of the south-western corner, in units of the lattice.
    west: f64,
    south: f64,
    /// Side of a cell in units, and its inverse.
    side: f64,
    per_unit: f64,
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    /// Where the points of each cell begin, rows from south to north; one more at the end.
    offsets: Vec<u32>,
    /// Local coordinates by cell, padded by `GRAIN` copies of the last.
    pub(crate) x: Vec<i32>,
    pub(crate) y: Vec<i32>,
    /// Their places in the finest level; empty for the finest level itself.
    places: Vec<u32>,
}

/// A rectangle of cells, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) west: usize,
    pub(crate) east: usize,
    pub(crate) south: usize,
    pub(crate) north: usize,
}

impl Buckets {
    /// Sort the points into buckets; of those that share x and y, keep one.
    ///
    /// Classes are dropped. The points are consumed, to free their memory.
    ///
    /// # Panics
    /// Beyond 4 · 10⁹ points.
    pub fn new(points: Points, keep: Duplicate) -> Buckets {
        let side = bucket_side(&points);
        Buckets::with_side(points, keep, side)
    }

    /// The same with a given side of the buckets, in units of the lattice.
    pub(crate) fn with_side(points: Points, keep: Duplicate, side: f64) -> Buckets {
        let Points { lattice, x, y, z, class } = points;
        drop(class);
        assert!(x.len() < u32::MAX as usize - GRAIN, "an index holds at most 4 billion points");
        let mut base = Level::over(&x, &y, side);
        let mut heights = base.sort(x, y, z);
        base.remove_duplicates(&mut heights, keep);
        let len = base.x.len();
        base.pad();
        let mut levels = vec![base];
        while len > 0 && levels[levels.len() - 1].cells() > COARSER * COARSER {
            let coarser = levels[levels.len() - 1].coarser();
            levels.push(coarser);
        }
        Buckets { lattice, levels, z: heights, len }
    }

    /// Number of points with a position of their own.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What the points count in.
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// Levels, the finest first.
    pub(crate) fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Height of the point at a place of the finest level.
    pub(crate) fn z(&self, place: u32) -> i32 {
        self.z[place as usize]
    }
}

/// The smallest and the largest value; 0 and 0 for none.
fn span(values: &[i32]) -> (i32, i32) {
    let mut least = [i32::MAX; 8];
    let mut most = [i32::MIN; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for lane in 0..8 {
            least[lane] = least[lane].min(chunk[lane]);
            most[lane] = most[lane].max(chunk[lane]);
        }
    }
    let low = least.iter().chain(rest).min().copied().unwrap_or(0);
    let high = most.iter().chain(rest).max().copied().unwrap_or(0);
    if values.is_empty() { (0, 0) } else { (low, high) }
}

/// A side that gives the mean load, from the density around a sample of the points.
fn bucket_side(points: &Points) -> f64 {
    const SAMPLE: usize = 1 << 16;
    const ACROSS: f64 = 64.0;
    let n = points.len();
    if n == 0 {
        return 1.0;
    }
    let ((west, east), (south, north)) = (span(&points.x), span(&points.y));
    let width = f64::from(east) - f64::from(west) + 1.0;
    let height = f64::from(north) - f64::from(south) + 1.0;
    let (wide, high) = (width / ACROSS, height / ACROSS);
    let mut counts = vec![0u32; (ACROSS * ACROSS) as usize];
    let step = n.div_ceil(SAMPLE);
    for at in (0..n).step_by(step) {
        let col = (f64::from(points.x[at]) - f64::from(west)) / wide;
        let row = (f64::from(points.y[at]) - f64::from(south)) / high;
        counts[row as usize * ACROSS as usize + col as usize] += 1;
    }
    // The density that a point meets on average.
    let sampled: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let met: f64 = counts.iter().map(|&count| f64::from(count).powi(2)).sum::<f64>() / sampled;
    let density = met * (n as f64 / sampled) / (wide * high);
    // Never many more buckets than points.
    let side = (LOAD / density).sqrt().max((width * height * 0.25 / n as f64).sqrt());
    side.round().max(1.0)
}

impl Level {
    /// Empty cells over these points.
    fn over(x: &[i32], y: &[i32], side: f64) -> Level {
        let ((west, east), (south, north)) = (span(x), span(y));
        let (west, south) = (f64::from(west), f64::from(south));
        let per_unit = 1.0 / side;
        Level {
            west,
            south,
            side,
            per_unit,
            cols: ((f64::from(east) - west) * per_unit) as usize + 1,
            rows: ((f64::from(north) - south) * per_unit) as usize + 1,
            offsets: Vec::new(),
            x: Vec::new(),
            y: Vec::new(),
            places: Vec::new(),
        }
    }

    fn cells(&self) -> usize {
        self.cols * self.rows
    }

    /// The cell of a point of the cloud. Monotonous in x and in y, so that windows miss no point, whatever
    /// rounding does on the edge of a cell.
    #[inline(always)]
    fn cell(&self, x: i32, y: i32) -> usize {
        let col = ((f64::from(x) - self.west) * self.per_unit) as u32;
        let row = ((f64::from(y) - self.south) * self.per_unit) as u32;
        row as usize * self.cols + col as usize
    }

    /// Counting sort; returns the heights in the new order.
    fn sort(&mut self, x: Vec<i32>, y: Vec<i32>, z: Vec<i32>) -> Vec<i32> {
        let n = x.len();
        let mut offsets = vec![0u32; self.cells() + 2];
        for (&x, &y) in x.iter().zip(&y) {
            offsets[self.cell(x, y) + 2] += 1;
        }
        let mut sum = 0;
        for offset in &mut offsets {
            sum += *offset;
            *offset = sum;
        }
        let mut sorted = (Vec::with_capacity(n + GRAIN), Vec::with_capacity(n + GRAIN), vec![0; n]);
        sorted.0.resize(n, 0);
        sorted.1.resize(n, 0);
        for ((&x, &y), &z) in x.iter().zip(&y).zip(&z) {
            let next = &mut offsets[self.cell(x, y) + 1];
            let at = *next as usize;
            *next += 1;
            sorted.0[at] = x;
            sorted.1[at] = y;
            sorted.2[at] = z;
        }
        offsets.pop();
        self.offsets = offsets;
        (self.x, self.y) = (sorted.0, sorted.1);
        sorted.2
    }

    /// Keep one of the points that share x and y, closing the gaps.
    fn remove_duplicates(&mut self, z: &mut Vec<i32>, keep: Duplicate) {
        let mut sorter = Vec::new();
        // Cells without repetition wait, from `run` on, to be moved together.
        let (mut kept, mut run, mut first) = (0, 0, 0);
        for cell in 0..self.cells() {
            let end = self.offsets[cell + 1] as usize;
            self.offsets[cell] = (kept + first - run) as u32;
            if self.repeats(first, end) {
                kept = self.close_up(z, (run, first), kept);
                kept = self.keep_one_each(z, (first, end), kept, keep, &mut sorter);
                run = end;
            }
            first = end;
        }
        kept = self.close_up(z, (run, first), kept);
        if let Some(last) = self.offsets.last_mut() {
            *last = kept as u32;
        }
        self.x.truncate(kept);
        self.y.truncate(kept);
        z.truncate(kept);
    }

    /// Move a range to `kept`; returns its end there.
    fn close_up(&mut self, z: &mut [i32], (first, end): (usize, usize), kept: usize) -> usize {
        if kept != first {
            self.x.copy_within(first..end, kept);
            self.y.copy_within(first..end, kept);
            z.copy_within(first..end, kept);
        }
        kept + end - first
    }

    /// Whether a range may hold two points of one position; never a wrong no.
    #[inline(always)]
    fn repeats(&self, first: usize, end: usize) -> bool {
        if end - first > 24 {
            return true;
        }
        let (xs, ys) = (&self.x[first..end], &self.y[first..end]);
        for (at, (&x, &y)) in xs.iter().zip(ys).enumerate() {
            let mut same = false;
            for (&ox, &oy) in xs[..at].iter().zip(&ys[..at]) {
                same |= (ox == x) & (oy == y);
            }
            if same {
                return true;
            }
        }
        false
    }

    /// Sort a range and write one of each position from `kept` on; returns where the writing ended.
    fn keep_one_each(
        &mut self,
        z: &mut [i32],
        (first, end): (usize, usize),
        mut kept: usize,
        keep: Duplicate,
        sorter: &mut Vec<(i32, i32, i32)>,
    ) -> usize {
        sorter.clear();
        sorter.extend((first..end).map(|at| (self.x[at], self.y[at], z[at])));
        sorter.sort_unstable();
        if keep == Duplicate::Highest {
            sorter.reverse();
        }
        sorter.dedup_by_key(|&mut (x, y, _)| (x, y));
        for &(px, py, pz) in sorter.iter() {
            (self.x[kept], self.y[kept], z[kept]) = (px, py, pz);
            kept += 1;
        }
        kept
    }

    fn pad(&mut self) {
        let (x, y) = (self.x.last().copied().unwrap_or(0), self.y.last().copied().unwrap_or(0));
        self.x.extend([x; GRAIN]);
        self.y.extend([y; GRAIN]);
    }

    /// The next level: one point of each non-empty block of cells.
    fn coarser(&self) -> Level {
        let (cols, rows) = (self.cols.div_ceil(COARSER), self.rows.div_ceil(COARSER));
        let side = self.side * COARSER as f64;
        let mut level = Level {
            side,
            per_unit: self.per_unit / COARSER as f64,
            cols,
            rows,
            offsets: Vec::with_capacity(cols * rows + 1),
            x: Vec::new(),
            y: Vec::new(),
            places: Vec::new(),
            ..*self
        };
        for row in 0..rows {
            for col in 0..cols {
                level.offsets.push(level.places.len() as u32);
                if let Some(at) = self.some_point(row * COARSER, col * COARSER) {
                    level.x.push(self.x[at]);
                    level.y.push(self.y[at]);
                    level.places.push(self.place(at));
                }
            }
        }
        level.offsets.push(level.places.len() as u32);
        level.pad();
        level
    }

    /// A point of the block of cells that begins here.
    fn some_point(&self, south: usize, west: usize) -> Option<usize> {
        let east = (west + COARSER).min(self.cols) - 1;
        (south..(south + COARSER).min(self.rows)).find_map(|row| {
            let (first, end) = self.range(row, west, east);
            (first < end).then_some(first)
        })
    }

    /// The place in the finest level of a point of this one.
    #[inline(always)]
    pub(crate) fn place(&self, at: usize) -> u32 {
        if self.places.is_empty() { at as u32 } else { self.places[at] }
    }

    /// The points of cells `west..=east` of a row.
    #[inline(always)]
    pub(crate) fn range(&self, row: usize, west: usize, east: usize) -> (usize, usize) {
        let first = row * self.cols;
        (self.offsets[first + west] as usize, self.offsets[first + east + 1] as usize)
    }

    /// Column of an easting, which may lie outside.
    #[inline(always)]
    pub(crate) fn col(&self, x: f64) -> f64 {
        (x - self.west) * self.per_unit
    }

    /// Row of a northing, which may lie outside.
    #[inline(always)]
    pub(crate) fn row(&self, y: f64) -> f64 {
        (y - self.south) * self.per_unit
    }

    /// Local easting of the western edge of a column, to about one unit.
    #[inline(always)]
    pub(crate) fn easting(&self, col: usize) -> f64 {
        self.west + col as f64 * self.side
    }

    /// Local northing of the southern edge of a row, to about one unit.
    #[inline(always)]
    pub(crate) fn northing(&self, row: usize) -> f64 {
        self.south + row as f64 * self.side
    }

    /// Side of a cell, in units.
    pub(crate) fn side(&self) -> f64 {
        self.side
    }

    /// The cells that hold all points of `[west, east] × [south, north]`; `None` where that is outside.
    #[inline(always)]
    pub(crate) fn window(&self, west: f64, east: f64, south: f64, north: f64) -> Option<Window> {
        let (w, e, s, n) = (self.col(west), self.col(east), self.row(south), self.row(north));
        if e < 0.0 || n < 0.0 || w >= self.cols as f64 || s >= self.rows as f64 {
            return None;
        }
        Some(Window {
            west: w.max(0.0) as usize,
            east: (e as usize).min(self.cols - 1),
            south: s.max(0.0) as usize,
            north: (n as usize).min(self.rows - 1),
        })
    }
}

impl Window {
    /// Number of cells.
    pub(crate) fn cells(&self) -> usize {
        (self.east - self.west + 1) * (self.north - self.south + 1)
    }
}
